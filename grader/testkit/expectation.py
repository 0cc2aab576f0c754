"""`expect`: one line that says what the brief promises, and shows what was seen instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from typing import Any, TypeVar

from grader.testkit.excerpt import Excerpt, show
from grader.testkit.problems import InfraFault
from grader.testkit.transcript import current

T = TypeVar("T")

WINDOW = 512
"""Bytes or characters shown after the first difference of two long values."""


class _Absent:
    """Stands for a condition that was not given; `None` can be an expected value."""

    def __repr__(self) -> str:
        return "<not given>"


_ABSENT = _Absent()


class Mismatch(AssertionError):
    """The program did something else than the brief promises."""

    def __init__(self, what: str, expected: Excerpt, seen: Excerpt) -> None:
        super().__init__(f"{what}: expected {_brief(expected.text)}, saw {_brief(seen.text)}")
        self.what = what
        self.expected = expected
        self.seen = seen


def expect(
    what: str,
    seen: T,
    *,
    equals: object = _ABSENT,
    matches: str | bytes | re.Pattern[str] | re.Pattern[bytes] | None = None,
    within: tuple[float, float] | None = None,
    contains: object = _ABSENT,
    satisfies: tuple[Callable[[T], bool], str] | None = None,
) -> T:
    """Raise `Mismatch` unless `seen` is as the one given condition says; return `seen`.

    `equals` compares with ==. `matches` searches for a regular expression (anchor it to match
    all); a text pattern also fits bytes. `within` is a closed range. `contains` is `in`.
    `satisfies` is a predicate and the words that state it. What passed is recorded too.
    """
    given = [
        equals is not _ABSENT,
        matches is not None,
        within is not None,
        contains is not _ABSENT,
        satisfies is not None,
    ]
    if sum(given) != 1:
        raise InfraFault(f"expect({what!r}) needs exactly one condition and has {sum(given)}")
    if equals is not _ABSENT:
        holds = bool(seen == equals)
        expected, shown = _difference(equals, seen)
    else:
        holds, wanted = _judge(seen, matches, within, contains, satisfies)
        expected, shown = Excerpt.of(wanted), Excerpt.of(show(seen), total_bytes=_size(seen))
    if holds:
        current().add("check", f"{what}: {_brief(expected.text)}")
        return seen
    current().add("check", f"not as expected: {what}")
    raise Mismatch(what, expected, shown)


def _judge(
    seen: Any,
    matches: str | bytes | re.Pattern[str] | re.Pattern[bytes] | None,
    within: tuple[float, float] | None,
    contains: object,
    satisfies: tuple[Callable[[Any], bool], str] | None,
) -> tuple[bool, str]:
    """Whether the condition holds, and the words for it. A value of another type never does."""
    try:
        if matches is not None:
            pattern = _pattern(matches, as_bytes=isinstance(seen, bytes))
            return pattern.search(seen) is not None, _words(pattern)
        if within is not None:
            low, high = within
            words = f"from {low:g} to {high:g}"
            return seen is not None and bool(low <= seen <= high), words
        if satisfies is not None:
            predicate, words = satisfies
            return bool(predicate(seen)), words
        words = f"to contain {show(contains)}"
        return isinstance(seen, Container) and contains in seen, words
    except TypeError:
        return False, words if matches is None else _words(_pattern(matches, as_bytes=False))


def _pattern(
    pattern: str | bytes | re.Pattern[str] | re.Pattern[bytes], *, as_bytes: bool
) -> re.Pattern[Any]:
    try:
        compiled = re.compile(pattern)
        if as_bytes and isinstance(compiled.pattern, str):
            return re.compile(compiled.pattern.encode(), compiled.flags & ~re.UNICODE)
    except re.error as error:
        raise InfraFault(f"the suite's pattern {pattern!r} is wrong: {error}") from error
    return compiled


def _words(pattern: re.Pattern[Any]) -> str:
    """The pattern as the suite spells it: its backslashes are not to be doubled."""
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    return f"to match {text}"


def _difference(expected: object, seen: object) -> tuple[Excerpt, Excerpt]:
    """Both values; of long ones, what follows shortly before their first difference."""
    pair = (expected, seen)
    alike = all(isinstance(v, bytes) for v in pair) or all(isinstance(v, str) for v in pair)
    if not alike or max(_size(v) or 0 for v in pair) <= 2 * WINDOW:
        return Excerpt.of(show(expected)), Excerpt.of(show(seen), total_bytes=_size(seen))
    start = max(0, _first_difference(expected, seen) - WINDOW // 8)
    return _window(expected, start), _window(seen, start)


def _first_difference(expected: Any, seen: Any) -> int:
    """The length of the common beginning, found by halving: values can have 60 MiB."""
    low, high = 0, min(len(expected), len(seen))
    while low < high:
        middle = (low + high + 1) // 2
        if expected[low:middle] == seen[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _window(value: Any, start: int) -> Excerpt:
    part = value[start : start + WINDOW]
    before = f"[{start} before] " if start else ""
    after = len(value) - start - len(part)
    text = f"{before}{show(part)}{f' [{after} after]' if after > 0 else ''} (length {len(value)})"
    return Excerpt(text, len(value), truncated=len(part) < len(value))


def _size(value: object) -> int | None:
    if isinstance(value, bytes):
        return len(value)
    return len(value.encode("utf-8", "replace")) if isinstance(value, str) else None


def _brief(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:160]} ..."
