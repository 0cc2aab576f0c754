"""What a worker tells while it does its job, one JSON object a line."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from grader.errors import (
    GradeError,
    InfraError,
    PackError,
    Rejected,
    SandboxError,
    StoreError,
    UsageError,
)
from grader.model.base import Value
from grader.model.verdict import Verdict
from grader.verify.outcome import Outcome

_CLASSES = {
    each.exit_code: each
    for each in (UsageError, PackError, SandboxError, Rejected, StoreError, InfraError)
}


class PhaseBegan(Value):
    event: Literal["phase"] = "phase"
    name: str


class CasesFound(Value):
    event: Literal["cases"] = "cases"
    count: int


class CaseEnded(Value):
    event: Literal["case"] = "case"
    case: str
    verdict: Verdict


class TryingAgain(Value):
    event: Literal["retry"] = "retry"
    message: str


class Ended(Value):
    event: Literal["ended"] = "ended"
    outcome: Outcome


class Failed(Value):
    """An error of the tree in `grader.errors`; `exit_code` tells its class."""

    event: Literal["failed"] = "failed"
    exit_code: int
    code: str
    message: str
    details: tuple[str, ...]
    hint: str

    def error(self) -> GradeError:
        """The same error, to be raised on this side."""
        kind = _CLASSES.get(self.exit_code, GradeError)
        return kind(self.code, self.message, details=self.details, hint=self.hint)


Event = Annotated[
    PhaseBegan | CasesFound | CaseEnded | TryingAgain | Ended | Failed,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def failed(error: GradeError) -> Failed:
    return Failed(
        exit_code=error.exit_code,
        code=error.code,
        message=error.message,
        details=error.details,
        hint=error.hint,
    )
