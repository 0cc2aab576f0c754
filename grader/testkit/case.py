"""A case as its test function declares it: marks, and a docstring."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any, TypedDict

import pytest

from grader.testkit.problems import InfraFault

MARKS = (
    "criterion(id): the rubric's criterion that the case counts for",
    "points(n): what the case is worth beside the others of its criterion; 1 if absent",
    "needs(*backends): what the machine must be able to do, such as netem",
    "time_limit(seconds): the case's own time limit",
)

_NOT_TAGS = {mark.split("(")[0] for mark in MARKS} | {
    "filterwarnings",
    "parametrize",
    "skip",
    "skipif",
    "usefixtures",
    "xfail",
}


class WireCase(TypedDict):
    id: str
    title: str
    brief: str
    criterion: str
    points: float
    needs: list[str]
    tags: list[str]
    time_limit: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """`tags` are the names of the suite's own marks. `time_limit` is in seconds, or `None` where
    the assignment's holds.
    """

    id: str
    title: str
    brief: str
    criterion: str
    points: float
    needs: tuple[str, ...]
    tags: tuple[str, ...]
    time_limit: float | None

    def wire(self) -> WireCase:
        return {
            "id": self.id,
            "title": self.title,
            "brief": self.brief,
            "criterion": self.criterion,
            "points": self.points,
            "needs": list(self.needs),
            "tags": list(self.tags),
            "time_limit": self.time_limit,
        }


def declared(item: pytest.Item) -> Case:
    """The case that `item` declares. Raises `InfraFault` where a mark is wrong.

    Without a `criterion` mark, `test_some_thing.py` holds cases of the criterion `some-thing`.
    """
    title, brief = _documented(item)
    points = _number(item, "points", 1.0)
    limit = item.get_closest_marker("time_limit")
    return Case(
        id=item.nodeid,
        title=title,
        brief=brief,
        criterion=str(
            _argument(item, "criterion", item.path.stem.removeprefix("test_").replace("_", "-"))
        ),
        points=points,
        needs=tuple(
            dict.fromkeys(str(need) for mark in item.iter_markers("needs") for need in mark.args)
        ),
        tags=tuple(sorted({mark.name for mark in item.iter_markers()} - _NOT_TAGS)),
        time_limit=None if limit is None else _number(item, "time_limit", 0.0),
    )


def _documented(item: pytest.Item) -> tuple[str, str]:
    """Title and brief: the docstring's first paragraph, and the one that begins with `Brief:`."""
    text = inspect.cleandoc(getattr(getattr(item, "function", None), "__doc__", None) or "")
    name = getattr(item, "originalname", None) or item.name
    title, brief = name.removeprefix("test_").replace("_", " "), ""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text)):
        words = " ".join(paragraph.split())
        if words.startswith("Brief:"):
            brief = words.removeprefix("Brief:").strip().strip('"')
        elif number == 0 and words:
            title = words.removesuffix(".")
    variant = re.search(r"\[(.*)\]$", item.name)
    return (f"{title} [{variant[1]}]" if variant else title), brief


def _number(item: pytest.Item, name: str, default: float) -> float:
    value = _argument(item, name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise InfraFault(f"{item.nodeid}: the mark {name} takes a number, not {value!r}")
    return float(value)


def _argument(item: pytest.Item, name: str, default: Any) -> Any:
    mark = item.get_closest_marker(name)
    if mark is None:
        return default
    if len(mark.args) != 1 or mark.kwargs:
        raise InfraFault(f"{item.nodeid}: the mark {name} takes exactly one argument")
    return mark.args[0]
