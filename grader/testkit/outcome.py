"""From an exception to an outcome: whose fault it was, and the words for it."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from grader.testkit.expectation import Mismatch
from grader.testkit.problems import (
    Disconnected,
    InfraFault,
    ProgramExited,
    TimedOut,
    Unavailable,
    UnsafePath,
)

Outcome: TypeAlias = Literal["passed", "failed", "timed_out", "skipped", "not_run", "infra_error"]

_OURS = (
    InfraFault,
    NameError,
    ImportError,
    SyntaxError,
    MemoryError,
    pytest.FixtureLookupError,
    pytest.UsageError,
)
_SPEAK_FOR_THEMSELVES = (
    Mismatch,
    TimedOut,
    ProgramExited,
    Disconnected,
    UnsafePath,
    InfraFault,
    Unavailable,
)
_WORST_FIRST: tuple[Outcome, ...] = ("infra_error", "failed", "timed_out", "not_run", "skipped")


def classify(error: BaseException) -> Outcome:
    """The outcome of a case that ended with `error`.

    A mistake that can only be the suite's (an unknown name, a missing module or fixture) is ours.
    Whatever else a case raises while it talks to the program is the program's.
    """
    if isinstance(error, BaseExceptionGroup):
        outcomes = {classify(each) for each in error.exceptions}
        return next(outcome for outcome in _WORST_FIRST if outcome in outcomes)
    if isinstance(error, pytest.skip.Exception):
        return "skipped"
    if isinstance(error, Unavailable):
        return "not_run"
    if isinstance(error, _OURS):
        return "infra_error"
    if isinstance(error, TimedOut | TimeoutError):
        return "timed_out"
    return "failed"


def describe(error: BaseException, suite: Path) -> str:
    """What happened, and for an exception that is not the testkit's, where in the suite."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(describe(each, suite) for each in error.exceptions)
    if isinstance(error, _SPEAK_FOR_THEMSELVES):
        return str(error)
    if isinstance(error, pytest.skip.Exception | pytest.fail.Exception):
        return str(error.msg)
    name = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return f"{name}{error}{_place(error, suite)}"


def _place(error: BaseException, suite: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(suite)]
    if not ours:
        return ""
    return f" ({Path(ours[-1].filename).relative_to(suite)}:{ours[-1].lineno})"
