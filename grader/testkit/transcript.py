"""What happened in a case, step by step, in bounded space."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypedDict

from grader.testkit.excerpt import Excerpt, WireText, show_bytes

STEP_KEEP = 4 * 1024
"""Bytes kept of one step."""

FIRST_STEPS, LAST_STEPS = 120, 80
FIRST_BYTES, LAST_BYTES = 40 * 1024, 24 * 1024

Kind: TypeAlias = Literal[
    "start", "send", "receive", "run", "output", "signal", "exit", "note", "check"
]


class WireStep(TypedDict):
    at: float
    kind: str
    text: WireText


@dataclass(frozen=True, slots=True)
class Step:
    """`at` is seconds since the case began."""

    at: float
    kind: Kind
    text: Excerpt


class Transcript:
    """The first steps of a case and its last ones; how many were dropped between is said.

    Any thread may add steps.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._first: list[Step] = []
        self._first_bytes = 0
        self._last: deque[Step] = deque()
        self._last_bytes = 0
        self._dropped = 0

    def add(self, kind: Kind, text: str, total_bytes: int | None = None) -> None:
        """Record a step. `total_bytes` is the length of what `text` is only a part of."""
        excerpt = Excerpt.of(text, STEP_KEEP, total_bytes)
        size = len(excerpt.text.encode("utf-8", "replace"))
        step = Step(round(time.monotonic() - self._began, 4), kind, excerpt)
        with self._lock:
            full = len(self._first) == FIRST_STEPS or self._first_bytes + size > FIRST_BYTES
            if not self._last and not full:
                self._first.append(step)
                self._first_bytes += size
                return
            self._last.append(step)
            self._last_bytes += size
            while len(self._last) > LAST_STEPS or self._last_bytes > LAST_BYTES:
                dropped = self._last.popleft()
                self._last_bytes -= len(dropped.text.text.encode("utf-8", "replace"))
                self._dropped += 1

    def add_bytes(self, kind: Kind, data: bytes, about: str = "") -> None:
        """Record bytes that crossed the wire, escaped so that every one can be told."""
        kept = data if len(data) <= STEP_KEEP else data[:STEP_KEEP]
        rest = f" [... {len(data)} bytes in all]" if len(kept) < len(data) else ""
        self.add(kind, f"{about}{show_bytes(bytes(kept))}{rest}", len(data) if rest else None)

    def note(self, text: str) -> None:
        """A remark of the suite's own, for whoever reads the report."""
        self.add("note", text)

    def steps(self) -> tuple[Step, ...]:
        with self._lock:
            if not self._dropped:
                return (*self._first, *self._last)
            gap = Excerpt.of(f"[... {self._dropped} steps not kept ...]")
            at = self._last[0].at if self._last else 0.0
            return (*self._first, Step(at, "note", gap), *self._last)

    def wire(self) -> list[WireStep]:
        return [{"at": s.at, "kind": s.kind, "text": s.text.wire()} for s in self.steps()]


_under_way = Transcript()
"""The transcript of the case under way. An examiner runs one case at a time, and `expect` and
`run` are plain functions that any thread of a suite may call, so it belongs to the process."""


def current() -> Transcript:
    """The transcript that `expect` and `run` write to."""
    return _under_way


def begin() -> Transcript:
    """A fresh transcript for the case that begins now."""
    global _under_way
    _under_way = Transcript()
    return _under_way
