"""How much of a candidate's text a report holds, one text at a time and all of it together."""

from __future__ import annotations

from dataclasses import dataclass

from grader import escape
from grader.model.quantity import show_bytes
from grader.model.untrusted import Untrusted

WORTHWHILE = 200
"""A piece shorter than this many characters is left out rather than shown."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is shown of a text, and a note that says what is not."""

    text: Untrusted
    note: str = ""


class Ration:
    """The room left in one report, in bytes of escaped text. Whoever asks first is served first."""

    def __init__(self, size: int = 3_600_000) -> None:
        self._left = size

    def spend(self, size: int) -> bool:
        """Take `size` bytes if they are there; tell whether they were."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def excerpt(self, text: Untrusted | None, most: int) -> Excerpt | None:
        """At most `most` characters of `text`, fewer where the room is short; None stays None."""
        if text is None:
            return None
        limit = most
        while limit >= min(WORTHWHILE, most):
            piece = _middle_cut(text.text, limit)
            if self.spend(len(escape.html(piece).encode("utf-8", "replace"))):
                return Excerpt(_untrusted(piece), _note(text, piece))
            limit //= 4
        return Excerpt(_untrusted(""), f"{show_bytes(text.total_bytes)}, only in grade.json")


def clip(text: str, most: int = 400) -> str:
    """`text`, cut at `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def few(items: tuple[str, ...], most: int = 40, width: int = 600) -> tuple[str, ...]:
    """The first `most` of `items`, clipped, and a last one that counts the rest."""
    shown = tuple(clip(item, width) for item in items[:most])
    rest = len(items) - most
    return (*shown, f"and {rest:,} more, listed in grade.json") if rest > 0 else shown


def first_line(text: Untrusted, most: int = 240) -> Untrusted:
    """The first line of `text` that is not blank, as a text of its own."""
    head = text.text[: 8 * most].strip().split("\n", 1)[0].strip()
    return _untrusted(clip(head, most))


def _middle_cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    head = most * 2 // 3
    tail = most - head
    cut = f"\n[... {len(text) - most:,} characters left out of this report ...]\n"
    return text[:head] + cut + text[len(text) - tail :]


def _note(text: Untrusted, piece: str) -> str:
    if piece is not text.text:
        return f"cut for this report, {show_bytes(text.total_bytes)} in all; more in grade.json"
    if text.truncated:
        return f"cut where it was read, {show_bytes(text.total_bytes)} in all"
    return ""


def _untrusted(text: str) -> Untrusted:
    return Untrusted(text=text, total_bytes=len(text.encode("utf-8", "replace")))
