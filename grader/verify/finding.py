"""What a verification found: one fact each, with the solution and the case it is about."""

from __future__ import annotations

from enum import StrEnum

from grader.model.base import Value


class Kind(StrEnum):
    """The values are stable: they are what machines match on."""

    PACK = "pack-problem"
    SOLUTIONS = "missing-solutions"
    MARKS = "marks-and-rubric"
    BRIEF = "no-sentence-of-brief"
    OUTCOME = "other-outcome"
    PATTERN = "pattern-without-case"
    LOSES_NOTHING = "loses-nothing"
    STARTER = "starter-scores"
    UNSTABLE = "changed-verdict"
    INFRA = "infra-error"
    DEAD = "dead-case"
    NOT_TRIED = "not-tried"


class Level(StrEnum):
    """A problem means that the pack does not prove itself; a note is for its author to weigh.

    `FAULT` is ours: the pack was not proved, and is not blamed.
    """

    PROBLEM = "problem"
    NOTE = "note"
    FAULT = "fault"


class Finding(Value):
    """`solution` and `case` are empty where the finding is about neither."""

    kind: Kind
    sentence: str
    solution: str = ""
    case: str = ""
    level: Level = Level.PROBLEM

    @property
    def place(self) -> str:
        """`wrong/silent, test_echo.py::test_x`, or an empty string."""
        return ", ".join(part for part in (self.solution, self.case) if part)
