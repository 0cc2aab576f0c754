"""Evidence of bounded size: bytes made readable, long text cut in the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypedDict

MESSAGE_KEEP = 8 * 1024
"""Bytes kept of a message, an expected value or a seen value."""

_ESCAPES = {code: f"\\x{code:02x}" for code in range(256) if not 0x20 <= code < 0x7F} | {
    ord("\t"): "\\t",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\\"): "\\\\",
}


class WireText(TypedDict):
    """Text on the wire: what was kept, and how many bytes there were."""

    text: str
    total_bytes: int
    truncated: bool


def show_bytes(data: bytes) -> str:
    r"""`b"+OK\r\n"` becomes `+OK\r\n`, with the backslashes spelt out; every byte can be told."""
    return data.decode("latin-1").translate(_ESCAPES)


def show(value: object) -> str:
    """`value` as a person reads it: bytes escaped, text as it is, anything else by `repr`."""
    if isinstance(value, bytes | bytearray | memoryview):
        return show_bytes(bytes(value)) or "(no bytes)"
    if isinstance(value, str):
        return value or "(empty text)"
    return repr(value)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Text of at most about `keep` bytes; `total_bytes` counts what it was taken from."""

    text: str
    total_bytes: int
    truncated: bool = False

    @classmethod
    def of(cls, text: str, keep: int = MESSAGE_KEEP, total_bytes: int | None = None) -> Self:
        """Keep all of a short text; of a long one, two thirds from its head and the rest."""
        return cls.of_bytes(text.encode("utf-8", "replace"), keep, total_bytes)

    @classmethod
    def of_bytes(cls, data: bytes, keep: int, total_bytes: int | None = None) -> Self:
        """Like `of`, for raw output, decoded as UTF-8 with replacement characters."""
        total = len(data) if total_bytes is None else total_bytes
        if len(data) <= keep:
            return cls(data.decode("utf-8", "replace"), total, total > len(data))
        head, tail = keep * 2 // 3, keep - keep * 2 // 3
        cut = f"\n[... {len(data) - head - tail} bytes not kept ...]\n"
        text = data[:head].decode("utf-8", "replace") + cut
        return cls(text + data[len(data) - tail :].decode("utf-8", "replace"), total, True)

    def wire(self) -> WireText:
        return {"text": self.text, "total_bytes": self.total_bytes, "truncated": self.truncated}
