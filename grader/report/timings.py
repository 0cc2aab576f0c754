"""Where the time of a grading went: its phases, and the cases that took longest."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.grade import Grade
from grader.model.quantity import show_seconds
from grader.report.excerpt import clip
from grader.report.facts import PhaseView, phase_views
from grader.report.numbers import count

SLOWEST = 5


@dataclass(frozen=True, slots=True)
class SlowCaseView:
    took: str
    title: str
    criterion: str


@dataclass(frozen=True, slots=True)
class TimingsView:
    """`cases` are the slowest, and `others` says how many more there were and how long they took;
    it is empty where all are shown.
    """

    phases: tuple[PhaseView, ...]
    whole: str
    cases: tuple[SlowCaseView, ...]
    others: str


def timings_view(grade: Grade) -> TimingsView:
    every = [result for line in grade.criteria for result in line.cases]
    slowest = sorted(every, key=lambda result: result.duration, reverse=True)
    rest = slowest[SLOWEST:]
    others = show_seconds(sum(result.duration for result in rest))
    return TimingsView(
        phases=phase_views(grade),
        whole=show_seconds(sum(phase.seconds for phase in grade.phases)),
        cases=tuple(
            SlowCaseView(
                show_seconds(result.duration), clip(result.case.title), result.case.criterion
            )
            for result in slowest[:SLOWEST]
        ),
        others=f"{count(len(rest), 'more case')}: {others}" if rest else "",
    )
