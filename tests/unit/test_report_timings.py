"""Where the time went: the view, and what a terminal shows of it."""

from __future__ import annotations

import io

from rich.console import Console

from grader.model.grade import Phase
from grader.report.terminal import print_timings
from grader.report.timings import timings_view
from tests.builders import case_result, grade, line


def cases(*seconds: float) -> tuple[object, ...]:
    return tuple(
        case_result(f"test_a.py::test_{place}", title=f"Case {place}", duration=took)
        for place, took in enumerate(seconds)
    )


def test_the_five_slowest_cases_are_named_and_the_others_summed_up() -> None:
    every = cases(0.1, 7.0, 0.2, 5.0, 0.3, 6.0, 0.4)
    view = timings_view(grade(criteria=(line("functional", *every),)))  # type: ignore[arg-type]
    assert [case.title for case in view.cases] == [f"Case {n}" for n in (1, 5, 3, 6, 4)]
    assert view.cases[0].took == "7 s"
    assert view.others == "2 more cases: 0.3 s"


def test_phases_come_in_their_order_with_their_sum() -> None:
    phases = (Phase(name="build", seconds=1.0), Phase(name="examine", seconds=3.0))
    view = timings_view(grade(phases=phases))
    assert [(phase.name, phase.share) for phase in view.phases] == [
        ("build", "25"),
        ("examine", "75"),
    ]
    assert view.whole == "4 s"


def test_a_grade_without_cases_shows_its_phases_only() -> None:
    out = io.StringIO()
    print_timings(grade(criteria=()), Console(file=out, highlight=False, width=80))
    assert "Where the time went: 5.32 s" in out.getvalue()
    assert "slowest" not in out.getvalue()


def test_a_title_cannot_steer_the_terminal() -> None:
    out = io.StringIO()
    evil = case_result(title="\x1b[2J[bold]x[/bold]")
    shown = grade(criteria=(line("functional", evil),))
    print_timings(shown, Console(file=out, highlight=False, width=80))
    assert "\x1b" not in out.getvalue()
    assert "\\x1b[2J[bold]x[/bold]" in out.getvalue()
