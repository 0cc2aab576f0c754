"""Runs held against each other, and cases against all solutions."""

from __future__ import annotations

import pytest

from grader.model.assignment import Criterion, CriterionKind, Rubric
from grader.model.verdict import Status
from grader.packs import Expectation
from grader.verify.across import changed, dead_cases, marks_and_rubric, never_tried
from grader.verify.finding import Level
from grader.verify.outcome import EXCLUSIVE, Outcome, outcome_of
from tests import builders
from tests.unit.verify_outcomes import case, ended, graded, told


def runs_of(*verdicts: str) -> list[Outcome]:
    return [graded(verdicts={"t::a": verdict}) for verdict in verdicts]


def test_the_same_verdict_in_every_run_is_told_of_nobody() -> None:
    assert list(changed("accepted/model", None, runs_of("passed", "passed", "passed"))) == []


def test_a_changed_verdict_is_counted() -> None:
    [finding] = changed("accepted/model", None, runs_of("passed", "failed", "passed"))
    assert (finding.solution, finding.case, finding.level) == (
        "accepted/model",
        "t::a",
        Level.PROBLEM,
    )
    assert finding.sentence == "changed between 3 runs: failed in 1, passed in 2"


def test_a_case_that_measures_may_waver() -> None:
    runs = [graded(cases=(case("t::a", v, exclusive=True),)) for v in ("passed", "failed")]
    [finding] = changed("accepted/model", None, runs)
    assert finding.level is Level.NOTE


@pytest.mark.parametrize(
    ("cases", "verdicts", "told_of"),
    [
        ({"*": ("failed", "timed_out")}, ("failed", "timed_out"), 0),
        ({"*": ("failed", "passed")}, ("failed", "passed"), 1),
        ({}, ("failed", "timed_out"), 1),
        ({"*b": ("failed", "timed_out")}, ("failed", "timed_out"), 1),
        ({"*": ("failed", "not_run")}, ("failed", "not_run"), 1),
    ],
    ids=["two-stated-failures", "may-pass", "unstated", "stated-of-another", "not-always-run"],
)
def test_two_ways_of_failing_are_one_where_both_are_stated(
    cases: dict[str, tuple[str, ...]], verdicts: tuple[str, ...], told_of: int
) -> None:
    expect = Expectation.model_validate({"cases": cases, "points": 0, "says": "-"})
    assert len(list(changed("wrong/slow", expect, runs_of(*verdicts)))) == told_of


def test_a_changed_status_is_told_and_a_fault_of_ours_is_no_change() -> None:
    fault = ended(Status.INFRA_ERROR, "docker-error")
    assert list(changed("accepted/model", None, [graded(), fault, graded()])) == []
    failed = ended(Status.BUILD_FAILED, "build-time")
    [finding] = changed("accepted/model", None, [graded(), fault, failed])
    assert finding.sentence == "changed between 2 runs: build_failed in 1, graded in 1"


def test_a_case_that_no_defect_fails_is_dead_and_the_good_ones_do_not_count() -> None:
    runs = {
        "accepted/model": [graded(verdicts={"t::a": "failed", "t::b": "passed"})],
        "wrong/x": [graded(verdicts={"t::a": "passed", "t::b": "failed"})],
        "partial/y": [graded(verdicts={"t::a": "passed", "t::b": "passed"})],
        "starter": [graded(verdicts={"t::a": "failed", "t::b": "failed"})],
    }
    [finding] = dead_cases(runs)
    assert (finding.case, finding.level) == ("t::a", Level.NOTE)


def test_a_case_that_was_not_run_is_not_dead_but_not_tried() -> None:
    runs = {"wrong/x": [graded(verdicts={"t::a": "not_run", "t::b": "failed"})]}
    assert list(dead_cases(runs)) == []
    [finding] = never_tried(runs)
    assert (finding.kind.value, finding.case) == ("not-tried", "t::a")


RUBRIC = Rubric(
    criteria=(
        Criterion(id="echo", title="Echo", points=10),
        Criterion(id="speed", title="Speed", points=10),
        Criterion(id="taste", title="Taste", kind=CriterionKind.REVIEWED),
    )
)


def test_marks_and_rubric_match_both_ways() -> None:
    outcome = graded(cases=(case("t::a"), case("t::b", criterion="taste")))
    assert told(list(marks_and_rubric(RUBRIC, {"accepted/model": [outcome]}))) == [
        ("marks-and-rubric", "", "no case counts for the criterion speed of rubric.toml"),
        ("marks-and-rubric", "t::b", "counts for the criterion taste, which a person reviews"),
    ]


def test_a_rubric_is_not_blamed_where_nothing_was_run() -> None:
    outcome = ended(Status.BUILD_FAILED, "build-failed")
    assert list(marks_and_rubric(RUBRIC, {"accepted/model": [outcome]})) == []


def test_what_is_kept_of_a_grade() -> None:
    slow = builders.case_result("t::slow", criterion="speed")
    tagged = slow.model_copy(update={"case": slow.case.model_copy(update={"tags": (EXCLUSIVE,)})})
    grade = builders.grade(
        criteria=(
            builders.line("functional", builders.case_result("t::a"), earned=100),
            builders.line("speed", tagged, earned=None),
        )
    )
    outcome = outcome_of(grade, 1.23456)
    assert (outcome.points, outcome.out_of, outcome.seconds) == (100, 100, 1.235)
    assert outcome.criteria == {"functional": 100}
    assert [(each.id, each.exclusive) for each in outcome.cases] == [
        ("t::a", False),
        ("t::slow", True),
    ]
