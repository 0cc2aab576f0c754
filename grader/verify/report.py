"""Proofs as a table for people and as plain data for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader import escape
from grader.model.quantity import show_seconds
from grader.verify import words
from grader.verify.finding import Finding, Level
from grader.verify.proof import Entry, Proof

_LEVELS = {
    Level.PROBLEM: ("NO", "bold red"),
    Level.FAULT: ("??", "magenta"),
    Level.NOTE: ("note", "yellow"),
}


def print_proof(proof: Proof, console: Console) -> None:
    """The solutions, what was found, and one line that sums up."""
    console.print(_text(f"{proof.pack} {proof.version}".strip(), "bold"))
    if proof.entries:
        console.print(_table(proof))
    for level in _LEVELS:
        for finding in proof.findings:
            if finding.level is level:
                console.print(_line(finding), soft_wrap=True)
    console.print(_summary(proof), soft_wrap=True)
    console.print()


def facts(proofs: Sequence[Proof], code: int) -> dict[str, Any]:
    """JSON-ready. `ok` is true where the exit code is 0; times are seconds."""
    return {
        "format": 1,
        "ok": code == 0,
        "exit_code": code,
        "packs": [
            {
                "pack": proof.pack,
                "path": str(proof.root),
                "version": proof.version,
                "digest": proof.digest,
                "test_functions": proof.functions,
                "solutions": [_entry_facts(proof, entry) for entry in proof.entries],
                "findings": [finding.model_dump(mode="json") for finding in proof.findings],
            }
            for proof in proofs
        ],
    }


def _entry_facts(proof: Proof, entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "expected": entry.expect.model_dump(mode="json") if entry.expect else None,
        "ok": proof.holds(entry.name),
        "runs": [run.model_dump(mode="json") for run in entry.runs],
    }


def _table(proof: Proof) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Solution", overflow="fold")
    table.add_column("Expected", overflow="fold")
    table.add_column("Got", overflow="fold")
    table.add_column("Time", no_wrap=True, justify="right")
    table.add_column("", no_wrap=True)
    for entry in proof.entries:
        holds = proof.holds(entry.name)
        table.add_row(
            _text(entry.name),
            _text(words.expected(entry.expect) if entry.expect else "passes no case"),
            _text(words.got(entry.runs)),
            _text(show_seconds(max(run.seconds for run in entry.runs))),
            Text("ok", "green") if holds else Text("NO", "bold red"),
        )
    return table


def _line(finding: Finding) -> Text:
    mark, style = _LEVELS[finding.level]
    place = f"{finding.place}: " if finding.place else ""
    said = _text(f" {finding.kind.value}: {place}{finding.sentence}", width=600)
    return Text(mark, style).append(said)


def _summary(proof: Proof) -> Text:
    return _text(f"{', '.join(_counts(proof))}: {_conclusion(proof)}")


def _counts(proof: Proof) -> Iterator[str]:
    cases = {case.id for entry in proof.entries for run in entry.runs for case in run.cases}
    runs = [run for entry in proof.entries for run in entry.runs]
    yield _count(len(proof.entries) or proof.solutions, "solution")
    yield _count(len(cases), "case") if cases else _count(proof.functions, "test function")
    if runs:
        seeds = f"{min(run.seed for run in runs)}"
        yield f"{_count(len(runs), 'run')} from seed {seeds}"
    levels = Counter(finding.level for finding in proof.findings)
    for level, noun in ((Level.PROBLEM, "problem"), (Level.FAULT, "fault"), (Level.NOTE, "note")):
        if levels[level]:
            yield _count(levels[level], noun)


def _conclusion(proof: Proof) -> str:
    levels = {finding.level for finding in proof.findings}
    if Level.PROBLEM in levels:
        return "the pack does not prove itself"
    if Level.FAULT in levels:
        return "not proved, because of a fault of ours"
    return "everything is as stated" if proof.entries else "its structure is right"


def _count(amount: int, noun: str) -> str:
    return f"{amount} {noun}{'s' * (amount != 1)}"


def _text(value: str, style: str = "", width: int = 400) -> Text:
    return Text(escape.one_line(value, width), style)
