"""Bytes that a candidate controls, capped and decoded, and not yet fit to be shown anywhere."""

from __future__ import annotations

from typing import Self

from grader.model.base import Value


class Untrusted(Value):
    """Text of the candidate's. Pass it through `grader.escape` for the sink at hand.

    `total_bytes` counts what was there; where it exceeds what was kept, `text` holds the head and
    the tail with a line between them that says how much was cut.
    """

    text: str
    total_bytes: int
    truncated: bool = False

    @classmethod
    def of(cls, data: bytes, keep: int = 64 * 1024) -> Self:
        """Keep at most `keep` bytes of `data`: two thirds from its head, the rest from its tail."""
        if len(data) <= keep:
            return cls.of_parts(data, b"", len(data))
        head = keep * 2 // 3
        return cls.of_parts(data[:head], data[len(data) - (keep - head) :], len(data))

    @classmethod
    def of_parts(cls, head: bytes, tail: bytes, total_bytes: int) -> Self:
        """`head` and `tail` of something that had `total_bytes`; what is missing lies between."""
        cut = total_bytes - len(head) - len(tail)
        if not cut:
            return cls(text=(head + tail).decode("utf-8", "replace"), total_bytes=total_bytes)
        ends = [part.decode("utf-8", "replace") for part in (head, tail)]
        text = f"\n[... {cut} bytes not kept ...]\n".join(ends)
        return cls(text=text, total_bytes=total_bytes, truncated=True)

    def __str__(self) -> str:
        raise TypeError("Untrusted text is shown only through grader.escape")

    def __format__(self, spec: str) -> str:
        return str(self)
