"""Cases to points. A case that could not be tried counts neither for nor against the candidate."""

from __future__ import annotations

from collections.abc import Iterable

from grader.errors import PackError
from grader.model.assignment import Criterion, CriterionKind, Gate, Rubric
from grader.model.grade import CriterionResult, Score
from grader.model.results import CaseResult
from grader.model.verdict import Verdict


def score_criteria(rubric: Rubric, results: Iterable[CaseResult]) -> tuple[CriterionResult, ...]:
    """Every criterion of the rubric with its cases, in the rubric's order, gates applied."""
    by_criterion: dict[str, list[CaseResult]] = {line.id: [] for line in rubric.criteria}
    for result in results:
        if result.case.criterion not in by_criterion:
            raise PackError(
                "unknown-criterion",
                f"case {result.case.id} names criterion {result.case.criterion!r},"
                " which rubric.toml does not have",
            )
        by_criterion[result.case.criterion].append(result)
    ungated = {line.id: _earned(line, by_criterion[line.id]) for line in rubric.criteria}
    points = {line.id: line.points for line in rubric.criteria}
    return tuple(
        _result(line, tuple(by_criterion[line.id]), ungated, points) for line in rubric.criteria
    )


def total(criteria: Iterable[CriterionResult], pass_mark: float) -> Score:
    """The points of what could be measured; `percent` is compared with the pass mark."""
    measured = [result for result in criteria if result.earned is not None]
    points = sum(result.earned or 0.0 for result in measured)
    out_of = sum(result.criterion.points for result in measured)
    percent = 100.0 * points / out_of if out_of else 0.0
    return Score(
        points=round(points, 4),
        out_of=out_of,
        percent=round(percent, 4),
        pass_mark=pass_mark,
        passed=out_of > 0 and percent + 1e-9 >= pass_mark,
    )


def _earned(criterion: Criterion, cases: list[CaseResult]) -> float | None:
    """Points in proportion to the weight of the cases that passed; `None` if none was tried."""
    counted = [result for result in cases if result.verdict.counts]
    weight = sum(result.case.points for result in counted)
    if criterion.kind is CriterionKind.REVIEWED or weight == 0:
        return None
    passed = sum(r.case.points for r in counted if r.verdict is Verdict.PASSED)
    return round(criterion.points * passed / weight, 4)


def _result(
    criterion: Criterion,
    cases: tuple[CaseResult, ...],
    ungated: dict[str, float | None],
    points: dict[str, float],
) -> CriterionResult:
    earned = ungated[criterion.id]
    gate = criterion.gate
    if earned is None or gate is None or _open(gate, ungated, points):
        return CriterionResult(criterion=criterion, earned=earned, cases=cases)
    sentence = (
        f"Counts only when {gate.criterion} reaches {gate.at_least:g} % of its points; it did not."
    )
    return CriterionResult(criterion=criterion, earned=0.0, cases=cases, gated=sentence)


def _open(gate: Gate, ungated: dict[str, float | None], points: dict[str, float]) -> bool:
    earned, out_of = ungated[gate.criterion], points[gate.criterion]
    return bool(out_of) and 100.0 * (earned or 0.0) / out_of + 1e-9 >= gate.at_least
