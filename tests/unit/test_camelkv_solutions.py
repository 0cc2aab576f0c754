"""A wrong solution of camelkv is its model with one change: a later fix must reach them all."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

SOLUTIONS = Path(__file__).resolve().parents[2] / "assignments" / "camelkv" / "solutions"
MODEL = SOLUTIONS / "accepted" / "model"
WRONG = sorted((SOLUTIONS / "wrong").iterdir())
REWRITES = {"pong-to-everything"}
"""Those that are meant to share little with the model."""

MOST_LINES = 40


def source_files(root: Path) -> dict[str, list[str]]:
    """What is compiled: everything but tests, documents and the stated outcome."""
    return {
        str(path.relative_to(root)): path.read_text().splitlines()
        for path in root.rglob("*")
        if path.is_file()
        and path.relative_to(root).parts[0] in ("bin", "lib", "dune-project", ".ocamlformat")
    }


@pytest.mark.parametrize("folder", WRONG, ids=lambda folder: folder.name)
def test_a_wrong_solution_is_the_model_with_one_change(folder: Path) -> None:
    model, wrong = source_files(MODEL), source_files(folder)
    assert set(wrong) == set(model)
    changed = [
        line
        for name in model
        for line in difflib.ndiff(model[name], wrong[name])
        if line[0] in "+-"
    ]
    assert changed, "it is the model itself"
    assert len(changed) <= MOST_LINES or folder.name in REWRITES, "\n".join(changed)


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 12
