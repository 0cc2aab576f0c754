"""One run of one solution against what is stated of it."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model.verdict import Status, Verdict
from grader.packs import Expectation, Solution
from grader.verify.finding import Finding, Kind, Level
from grader.verify.outcome import Outcome
from grader.verify.words import between, number, unscored

_ROUNDING = 0.005
"""Outcomes are stated to two decimals."""


def solution_findings(solution: Solution, outcome: Outcome) -> tuple[Finding, ...]:
    """What `outcome` has that `expect.toml` does not allow. One run's findings are all different;
    the same finding of another run is equal, so that a set of runs can be told once.
    """
    if outcome.status is Status.INFRA_ERROR:
        return (_fault(solution.name, outcome),)
    if outcome.status is not solution.expect.status:
        return (_other(solution.name, _status_sentence(solution.expect, outcome)),)
    if outcome.status is not Status.GRADED:
        return tuple(_reason(solution, outcome))
    return (
        *_points(solution, outcome),
        *_verdicts(solution, outcome),
        *_patterns(solution, outcome),
        *_loses_nothing(solution, outcome),
    )


def starter_findings(name: str, outcome: Outcome) -> tuple[Finding, ...]:
    """The starter builds, runs, and passes no case: a candidate's points are the candidate's."""
    if outcome.status is Status.INFRA_ERROR:
        return (_fault(name, outcome),)
    if outcome.status is not Status.GRADED:
        said = f": {outcome.reason.message}" if outcome.reason else ""
        return (_other(name, f"the starter is {unscored(outcome)}{said}"),)
    return tuple(
        Finding(
            kind=Kind.STARTER,
            solution=name,
            case=case.id,
            sentence=f"the starter passes it, and earns points for {case.criterion}",
        )
        for case in outcome.cases
        if case.verdict is Verdict.PASSED
    )


def matches(pattern: str, case_id: str) -> bool:
    """Whether a pattern of `expect.toml` is about the case."""
    only = Expectation(cases={pattern: (Verdict.INFRA_ERROR,)}, says="-")
    return not only.allows(case_id, Verdict.PASSED)


def _fault(name: str, outcome: Outcome) -> Finding:
    reason = outcome.reason
    said = [f"{reason.code}: {reason.message}", *reason.details[-1:]] if reason else []
    sentence = "; ".join(["could not be graded because of a fault of ours", *said])
    return Finding(kind=Kind.INFRA, level=Level.FAULT, solution=name, sentence=sentence)


def _other(name: str, sentence: str, case: str = "") -> Finding:
    return Finding(kind=Kind.OUTCOME, solution=name, case=case, sentence=sentence)


def _status_sentence(expect: Expectation, outcome: Outcome) -> str:
    said = f": {outcome.reason.message}" if outcome.reason else ""
    return f"is {unscored(outcome)} where {expect.status.value} is stated{said}"


def _reason(solution: Solution, outcome: Outcome) -> Iterator[Finding]:
    wanted = solution.expect.reason
    code = outcome.reason.code if outcome.reason else "none"
    if wanted is not None and code != wanted:
        sentence = f"is {outcome.status.value} for the reason {code} where {wanted} is stated"
        yield _other(solution.name, sentence)


def _points(solution: Solution, outcome: Outcome) -> Iterator[Finding]:
    expect = solution.expect
    unmeasured = sorted({case.criterion for case in outcome.cases} - set(outcome.criteria))
    for name, stated in expect.criteria.items():
        earned = outcome.criteria.get(name)
        if earned is not None and not _within(earned, stated):
            sentence = f"gets {number(earned)} for {name} where {between(*stated)} is stated"
            yield _other(solution.name, sentence)
    if expect.points is None or outcome.points is None:
        return
    if unmeasured:
        # What could not be tried leaves the scale, and the stated total is on the whole scale.
        yield Finding(
            kind=Kind.NOT_TRIED,
            level=Level.NOTE,
            solution=solution.name,
            sentence=f"its total was not compared: no case of {', '.join(unmeasured)} could be"
            " tried here",
        )
    elif not _within(outcome.points, expect.points):
        total = f"gets {number(outcome.points)} points"
        yield _other(solution.name, f"{total} where {between(*expect.points)} is stated")


def _within(points: float, stated: tuple[float, float]) -> bool:
    low, high = stated
    return low - _ROUNDING <= points <= high + _ROUNDING


def _verdicts(solution: Solution, outcome: Outcome) -> Iterator[Finding]:
    """A case that this host cannot set up contradicts nothing; it is told of as not tried."""
    for case in outcome.cases:
        if case.verdict is Verdict.NOT_RUN or solution.expect.allows(case.id, case.verdict):
            continue
        stated = [
            " or ".join(allowed)
            for pattern, allowed in solution.expect.cases.items()
            if matches(pattern, case.id) and case.verdict not in allowed
        ]
        sentence = f"is {case.verdict.value} where {' and '.join(stated)} is stated"
        yield _other(solution.name, sentence, case.id)


def _patterns(solution: Solution, outcome: Outcome) -> Iterator[Finding]:
    for pattern in solution.expect.cases:
        if not any(matches(pattern, case.id) for case in outcome.cases):
            sentence = f'"{pattern}" under [cases] in its expect.toml matches no case'
            yield Finding(kind=Kind.PATTERN, solution=solution.name, sentence=sentence)


def _loses_nothing(solution: Solution, outcome: Outcome) -> Iterator[Finding]:
    kind = solution.name.partition("/")[0]
    if kind != "accepted" and not any(case.lost for case in outcome.cases):
        sentence = f"is {kind} and fails no case; it is said of it: {solution.expect.says}"
        yield Finding(kind=Kind.LOSES_NOTHING, solution=solution.name, sentence=sentence)
