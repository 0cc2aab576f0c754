"""Points from cases: weights, gates, and what could not be measured."""

from __future__ import annotations

import pytest

from grader.errors import PackError
from grader.model.assignment import Criterion, CriterionKind, Gate, Rubric
from grader.model.results import Case, CaseResult
from grader.model.verdict import Verdict
from grader.stages.score import score_criteria, total


def result(criterion: str, verdict: Verdict, points: float = 1.0) -> CaseResult:
    case = Case(id=f"{criterion}-{verdict}-{points}", title="t", criterion=criterion, points=points)
    return CaseResult(case=case, verdict=verdict)


def rubric(*criteria: Criterion) -> Rubric:
    return Rubric(criteria=criteria)


FUNCTIONAL = Criterion(id="functional", title="Functional", points=40)
SPEED = Criterion(
    id="speed", title="Speed", points=10, gate=Gate(criterion="functional", at_least=80)
)


@pytest.mark.parametrize(
    ("verdicts", "earned"),
    [
        ([Verdict.PASSED, Verdict.PASSED], 40.0),
        ([Verdict.PASSED, Verdict.FAILED], 20.0),
        ([Verdict.PASSED, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.MEMORY_EXCEEDED], 10.0),
        ([Verdict.PASSED, Verdict.NOT_RUN], 40.0),
        ([Verdict.FAILED, Verdict.SKIPPED], 0.0),
        ([Verdict.NOT_RUN, Verdict.INFRA_ERROR], None),
        ([], None),
    ],
)
def test_points_follow_the_weight_of_what_could_be_tried(
    verdicts: list[Verdict], earned: float | None
) -> None:
    scored = score_criteria(rubric(FUNCTIONAL), [result("functional", v) for v in verdicts])
    assert scored[0].earned == earned


def test_a_heavier_case_earns_more() -> None:
    cases = [result("functional", Verdict.PASSED, 3), result("functional", Verdict.FAILED, 1)]
    assert score_criteria(rubric(FUNCTIONAL), cases)[0].earned == 30.0


def test_a_closed_gate_gives_nothing_and_says_so() -> None:
    cases = [
        result("functional", Verdict.PASSED),
        result("functional", Verdict.FAILED),
        result("speed", Verdict.PASSED),
    ]
    speed = score_criteria(rubric(FUNCTIONAL, SPEED), cases)[1]
    assert speed.earned == 0.0
    assert "80 %" in speed.gated


def test_an_open_gate_changes_nothing() -> None:
    cases = [result("functional", Verdict.PASSED), result("speed", Verdict.PASSED)]
    speed = score_criteria(rubric(FUNCTIONAL, SPEED), cases)[1]
    assert (speed.earned, speed.gated) == (10.0, "")


def test_a_reviewed_criterion_has_no_points_of_its_own() -> None:
    craft = Criterion(
        id="craft", title="Craft", kind=CriterionKind.REVIEWED, levels=("a", "b", "c", "d")
    )
    scored = score_criteria(rubric(FUNCTIONAL, craft), [result("functional", Verdict.PASSED)])
    assert scored[1].earned is None
    assert total(scored, 50).out_of == 40


def test_what_was_not_measured_leaves_the_total() -> None:
    scored = score_criteria(
        rubric(FUNCTIONAL, Criterion(id="faults", title="Faults", points=60)),
        [result("functional", Verdict.PASSED), result("faults", Verdict.NOT_RUN)],
    )
    score = total(scored, 60)
    assert (score.points, score.out_of, score.percent, score.passed) == (40, 40, 100, True)


@pytest.mark.parametrize(("passed", "verdict"), [(True, 60.0), (False, 60.1)])
def test_the_pass_mark_is_reached_by_being_equal_to_it(passed: bool, verdict: float) -> None:
    cases = [result("functional", Verdict.PASSED, 3), result("functional", Verdict.FAILED, 2)]
    assert total(score_criteria(rubric(FUNCTIONAL), cases), verdict).passed is passed


def test_nothing_measured_is_never_a_pass() -> None:
    assert total(score_criteria(rubric(FUNCTIONAL), []), 0).passed is False


def test_a_case_without_a_rubric_line_is_the_packs_fault() -> None:
    with pytest.raises(PackError, match="rubric"):
        score_criteria(rubric(FUNCTIONAL), [result("typo", Verdict.PASSED)])
