"""The rubric's lines: points of the automatic ones, levels of those a person judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model.assignment import CriterionKind
from grader.model.grade import CriterionResult
from grader.model.verdict import Verdict
from grader.report.cases import CaseView
from grader.report.excerpt import clip, few
from grader.report.numbers import count, number, share
from grader.report.wording import Tone, tally

LINES = 60
"""More lines than this of a rubric are only in grade.json."""

Place = tuple[int, int]
"""Which criterion and which of its cases, counted from 0."""


@dataclass(frozen=True, slots=True)
class CriterionView:
    """`figure` is `12.5 of 20`; `share` the same in percent, for a bar."""

    anchor: str
    title: str
    about: str
    look_at: str
    figure: str
    share: str
    tone: Tone
    cases_passed: str
    sentence: str
    gate: str
    cases: tuple[CaseView, ...]
    cases_note: str


@dataclass(frozen=True, slots=True)
class ReviewedView:
    """A criterion for a person: `levels` from the weakest to the strongest."""

    title: str
    about: str
    look_at: str
    levels: tuple[str, ...]


def worths(line: CriterionResult) -> tuple[float, ...]:
    """The points that each case moves: its part of what counted in its criterion."""
    total = sum(each.case.points for each in line.cases if each.verdict.counts)
    one = line.criterion.points / total if total > 0 else 0.0
    return tuple(each.case.points * one if each.verdict.counts else 0.0 for each in line.cases)


def lost(line: CriterionResult) -> float:
    return 0.0 if line.earned is None else max(0.0, line.criterion.points - line.earned)


def criterion_views(
    lines: tuple[CriterionResult, ...], views: Mapping[Place, CaseView]
) -> tuple[CriterionView, ...]:
    return tuple(
        _criterion_view(line, [views.get((place, index)) for index in range(len(line.cases))])
        for place, line in enumerate(lines[:LINES])
        if line.criterion.kind is CriterionKind.AUTOMATIC
    )


def reviewed_views(lines: tuple[CriterionResult, ...]) -> tuple[ReviewedView, ...]:
    return tuple(
        ReviewedView(
            title=clip(line.criterion.title),
            about=clip(line.criterion.about, 1000),
            look_at=clip(line.criterion.look_at, 1000),
            levels=few(line.criterion.levels, 8),
        )
        for line in lines[:LINES]
        if line.criterion.kind is CriterionKind.REVIEWED
    )


def figure(line: CriterionResult) -> str:
    whole = number(line.criterion.points)
    if line.earned is None:
        return f"not measured ({whole})"
    return f"{number(line.earned, below=line.criterion.points)} of {whole}"


def cases_passed(line: CriterionResult) -> str:
    counted = [case for case in line.cases if case.verdict.counts]
    passed = sum(case.verdict is Verdict.PASSED for case in counted)
    if not counted:
        return "no case run"
    return f"{passed:,} of {len(counted):,} passed"


def _criterion_view(line: CriterionResult, cases: list[CaseView | None]) -> CriterionView:
    shown = tuple(sorted((case for case in cases if case is not None), key=_rank))
    missing = len(cases) - len(shown)
    return CriterionView(
        anchor=anchor(line),
        title=clip(line.criterion.title),
        about=clip(line.criterion.about, 1000),
        look_at=clip(line.criterion.look_at, 1000),
        figure=figure(line),
        share=share(line.earned or 0.0, line.criterion.points),
        tone=_tone(line),
        cases_passed=cases_passed(line),
        sentence=tally(line.cases),
        gate=clip(line.gated, 600),
        cases=shown,
        cases_note=f"{count(missing, 'further case')} in grade.json" if missing else "",
    )


def _rank(case: CaseView) -> int:
    """Failed cases come first, then those that do not count; else the suite's order stands."""
    return {Tone.BAD: 0, Tone.OPEN: 1}.get(case.tone, 2)


def anchor(line: CriterionResult) -> str:
    return f"criterion-{line.criterion.id}"


def _tone(line: CriterionResult) -> Tone:
    if line.earned is None:
        return Tone.OPEN
    if line.earned >= line.criterion.points:
        return Tone.GOOD
    return Tone.PART if line.earned > 0 else Tone.BAD
