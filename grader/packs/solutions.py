"""The reference solutions of a pack and whether their stated outcomes can be true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.model.verdict import Status
from grader.packs.expect import Expectation, PointRange
from grader.packs.pack import Solution
from grader.packs.problems import Problem, nearest
from grader.packs.reading import read_model
from grader.packs.rubric import RubricReading
from grader.packs.tree import pack_files

KINDS = ("accepted", "partial", "wrong")


def read_solutions(
    root: Path, rubric: RubricReading
) -> tuple[tuple[Solution, ...], tuple[Problem, ...]]:
    """The solutions under `solutions/<kind>/<name>/` that can be read, and what is wrong."""
    found: list[Solution] = []
    problems: list[Problem] = []
    for kind in _folders(root / "solutions"):
        if kind not in KINDS:
            message = f"is not a kind of solution; the kinds are {', '.join(KINDS)}"
            close = nearest(kind, KINDS)
            problems.append(Problem(f"solutions/{kind}", message, suggestion=close))
            continue
        for name in _folders(root / "solutions" / kind):
            path = root / "solutions" / kind / name
            file = f"solutions/{kind}/{name}/expect.toml"
            expect = read_model(path / "expect.toml", file, Expectation)
            if isinstance(expect, tuple):
                problems += expect
            else:
                problems += _expectation_problems(file, kind, expect, rubric)
                found.append(Solution(f"{kind}/{name}", path, expect))
    problems += _change_problems(found)
    return tuple(found), tuple(problems)


def solution_names(root: Path) -> tuple[str, ...]:
    """The names of the solution folders, whether or not they are right."""
    return tuple(f"{kind}/{name}" for kind in KINDS for name in _folders(root / "solutions" / kind))


def _folders(place: Path) -> list[str]:
    if not place.is_dir():
        return []
    entries = (entry for entry in place.iterdir() if entry.is_dir() and not entry.is_symlink())
    return sorted(entry.name for entry in entries if entry.name[0] not in "._")


def _expectation_problems(
    file: str, kind: str, expect: Expectation, rubric: RubricReading
) -> Iterator[Problem]:
    graded = expect.status is Status.GRADED
    if graded and expect.points is None and not expect.criteria and not expect.cases:
        yield Problem(file, "must state points, criteria or cases: what does this solution get?")
    if graded and expect.reason is not None:
        message = "is for a status other than 'graded', which has no reason"
        yield Problem(file, message, key="reason")
    if expect.status is Status.INFRA_ERROR:
        yield Problem(file, "is never the outcome of a solution: it is our own fault", key="status")
    if not graded and kind == "accepted":
        yield Problem(file, "must be 'graded' for an accepted solution", key="status")
    if not graded and (expect.criteria or expect.cases):
        message = f"cannot be stated: a submission that is {expect.status.value!r} runs no case"
        yield Problem(file, message, key="criteria" if expect.criteria else "cases")
    yield from _range_problems(file, "points", expect.points, _total(rubric))
    points_of = {criterion.id: criterion.points for criterion in rubric.automatic}
    for name, points in expect.criteria.items():
        if rubric.readable and name not in rubric.ids:
            close = nearest(name, rubric.ids)
            yield Problem(file, "is not a criterion", key=f"criteria.{name}", suggestion=close)
        elif any(name == criterion.id for criterion in rubric.criteria) and name not in points_of:
            message = "is a reviewed criterion, which has no points"
            yield Problem(file, message, key=f"criteria.{name}")
        else:
            yield from _range_problems(file, f"criteria.{name}", points, points_of.get(name))


def _change_problems(found: list[Solution]) -> Iterator[Problem]:
    """A solution changes a whole one, in files that the whole one has."""
    whole = {solution.name: solution for solution in found if solution.expect.changes is None}
    for solution in found:
        base = solution.expect.changes
        if base is None:
            continue
        file = f"solutions/{solution.name}/expect.toml"
        if base not in whole:
            message, close = f"names no whole solution: {base}", nearest(base, sorted(whole))
            yield Problem(file, message, key="changes", suggestion=close)
            continue
        for path in pack_files(solution.path):
            if not (whole[base].path / path).is_file():
                message = f"is not in {base}, which the solution only changes"
                yield Problem(f"solutions/{solution.name}/{path}", message)


def _total(rubric: RubricReading) -> float | None:
    if rubric.rubric is None:
        return None
    return sum(criterion.points for criterion in rubric.automatic)


def _range_problems(
    file: str, key: str, points: PointRange | None, most: float | None
) -> Iterator[Problem]:
    if points is None:
        return
    low, high = points
    if low > high:
        yield Problem(file, f"goes from {low:g} down to {high:g}; write the lowest first", key=key)
    elif most is not None and high > most:
        message = f"allows {high:g}, and the rubric gives {most:g} at most"
        yield Problem(file, message, key=key)
