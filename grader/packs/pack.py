"""A pack that was read and found right."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.errors import PackError
from grader.model.assignment import Assignment, Rubric
from grader.packs.expect import Expectation
from grader.packs.problems import nearest
from grader.packs.tree import pack_files


@dataclass(frozen=True, slots=True)
class Solution:
    """A reference solution: `name` is `accepted/model`, `path` its repository.

    Where `expect.changes` names another, `path` holds only what differs; see `lay_out`.
    """

    name: str
    path: Path
    expect: Expectation


@dataclass(frozen=True, slots=True)
class Pack:
    """An assignment's folder. `digest` is the sha256 over its files, see `digest_of`."""

    root: Path
    assignment: Assignment
    rubric: Rubric
    digest: str
    all_solutions: tuple[Solution, ...]

    @property
    def starter(self) -> Path:
        return self.root / "starter"

    def brief(self) -> str:
        """The text of `brief.md`."""
        return (self.root / "brief.md").read_text(encoding="utf-8")

    def suite_files(self) -> dict[str, bytes]:
        """The hidden suite: path relative to `suite/` -> content."""
        suite = self.root / "suite"
        return {path: (suite / path).read_bytes() for path in pack_files(suite)}

    def solutions(self) -> tuple[Solution, ...]:
        """Every reference solution, in the order of their names."""
        return self.all_solutions

    def solution(self, name: str) -> Path:
        """The folder of the solution `accepted/model`; PackError where there is none."""
        for solution in self.all_solutions:
            if solution.name == name:
                return solution.path
        close = nearest(name, [solution.name for solution in self.all_solutions])
        raise PackError(
            "unknown-solution",
            f"assignment {self.assignment.id} has no solution {name!r}",
            details=(f"perhaps you meant {close!r}",) if close else (),
            hint=f"grade assignment show {self.assignment.id} lists them",
        )
