"""A folder into a `Pack`, or into everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from grader.model.assignment import Assignment
from grader.packs.pack import Pack
from grader.packs.problems import PackProblems, Problem, nearest
from grader.packs.reading import read_table, to_model
from grader.packs.rubric import read_rubric
from grader.packs.solutions import read_solutions, solution_names
from grader.packs.suite import suite_problems
from grader.packs.tree import digest_of, pack_files, tree_problems

FILE = "assignment.toml"
_FOLDERS = {
    "starter": "the repository that candidates begin with",
    "suite": "the hidden tests",
    "solutions": "the reference solutions",
}


def load_pack(root: Path, sandboxes: Collection[str] | None = None) -> Pack:
    """The pack in the folder `root`.

    `sandboxes` are the names that `sandbox` may have; None leaves that unchecked. Raises
    PackProblems with all problems at once. Nothing of the pack is imported or run.
    """
    linked = tuple(tree_problems(root))
    if linked:
        # What lies beyond a link that leaves the pack is not even read.
        raise PackProblems(root, linked)
    assignment, assignment_problems = _read_assignment(root, sandboxes)
    rubric, rubric_problems = read_rubric(root)
    solutions, solution_problems = read_solutions(root, rubric)
    problems = (
        *assignment_problems,
        *rubric_problems,
        *_missing(root),
        *suite_problems(root, rubric),
        *solution_problems,
    )
    if problems or assignment is None or rubric.rubric is None:
        raise PackProblems(root, problems)
    digest = digest_of(root, pack_files(root))
    return Pack(root, assignment, rubric.rubric, digest, solutions)


def _read_assignment(
    root: Path, sandboxes: Collection[str] | None
) -> tuple[Assignment | None, tuple[Problem, ...]]:
    data = read_table(root / FILE, FILE)
    if isinstance(data, tuple):
        return None, data
    read = to_model(data, FILE, Assignment)
    named = tuple(_name_problems(root, data, sandboxes))
    return (read, named) if isinstance(read, Assignment) else (None, (*read, *named))


def _name_problems(
    root: Path, data: dict[str, Any], sandboxes: Collection[str] | None
) -> Iterator[Problem]:
    sandbox = data.get("sandbox")
    if sandboxes is not None and isinstance(sandbox, str) and sandbox not in sandboxes:
        close = nearest(sandbox, sandboxes)
        message = f"names no sandbox: {sandbox!r}"
        yield Problem(FILE, message, key="sandbox", suggestion=close)
    run = data.get("run")
    reference = run.get("reference") if isinstance(run, dict) else None
    names = solution_names(root)
    if isinstance(reference, str) and reference not in names:
        message = f"names no solution: solutions/{reference} is missing"
        yield Problem(FILE, message, key="run.reference", suggestion=nearest(reference, names))


def _missing(root: Path) -> Iterator[Problem]:
    brief = root / "brief.md"
    if not brief.is_file():
        yield Problem("brief.md", "is missing: it is all that a candidate reads")
    else:
        yield from _brief_problems(brief)
    for name, purpose in _FOLDERS.items():
        if not (root / name).is_dir():
            yield Problem(f"{name}/", f"is missing: it holds {purpose}")
        elif not pack_files(root / name):
            yield Problem(f"{name}/", f"is empty: it holds {purpose}")


def _brief_problems(brief: Path) -> Iterator[Problem]:
    try:
        if not brief.read_text(encoding="utf-8").strip():
            yield Problem("brief.md", "is empty: it is all that a candidate reads")
    except UnicodeDecodeError:
        yield Problem("brief.md", "is not UTF-8 text")
