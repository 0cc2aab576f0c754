"""Small builders for the tests of `grade verify`: a test names what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.model.results import Reason
from grader.model.verdict import Status, Verdict
from grader.packs import Expectation, Solution
from grader.verify.finding import Finding
from grader.verify.outcome import CaseOutcome, Outcome


def case(id: str, verdict: Verdict | str = Verdict.PASSED, **changes: Any) -> CaseOutcome:
    return CaseOutcome(**{"id": id, "criterion": "echo", "verdict": Verdict(verdict), **changes})


def graded(points: float = 10.0, verdicts: Mapping[str, str] = {}, **changes: Any) -> Outcome:
    """All of 10 points for the criterion `echo` and the case `t::a`, if nothing else is said."""
    return Outcome(
        **{
            "status": Status.GRADED,
            "points": points,
            "out_of": 10.0,
            "criteria": {"echo": points},
            "cases": tuple(case(*pair) for pair in (verdicts or {"t::a": "passed"}).items()),
            **changes,
        }
    )


def ended(status: Status, code: str, message: str = "it did") -> Outcome:
    return Outcome(status=status, reason=Reason(code=code, message=message))


def solution(name: str = "accepted/model", **expect: Any) -> Solution:
    return Solution(name, Path(name), Expectation(**{"says": "Writes to memory only.", **expect}))


def told(findings: tuple[Finding, ...] | list[Finding]) -> list[tuple[str, str, str]]:
    """Kind, case and sentence of each, which is what a table can hold."""
    return [(finding.kind.value, finding.case, finding.sentence) for finding in findings]
