"""Packs: a right one loads, and a wrong one says everything that is wrong with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.errors import PackError, UsageError
from grader.model.verdict import Status, Verdict
from grader.packs import (
    Expectation,
    PackProblems,
    find_pack,
    list_packs,
    load_pack,
    sandbox_names,
    suite_outline,
)
from grader.packs.new import new_pack
from tests.unit.packs.examples import EXAMPLES, HERE, SANDBOXES, lay_over, problems_in

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_pack("example", tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.name))
def test_every_problem_is_reported_at_once(root: Path, example: Path) -> None:
    lay_over(root, example)
    assert problems_in(root) == (example / "problems.txt").read_text().splitlines()


def test_problems_exit_3_and_never_show_an_address(root: Path) -> None:
    lay_over(root, HERE / "misspelt-keys")
    with pytest.raises(PackError) as caught:
        load_pack(root, SANDBOXES)
    text = caught.value.render()
    assert caught.value.exit_code == 3
    assert caught.value.code == "pack-problems"
    assert "http" not in text
    assert "pydantic" not in text


def test_a_new_pack_is_complete(root: Path) -> None:
    pack = load_pack(root, SANDBOXES)
    assert pack.assignment.id == "example"
    assert [solution.name for solution in pack.solutions()] == ["accepted/model", "wrong/silent"]
    assert pack.solution("accepted/model") == root / "solutions" / "accepted" / "model"
    assert set(pack.suite_files()) == {"test_echo.py"}
    assert "PACK_NAME" not in "".join(
        file.read_text() for file in root.rglob("*") if file.is_file()
    )


def test_an_expectation_reads_numbers_ranges_and_verdicts(root: Path) -> None:
    (root / "solutions/wrong/silent/expect.toml").write_text(
        'points = [1, 2.5]\nsays = "Slow."\n[criteria]\necho = 2\n[cases]\n"*" = ["timed_out"]\n'
    )
    expect = load_pack(root).solutions()[1].expect
    assert expect.status is Status.GRADED
    assert expect.points == (1, 2.5)
    assert expect.criteria == {"echo": (2, 2)}
    assert expect.cases == {"*": (Verdict.TIMED_OUT,)}


@pytest.mark.parametrize(
    ("case", "verdict", "allowed"),
    [
        ("test_echo.py::test_kill[0]", Verdict.FAILED, True),
        ("test_echo.py::test_kill[0]", Verdict.CRASHED, True),
        ("test_echo.py::test_kill[0]", Verdict.PASSED, False),
        ("test_echo.py::test_kill[1]", Verdict.CRASHED, False),
        ("test_echo.py::test_other", Verdict.PASSED, True),
    ],
)
def test_an_expectation_judges_cases_by_every_pattern_that_matches(
    case: str, verdict: Verdict, allowed: bool
) -> None:
    """Brackets are no pattern: they are what ids of parametrised cases are made of."""
    expect = Expectation(
        says="x",
        cases={
            "*::test_kill*": (Verdict.FAILED, Verdict.CRASHED),
            "*test_kill[1]": (Verdict.FAILED, Verdict.PASSED),
        },
    )
    assert expect.allows(case, verdict) is allowed


def test_a_failing_build_is_an_outcome_too(root: Path) -> None:
    (root / "solutions/wrong/silent/expect.toml").write_text(
        'status = "build_failed"\nreason = "compile-error"\nsays = "Does not compile."\n'
    )
    expect = load_pack(root).solutions()[1].expect
    assert (expect.status, expect.reason) == (Status.BUILD_FAILED, "compile-error")


def test_sandbox_names_are_checked_only_where_they_are_known(root: Path) -> None:
    assert load_pack(root).assignment.sandbox == "ocaml"
    with pytest.raises(PackProblems) as caught:
        load_pack(root, ["ocaml-cxx", "ocalm"])
    assert [problem.suggestion for problem in caught.value.problems] == ["ocalm"]


def test_the_digest_follows_names_and_contents_and_nothing_else(root: Path) -> None:
    before = load_pack(root).digest
    (root / "brief.md").chmod(0o755)
    (root / "suite" / "__pycache__").mkdir()
    (root / "suite" / "__pycache__" / "test_echo.pyc").write_bytes(b"x")
    (root / ".git").mkdir()
    (root / ".git" / "HEAD").write_text("x")
    (root / "brief.md~").write_text("x")
    (root / "suite" / ".test_echo.py.swp").write_text("x")
    assert load_pack(root).digest == before
    assert set(load_pack(root).suite_files()) == {"test_echo.py"}
    copy = root.parent / "copy"
    shutil.copytree(root, copy)
    assert load_pack(copy).digest == before
    (root / "notes.md").rename(root / "notes.txt")
    renamed = load_pack(root).digest
    (root / "notes.txt").write_text("other")
    assert len({before, renamed, load_pack(root).digest}) == 3


def test_bytes_that_move_between_files_change_the_digest(root: Path) -> None:
    (root / "a").write_text("1")
    (root / "b").write_text("23")
    before = load_pack(root).digest
    (root / "a").write_text("12")
    (root / "b").write_text("3")
    assert load_pack(root).digest != before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/etc/hostname", "leaves the pack"),
        ("../../elsewhere", "leaves the pack"),
        ("../starter", "does not lead to a file"),
        ("nowhere", "does not lead to a file"),
    ],
)
def test_a_link_must_lead_to_a_file_of_the_pack(root: Path, target: str, words: str) -> None:
    (root / "suite" / "link").symlink_to(target)
    (problem,) = problems_in(root)
    assert problem.startswith("suite/link: ")
    assert words in problem


def test_a_linked_folder_is_not_entered(root: Path) -> None:
    outside = root.parent / "outside"
    shutil.move(root / "suite", outside)
    (root / "suite").symlink_to(outside)
    assert problems_in(root) == ["suite: is a symbolic link that leaves the pack"]


def test_a_link_to_a_file_of_the_pack_counts_as_that_file(root: Path) -> None:
    (root / "suite" / "brief.md").symlink_to("../brief.md")
    assert load_pack(root).suite_files()["brief.md"] == (root / "brief.md").read_bytes()


def test_a_suite_is_never_run(root: Path) -> None:
    trap = root.parent / "trap"
    suite = root / "suite" / "test_echo.py"
    suite.write_text(f"open({str(trap)!r}, 'w')\n" + suite.read_text())
    suite_outline(load_pack(root))
    assert not trap.exists()


def test_the_outline_tells_titles_and_the_sentences_they_rest_on(root: Path) -> None:
    suite = root / "suite" / "test_echo.py"
    suite.write_text(
        suite.read_text()
        + '\n\nclass TestMore:\n    async def test_it(self):\n        """No such thing.\n\n'
        + '        Brief: "It sings\n        and dances."\n        """\n'
    )
    (file,) = suite_outline(load_pack(root))
    assert (file.file, file.criterion) == ("test_echo.py", "echo")
    first, *_, last = file.cases
    assert first.title == "Every byte comes back in order"
    assert first.brief == "It sends back every byte it receives, unchanged and in order."
    assert first.in_brief
    assert (last.title, last.brief, last.in_brief) == (
        "No such thing",
        "It sings and dances.",
        False,
    )


def test_a_solution_is_found_by_name_or_the_nearest_one_is_named(root: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(root).solution("accepted/modle")
    assert caught.value.code == "unknown-solution"
    assert "accepted/model" in caught.value.render()


def test_a_pack_is_found_by_name_and_by_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_pack("example", [root.parent]).root == root
    assert find_pack(str(root), []).root == root
    monkeypatch.chdir(root.parent)
    assert find_pack("example", []).assignment.id == "example"
    assert find_pack("./example", []).assignment.id == "example"


def test_the_first_root_wins(root: Path, tmp_path: Path) -> None:
    other = new_pack("example", tmp_path / "other")
    assert find_pack("example", [other.parent, root.parent]).root == other
    assert find_pack("example", [root.parent, other.parent]).root == root


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exampel", "'example'"),
        ("zzz", "known: example"),
        ("./nowhere", "assignment.toml is missing"),
        ("\x1b[31m", "\\\\x1b"),
    ],
)
def test_an_unknown_assignment_is_one_clear_sentence(root: Path, name: str, words: str) -> None:
    with pytest.raises(PackError) as caught:
        find_pack(name, [root.parent])
    assert caught.value.code == "unknown-assignment"
    assert words in caught.value.render()


def test_a_pack_goes_by_the_name_of_its_folder(root: Path) -> None:
    moved = root.rename(root.parent / "another")
    with pytest.raises(PackProblems, match="'example'"):
        find_pack("another", [moved.parent])
    assert find_pack(str(moved), []).assignment.id == "example"


def test_a_pack_without_its_first_file_is_a_wrong_pack_and_not_an_unknown_one(root: Path) -> None:
    (root / "assignment.toml").unlink()
    with pytest.raises(PackProblems) as caught:
        find_pack("example", [root.parent])
    assert [str(problem) for problem in caught.value.problems] == ["assignment.toml: is missing"]


def test_a_list_shows_wrong_packs_as_well(root: Path) -> None:
    wrong = new_pack("awry", root.parent)
    lay_over(wrong, HERE / "broken-toml")
    awry, example = list_packs([root.parent])
    assert (example.name, example.points, example.problems) == ("example", 10, ())
    assert awry.name == "awry"
    assert len(awry.problems) == 2


@pytest.mark.parametrize("name", ["", "Echo", "1st", "a/b", "..", "a" * 41, "a_b", "x\n"])
def test_a_new_pack_needs_a_fit_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        new_pack(name, tmp_path)
    assert caught.value.code == "bad-name"
    assert list(tmp_path.iterdir()) == []


def test_a_new_pack_leaves_what_exists_alone(root: Path) -> None:
    (root / "brief.md").write_text("mine")
    with pytest.raises(UsageError) as caught:
        new_pack("example", root.parent)
    assert caught.value.code == "pack-exists"
    assert (root / "brief.md").read_text() == "mine"


def test_the_packs_that_ship_are_right() -> None:
    sandboxes = sandbox_names([PROJECT / "sandboxes"])
    packs = list_packs([PROJECT / "assignments"], sandboxes)
    assert [str(problem) for pack in packs for problem in pack.problems] == []


def test_a_sandbox_for_submissions_builds_and_runs(tmp_path: Path) -> None:
    """The examiner is a sandbox too, and none that an assignment may name."""
    for name, roles in {"ocaml": ("build", "run"), "examiner": ("examiner",)}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "sandbox.toml").write_text(
            "".join(f'[images.{role}]\ntarget = "{role}"\n' for role in roles)
        )
    assert sandbox_names([tmp_path]) == {"ocaml"}
