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
    def of(cls, data: bytes, keep: int = 64 * 1024, total_bytes: int | None = None) -> Self:
        """Keep at most `keep` bytes of `data`: two thirds from its head, the rest from its tail."""
        total = len(data) if total_bytes is None else total_bytes
        if len(data) <= keep:
            return cls(
                text=data.decode("utf-8", "replace"), total_bytes=total, truncated=total > len(data)
            )
        head, tail = keep * 2 // 3, keep - keep * 2 // 3
        cut = len(data) - head - tail
        text = (
            data[:head].decode("utf-8", "replace")
            + f"\n[... {cut} bytes not kept ...]\n"
            + data[len(data) - tail :].decode("utf-8", "replace")
        )
        return cls(text=text, total_bytes=total, truncated=True)

    def __str__(self) -> str:
        raise TypeError("Untrusted text is shown only through grader.escape")

    def __format__(self, spec: str) -> str:
        return str(self)
