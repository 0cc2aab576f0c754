"""`expect.toml`: the outcome that a reference solution must get, stated by the pack's author."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from grader.model.assignment import RelativePath, Slug
from grader.model.base import Value
from grader.model.verdict import Status, Verdict


def _read_range(value: Any) -> Any:
    # bool is an int to Python; `points = true` is a slip, and the tuple below refuses it.
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (float(value), float(value))
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError("write one number, or a list of the lowest and the highest")
        return tuple(value)
    raise ValueError("write one number, or a list of the lowest and the highest")


_Points = Annotated[float, Field(ge=0)]

PointRange = Annotated[
    tuple[_Points, _Points],
    BeforeValidator(_read_range, json_schema_input_type=_Points | tuple[_Points, _Points]),
]
"""The lowest and the highest number of points allowed; a single number in TOML means both."""


class Expectation(Value):
    """`expect.toml` of one solution.

    `points` is the total, `criteria` the points of single criteria, and `cases` maps a pattern
    over case ids (`*` and `?`) to the verdicts allowed for every case it matches. `reason` is the
    code expected where `status` is not `graded`. `says` tells in a sentence what the solution is
    or what is wrong with it. `changes` names a whole solution: the folder then holds only the files
    that differ from it.
    """

    status: Status = Status.GRADED
    reason: str | None = None
    points: PointRange | None = None
    criteria: dict[Slug, PointRange] = Field(default_factory=dict)
    cases: dict[str, Annotated[tuple[Verdict, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    says: str = Field(min_length=1, max_length=400)
    changes: RelativePath | None = None

    def allows(self, case_id: str, verdict: Verdict) -> bool:
        """Whether every pattern that matches the case lists the verdict."""
        return all(
            verdict in allowed
            for pattern, allowed in self.cases.items()
            if _pattern(pattern).fullmatch(case_id)
        )


def _pattern(text: str) -> re.Pattern[str]:
    # Not fnmatch: to it, the brackets in the id of a parametrised case are a set of characters.
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in text)
    return re.compile("".join(parts), re.DOTALL)
