"""One case with all its evidence, for a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from grader import escape
from grader.model.limits import Limits
from grader.model.results import CaseResult
from grader.model.untrusted import Untrusted
from grader.report.cases import case_view
from grader.report.excerpt import Excerpt, Ration

ROOM = 400_000
"""Bytes of a candidate's text that are shown of one case."""


def print_case(result: CaseResult, limits: Limits, console: Console) -> None:
    """Print verdict, difference, programs and transcript; nothing in them is parsed as markup."""
    view = case_view(
        result, number_in_report=1, worth=result.case.points, opened=True, limits=limits,
        ration=Ration(ROOM),
    )  # fmt: skip
    _line(console, f"{view.word}: {view.title}", "bold")
    _line(console, view.id, "dim")
    _line(console, f"Brief: {view.brief}" if view.brief else view.explanation)
    if view.reason is not None:
        _line(console, view.reason)
    for name, excerpt in (("expected", view.expected), ("seen", view.seen), ("", view.message)):
        _block(console, name, excerpt)
    for hit in view.limits_hit:
        _line(console, f"limit hit: {hit}")
    for program in view.programs:
        console.print()
        _line(console, f"{program.role}: {program.command}", "bold")
        _line(console, f"  {program.ended}; {program.used}")
        _block(console, "  stdout", program.stdout)
        _block(console, "  stderr", program.stderr)
    console.print()
    for step in view.steps:
        head, *rest = escape.terminal(step.text.text).rstrip("\n").split("\n")
        _line(console, f"{step.at:>8}  {step.word:<9} {head}")
        for more in rest:
            _line(console, f"{'':20}{more}")
    _line(console, view.steps_note, "dim")


def _block(console: Console, name: str, excerpt: Excerpt | None) -> None:
    if excerpt is None:
        return
    if name:
        _line(console, f"{name}:")
    for line in escape.terminal(excerpt.text).rstrip("\n").split("\n"):
        _line(console, f"    {line}")


def _line(console: Console, value: Untrusted | str, style: str = "") -> None:
    text = escape.one_line(value, 400)
    if text:
        console.print(Text(text, style), soft_wrap=True)
