"""`rubric.toml`, and what a rubric must keep beyond its types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.model.assignment import Criterion, CriterionKind, Rubric
from grader.packs.problems import Problem, nearest
from grader.packs.reading import read_table, to_model

FILE = "rubric.toml"
LEVELS = 4


@dataclass(frozen=True, slots=True)
class RubricReading:
    """What could be read: a criterion with a misspelt key does not hide the others' problems.

    `rubric` is there only if all of it is well-formed, `criteria` are those that are, `ids` names
    them all, and `readable` says whether the file is TOML at all.
    """

    rubric: Rubric | None = None
    criteria: tuple[Criterion, ...] = ()
    ids: frozenset[str] = frozenset()
    readable: bool = False

    @property
    def automatic(self) -> tuple[Criterion, ...]:
        return tuple(item for item in self.criteria if item.kind is CriterionKind.AUTOMATIC)


def read_rubric(root: Path) -> tuple[RubricReading, tuple[Problem, ...]]:
    """The rubric of the pack at `root` and everything that is wrong with it."""
    data = read_table(root / FILE, FILE)
    if isinstance(data, tuple):
        return RubricReading(), data
    entries = _entries(data)
    whole = to_model(data, FILE, Rubric)
    read = [to_model(entry, FILE, Criterion) for entry in entries]
    reading = RubricReading(
        rubric=whole if isinstance(whole, Rubric) else None,
        criteria=tuple(item for item in read if isinstance(item, Criterion)),
        ids=frozenset(name for entry in entries if isinstance(name := entry.get("id"), str)),
        readable=True,
    )
    malformed = whole if isinstance(whole, tuple) else ()
    return reading, (*malformed, *_problems(reading))


def _entries(data: dict[str, Any]) -> list[dict[str, Any]]:
    entries = data.get("criteria")
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _problems(reading: RubricReading) -> Iterator[Problem]:
    for name, times in Counter(criterion.id for criterion in reading.criteria).items():
        if times > 1:
            yield Problem(FILE, f"stands {times} times; ids are unique", key=f"criteria[{name}]")
    for criterion in reading.criteria:
        match criterion.kind:
            case CriterionKind.AUTOMATIC:
                yield from _automatic_problems(criterion)
                yield from _gate_problems(criterion, reading)
            case CriterionKind.REVIEWED:
                yield from _reviewed_problems(criterion)
    if reading.rubric is not None and not reading.automatic:
        yield Problem(FILE, "needs at least one automatic criterion", key="criteria")


def _automatic_problems(criterion: Criterion) -> Iterator[Problem]:
    key = f"criteria[{criterion.id}]"
    if criterion.points == 0:
        message = "must be more than 0 for an automatic criterion"
        yield Problem(FILE, message, key=f"{key}.points")
    if criterion.levels:
        message = "are for reviewed criteria; an automatic one has points"
        yield Problem(FILE, message, key=f"{key}.levels")


def _reviewed_problems(criterion: Criterion) -> Iterator[Problem]:
    key = f"criteria[{criterion.id}]"
    if criterion.points:
        message = "are for automatic criteria; a reviewed one has four levels"
        yield Problem(FILE, message, key=f"{key}.points")
    if criterion.gate is not None:
        message = "is for automatic criteria; a person decides a reviewed one"
        yield Problem(FILE, message, key=f"{key}.gate")
    if len(criterion.levels) != LEVELS:
        message = f"must be exactly four sentences; this has {len(criterion.levels)}"
        yield Problem(FILE, message, key=f"{key}.levels")
    elif not all(level.strip() for level in criterion.levels):
        yield Problem(FILE, "must not hold an empty sentence", key=f"{key}.levels")


def _gate_problems(criterion: Criterion, reading: RubricReading) -> Iterator[Problem]:
    if criterion.gate is None:
        return
    wanted = criterion.gate.criterion
    key = f"criteria[{criterion.id}].gate.criterion"
    target = next((other for other in reading.criteria if other.id == wanted), None)
    if wanted == criterion.id:
        yield Problem(FILE, "names the criterion itself", key=key)
    elif wanted not in reading.ids:
        close = nearest(wanted, reading.ids - {criterion.id})
        yield Problem(FILE, f"names no criterion: {wanted!r}", key=key, suggestion=close)
    elif target is not None and target.kind is not CriterionKind.AUTOMATIC:
        message = f"must name an automatic criterion, and {wanted!r} is reviewed"
        yield Problem(FILE, message, key=key)
    elif target is not None and target.gate is not None:
        message = f"names {wanted!r}, which has a gate itself; gates do not form chains"
        yield Problem(FILE, message, key=key)
