"""The first assignment, as its users meet it."""

from __future__ import annotations

from grader.model.verdict import Verdict
from tests.acceptance.conftest import CAMELKV, Command


def test_its_structure_is_right_and_every_case_quotes_the_brief(grade: Command) -> None:
    run = grade("verify", "camelkv", "--structure")
    assert run.code == 0, run.stdout


def test_the_model_solution_earns_everything(grade: Command) -> None:
    run = grade("submit", CAMELKV / "solutions" / "accepted" / "model", "-a", "camelkv", "--json")
    assert run.code == 0, run.stderr
    result = run.grade()
    lost = [
        (case.case.id, case.verdict.value, case.explanation)
        for line in result.criteria
        for case in line.cases
        if case.verdict is not Verdict.PASSED
    ]
    assert lost == []
    assert result.score is not None
    assert result.score.points == 100


def test_the_starter_builds_and_earns_nothing(grade: Command) -> None:
    run = grade("submit", CAMELKV / "starter", "-a", "camelkv", "--json")
    assert run.code == 1, run.stderr
    result = run.grade()
    assert result.build is not None
    assert result.build.artifact is not None
    assert result.score is not None
    assert result.score.points == 0


def test_a_wrong_solution_loses_where_it_is_wrong(grade: Command) -> None:
    """It acknowledges a write before the write is in the log."""
    wrong = CAMELKV / "solutions" / "wrong" / "reply-before-log"
    result = grade("submit", wrong, "-a", "camelkv", "--json").grade()
    earned = {line.criterion.id: line.earned for line in result.criteria}
    assert earned["functional"] == 34
    assert earned["protocol"] == 22
    assert earned["durability"] is not None
    assert earned["durability"] < 20
