"""`grade assignment`: what it prints and how it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli.assignment import assignment
from grader.errors import PackError, UsageError
from grader.packs import PackProblems
from grader.packs.new import new_pack


def run(*arguments: str) -> Result:
    return CliRunner().invoke(assignment, list(arguments))


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packs beside those that ship: `example`, and `awry` with a problem."""
    root = tmp_path / "packs"
    new_pack("example", root)
    (new_pack("awry", root) / "brief.md").unlink()
    monkeypatch.setenv("GRADE_ASSIGNMENTS", str(root))
    monkeypatch.chdir(tmp_path)
    return root


def test_list_has_a_line_for_each_pack(packs: Path) -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "awry has 1 problem: grade assignment show awry" in lines
    assert "example 0.1.0 10 points example: an echo server" in lines
    assert lines == sorted(lines)


def test_list_for_machines(packs: Path) -> None:
    packed = {pack["name"]: pack for pack in json.loads(run("list", "--json").stdout)}
    assert len(packed["awry"]["problems"]) == 1
    assert packed["example"]["points"] == 10
    assert packed["example"]["problems"] == []


def test_show_tells_criteria_limits_and_solutions(packs: Path) -> None:
    text = run("show", "example").stdout
    assert "60 percent of 10 points" in text
    assert "echo         10 points  2 test functions  Echoes every byte" in text
    assert "readability  reviewed   4 levels" in text
    assert "memory 256 MiB, 1 CPU, 128 processes" in text
    assert "wrong/silent    0 points   Reads everything and never answers." in text
    assert "quotes no sentence" not in text


def test_show_names_cases_that_rest_on_no_sentence_of_the_brief(packs: Path) -> None:
    brief = packs / "example" / "brief.md"
    brief.write_text(brief.read_text().replace("unchanged", "as it is"))
    assert run("show", "example").stdout.splitlines()[-2:] == [
        "cases whose docstring quotes no sentence of brief.md",
        "  test_echo.py::test_every_byte_comes_back",
    ]


def test_show_for_machines(packs: Path) -> None:
    shown = json.loads(run("show", "--json", "example").stdout)
    echo, readability = shown["criteria"]
    assert [case["name"] for case in echo["cases"]] == [
        "test_every_byte_comes_back",
        "test_a_silent_client_delays_nobody",
    ]
    assert readability["kind"] == "reviewed"
    assert shown["limits"]["run"]["memory"] == 256 << 20
    assert [solution["name"] for solution in shown["solutions"]] == [
        "accepted/model",
        "wrong/silent",
    ]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("show", "exampel"), PackError),
        (("show", "awry"), PackProblems),
        (("new", "Bad Name"), UsageError),
        (("new", "packs"), UsageError),
    ],
)
def test_failures_are_left_to_the_one_place_that_prints_them(
    packs: Path, arguments: tuple[str, ...], kind: type[Exception]
) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, kind)
    assert result.stdout == ""


def test_new_prints_the_folder_and_what_to_do_next(packs: Path, tmp_path: Path) -> None:
    result = run("new", "tiny", "--into", "mine")
    assert result.exit_code == 0
    assert result.stdout == "mine/tiny\n"
    assert "grade assignment show ./mine/tiny" in result.stderr
    assert "0 points" in run("show", "./mine/tiny").stdout


def test_the_module_imports_nothing_slow() -> None:
    script = (
        "import sys, grader.cli.assignment\n"
        "print(*{'pydantic', 'rich', 'docker', 'jinja2'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == ""
