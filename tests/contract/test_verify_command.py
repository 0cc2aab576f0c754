"""`grade verify --structure`: the part of the command that needs no Docker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli.verify import verify
from grader.packs.new import new_pack


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verify, ["--structure", *arguments], standalone_mode=False)


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`example`, in order, and `awry`, which cannot be loaded, beside the packs that ship."""
    root = tmp_path / "packs"
    new_pack("example", root)
    (new_pack("awry", root) / "brief.md").unlink()
    monkeypatch.setenv("GRADE_ASSIGNMENTS", str(root))
    monkeypatch.setenv("GRADE_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return root


def test_a_pack_in_order(packs: Path) -> None:
    result = run("example")
    assert result.return_value == 0
    assert result.stdout.split("\n")[:2] == [
        "example 0.1.0",
        "2 solutions, 2 test functions: its structure is right",
    ]


def test_every_pack_is_looked_at_when_none_is_named(packs: Path) -> None:
    result = run("--json")
    assert result.return_value == 3
    found = {pack["pack"]: pack for pack in json.loads(result.stdout)["packs"]}
    assert {"example", "awry", "camelkv"} <= set(found)
    assert [finding["kind"] for finding in found["awry"]["findings"]] == ["pack-problem"]
    assert found["example"]["findings"] == []


def test_a_pack_that_cannot_be_loaded_does_not_hide_the_next(packs: Path) -> None:
    result = run("awry", "example")
    assert result.return_value == 3
    assert "NO pack-problem: brief.md: is missing" in result.stdout
    assert "example 0.1.0" in result.stdout
