"""One run of a solution against its `expect.toml`."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.verdict import Status
from grader.verify.compare import matches, solution_findings, starter_findings
from grader.verify.finding import Kind, Level
from grader.verify.outcome import Outcome
from tests.unit.verify_outcomes import ended, graded, solution, told

FAILED = {"t::a": "failed"}


@pytest.mark.parametrize(
    ("expect", "outcome"),
    [
        ({"points": 10}, graded(10)),
        ({"points": 3.33}, graded(3.3333)),
        ({"points": [0, 5]}, graded(5, FAILED)),
        ({"criteria": {"echo": [8, 10]}}, graded(8)),
        ({"cases": {"*": ["passed"]}}, graded()),
        ({"cases": {"t::*": ["failed", "passed"], "*a": ["passed"]}}, graded()),
        ({"cases": {"*": ["passed"]}}, graded(verdicts={"t::a": "passed", "t::b": "not_run"})),
        ({"status": "build_failed"}, ended(Status.BUILD_FAILED, "build-time")),
        ({"status": "rejected", "reason": "no-dune"}, ended(Status.REJECTED, "no-dune")),
    ],
)
def test_an_outcome_as_stated(expect: dict[str, Any], outcome: Outcome) -> None:
    assert told(solution_findings(solution(**expect), outcome)) == []


@pytest.mark.parametrize(
    ("expect", "outcome", "case", "sentence"),
    [
        ({"points": 9}, graded(10), "", "gets 10 points where 9 is stated"),
        ({"points": [1, 4]}, graded(4.01), "", "gets 4.01 points where 1 to 4 is stated"),
        ({"criteria": {"echo": [0, 5]}}, graded(6), "", "gets 6 for echo where 0 to 5 is stated"),
        (
            {"cases": {"*": ["failed", "crashed"]}},
            graded(),
            "t::a",
            "is passed where failed or crashed is stated",
        ),
        (
            {"cases": {"*": ["passed"], "t::*": ["passed", "failed"]}},
            graded(verdicts=FAILED),
            "t::a",
            "is failed where passed is stated",
        ),
        (
            {"points": 10},
            ended(Status.BUILD_FAILED, "build-time", "the build ran too long"),
            "",
            "is build_failed (build-time) where graded is stated: the build ran too long",
        ),
        (
            {"status": "build_failed"},
            graded(),
            "",
            "is graded where build_failed is stated",
        ),
        (
            {"status": "build_failed", "reason": "build-time"},
            ended(Status.BUILD_FAILED, "build-failed"),
            "",
            "is build_failed for the reason build-failed where build-time is stated",
        ),
    ],
)
def test_another_outcome_than_stated(
    expect: dict[str, Any], outcome: Outcome, case: str, sentence: str
) -> None:
    found = solution_findings(solution(**expect), outcome)
    assert told(found) == [("other-outcome", case, sentence)]
    assert [(finding.solution, finding.level) for finding in found] == [
        ("accepted/model", Level.PROBLEM)
    ]


def test_a_pattern_that_matches_no_case_is_told() -> None:
    found = solution_findings(solution(cases={"*kil*": ["failed"], "*": ["passed"]}), graded())
    sentence = '"*kil*" under [cases] in its expect.toml matches no case'
    assert told(found) == [("pattern-without-case", "", sentence)]


@pytest.mark.parametrize("kind", ["wrong", "partial"])
def test_a_wrong_solution_that_loses_nothing_is_told_even_if_it_is_stated(kind: str) -> None:
    found = solution_findings(solution(f"{kind}/memory", points=10), graded())
    sentence = f"is {kind} and fails no case; it is said of it: Writes to memory only."
    assert told(found) == [("loses-nothing", "", sentence)]


def test_a_total_is_not_compared_where_a_criterion_could_not_be_tried() -> None:
    outcome = graded(8, {"t::a": "passed", "t::b": "not_run"}, criteria={})
    found = solution_findings(solution(points=10), outcome)
    assert [(finding.kind, finding.level) for finding in found] == [(Kind.NOT_TRIED, Level.NOTE)]
    assert "no case of echo could be tried here" in found[0].sentence


@pytest.mark.parametrize("name", ["accepted/model", "starter"])
def test_a_fault_of_ours_is_blamed_on_nobody(name: str) -> None:
    outcome = ended(Status.INFRA_ERROR, "docker-error", "the engine refused")
    judge = starter_findings if name == "starter" else None
    found = judge(name, outcome) if judge else solution_findings(solution(points=1), outcome)
    assert [(finding.kind, finding.level) for finding in found] == [(Kind.INFRA, Level.FAULT)]
    assert found[0].sentence.endswith("a fault of ours; docker-error: the engine refused")


def test_the_starter_passes_nothing() -> None:
    assert starter_findings("starter", graded(0, {"t::a": "failed", "t::b": "not_run"})) == ()


def test_each_case_that_the_starter_passes_is_told() -> None:
    found = starter_findings("starter", graded(5, {"t::a": "passed", "t::b": "crashed"}))
    sentence = "the starter passes it, and earns points for echo"
    assert told(found) == [("starter-scores", "t::a", sentence)]


def test_a_starter_that_does_not_build_is_told() -> None:
    found = starter_findings("starter", ended(Status.BUILD_FAILED, "build-failed", "no"))
    assert told(found) == [("other-outcome", "", "the starter is build_failed (build-failed): no")]


@pytest.mark.parametrize(
    ("pattern", "name", "whether"),
    [
        ("*", "t.py::test_a[x]", True),
        ("t.py::test_a[?]", "t.py::test_a[x]", True),
        ("t.py::test_a", "t.py::test_a[x]", False),
        ("*test_b*", "t.py::test_a[x]", False),
    ],
)
def test_what_a_pattern_is_about(pattern: str, name: str, whether: bool) -> None:
    assert matches(pattern, name) is whether
