"""Outcomes in words, the stated ones and those that came about."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.verdict import Status
from grader.packs import Expectation
from grader.verify.outcome import Outcome


def expected(expect: Expectation) -> str:
    """`55 to 70 points`, `build_failed (build-time)`."""
    if expect.status is not Status.GRADED:
        return expect.status.value + (f" ({expect.reason})" if expect.reason else "")
    if expect.points is not None:
        return f"{between(*expect.points)} points"
    if expect.criteria:
        return ", ".join(f"{name} {between(*pair)}" for name, pair in expect.criteria.items())
    return "verdicts of cases"


def got(outcomes: Sequence[Outcome]) -> str:
    """What the runs of a solution came to; several answers are all named."""
    graded = [run for run in outcomes if run.points is not None]
    others = dict.fromkeys(unscored(run) for run in outcomes if run.points is None)
    words = []
    if graded:
        points = [run.points or 0.0 for run in graded]
        words.append(f"{between(min(points), max(points))} of {graded[0].out_of:g} points")
    return "; ".join([*words, *others])


def unscored(outcome: Outcome) -> str:
    """`build_failed (build-time)`."""
    code = f" ({outcome.reason.code})" if outcome.reason else ""
    return outcome.status.value + code


def between(low: float, high: float) -> str:
    """`10`, `55 to 70`."""
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def number(points: float) -> str:
    """At most two decimals, which is as finely as outcomes are stated."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
