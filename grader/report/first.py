"""What to look at first: where the points went, the largest loss on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.model.grade import CriterionResult
from grader.report.cases import CaseView
from grader.report.criteria import Place, anchor, lost, worths
from grader.report.excerpt import clip
from grader.report.numbers import count, number
from grader.report.wording import VERDICTS, Tone

GROUPS, CASES = 6, 3


@dataclass(frozen=True, slots=True)
class LossView:
    """One criterion that lost points, and the cases that cost most."""

    title: str
    anchor: str
    lost: str
    gate: str
    cases: tuple[CaseView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Loss:
    """`places` of the failed cases, the dearest first; `shown` are those a reader is led to."""

    line: CriterionResult
    points: float
    places: tuple[Place, ...]

    @property
    def shown(self) -> tuple[Place, ...]:
        return self.places[:CASES]


def losses(lines: tuple[CriterionResult, ...]) -> tuple[Loss, ...]:
    found = [
        Loss(line, lost(line), _failed(place, line))
        for place, line in enumerate(lines)
        if lost(line) > 0
    ]
    return tuple(sorted(found, key=lambda loss: -loss.points)[:GROUPS])


def loss_views(found: tuple[Loss, ...], views: Mapping[Place, CaseView]) -> tuple[LossView, ...]:
    return tuple(_loss_view(loss, views) for loss in found)


def _loss_view(loss: Loss, views: Mapping[Place, CaseView]) -> LossView:
    cases = tuple(views[place] for place in loss.shown if place in views)
    rest = len(loss.places) - len(cases)
    points = number(loss.points)
    return LossView(
        title=clip(loss.line.criterion.title),
        anchor=anchor(loss.line),
        lost=f"{points} {'point' if points == '1' else 'points'} lost",
        gate=clip(loss.line.gated, 600),
        cases=cases,
        more=f"and {count(rest, 'more case')}" if rest else "",
    )


def _failed(place: int, line: CriterionResult) -> tuple[Place, ...]:
    worth = worths(line)
    bad = [at for at, case in enumerate(line.cases) if VERDICTS[case.verdict].tone is Tone.BAD]
    return tuple((place, at) for at in sorted(bad, key=lambda at: -worth[at]))
