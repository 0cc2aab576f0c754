"""What became of one solution in one run: of a grade, only what can be compared."""

from __future__ import annotations

from pydantic import Field

from grader.model.base import Value
from grader.model.grade import Grade
from grader.model.results import CaseResult, Reason
from grader.model.verdict import Status, Verdict

EXCLUSIVE = "exclusive"
"""The suite's mark for cases that measure: nothing may run beside them."""


class CaseOutcome(Value):
    id: str
    criterion: str
    verdict: Verdict
    exclusive: bool = False

    @property
    def lost(self) -> bool:
        """Whether the case was tried and earned nothing."""
        return self.verdict.counts and self.verdict is not Verdict.PASSED


class Outcome(Value):
    """`criteria` has the points of every criterion that was measured; `seconds` is the whole time
    that the run took, the build included.
    """

    status: Status
    reason: Reason | None = None
    points: float | None = None
    out_of: float | None = None
    criteria: dict[str, float] = Field(default_factory=dict)
    cases: tuple[CaseOutcome, ...] = ()
    seed: int = 0
    seconds: float = 0.0


def outcome_of(grade: Grade, seconds: float) -> Outcome:
    """The part of `grade` that `expect.toml` can speak about."""
    return Outcome(
        status=grade.status,
        reason=grade.reason,
        points=grade.score.points if grade.score else None,
        out_of=grade.score.out_of if grade.score else None,
        criteria={
            line.criterion.id: line.earned for line in grade.criteria if line.earned is not None
        },
        cases=tuple(_case(result) for line in grade.criteria for result in line.cases),
        seed=grade.seed,
        seconds=round(seconds, 3),
    )


def _case(result: CaseResult) -> CaseOutcome:
    return CaseOutcome(
        id=result.case.id,
        criterion=result.case.criterion,
        verdict=result.verdict,
        exclusive=EXCLUSIVE in result.case.tags,
    )
