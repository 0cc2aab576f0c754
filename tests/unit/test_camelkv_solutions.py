"""The mutants of camelkv are its model with one small mistake each."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from grader.packs import Solution, find_pack
from grader.packs.tree import pack_files

PACK = find_pack("camelkv", (Path(__file__).resolve().parents[2] / "assignments",))
WRONG = [solution for solution in PACK.solutions() if solution.name.startswith("wrong/")]
REWRITES = {"wrong/pong-to-everything"}
"""Those that are meant to share little with the model."""

MOST_LINES = 40


def changed_lines(solution: Solution) -> list[str]:
    model = PACK.solution("accepted/model")
    return [
        line
        for path in pack_files(solution.path)
        if path != "expect.toml"
        for line in difflib.ndiff(
            (model / path).read_text().splitlines(), (solution.path / path).read_text().splitlines()
        )
        if line[0] in "+-"
    ]


@pytest.mark.parametrize("solution", WRONG, ids=lambda solution: solution.name)
def test_a_mutant_is_one_small_change(solution: Solution) -> None:
    assert solution.expect.changes == "accepted/model"
    changed = changed_lines(solution)
    assert changed, "it is the model itself"
    assert len(changed) <= MOST_LINES or solution.name in REWRITES, "\n".join(changed)


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 12
