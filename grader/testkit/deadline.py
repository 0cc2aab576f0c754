"""The time limit of a case: an alarm that raises `TimedOut` in the main thread."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from grader.testkit.problems import TimedOut

REPEAT = 1.0
"""Seconds between further alarms, for a case that catches the first and carries on."""


class Deadline:
    """One alarm for the whole process; make it in the main thread."""

    def __init__(self) -> None:
        self.passed = False
        self._armed = False
        self._limit = 0.0
        self._started = 0.0
        self._left = 0.0
        signal.signal(signal.SIGALRM, self._ring)

    def begin(self, limit: float) -> None:
        """A new case with `limit` seconds, which run only inside `running` blocks."""
        self.passed = False
        self._limit = self._left = limit

    @contextmanager
    def running(self, at_least: float = 0.0) -> Iterator[None]:
        """Time passes in here. `at_least` gives a clean-up some seconds after a late case."""
        self._arm(max(self._left, at_least, 0.001))
        try:
            yield
        finally:
            self._left = self._disarm()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """No time passes in here: waiting for the host is not the candidate's time."""
        if threading.current_thread() is not threading.main_thread() or not self._armed:
            yield
            return
        left = self._disarm()
        try:
            yield
        finally:
            self._arm(max(left, 0.001))

    def problem(self) -> TimedOut:
        return TimedOut(f"the case did not end within its limit of {self._limit:g} s")

    def _arm(self, seconds: float) -> None:
        self._armed = True
        self._left = seconds
        self._started = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT)

    def _disarm(self) -> float:
        """Stop the clock; what is left, in seconds."""
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        return self._left - (time.monotonic() - self._started)

    def _ring(self, _signal: int, _frame: FrameType | None) -> None:
        # An alarm that was on its way while the clock was stopped finds it disarmed.
        if self._armed:
            self.passed = True
            raise self.problem()
