"""The control channel's messages as the host reads and writes them.

Everything that comes from the examiner is checked here before it is used: the examiner is ours,
but it parses a candidate's bytes all day.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from grader.errors import InfraError
from grader.model.results import Case, ProgramRun, Step, Stop
from grader.model.untrusted import Untrusted

Signal = Literal["KILL", "TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "PIPE", "STOP", "CONT"]
Outcome = Literal["passed", "failed", "timed_out", "skipped", "not_run", "infra_error"]


class Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Collected(Message):
    event: Literal["collected"]
    cases: tuple[Case, ...]
    errors: tuple[str, ...] = ()


class CaseStarted(Message):
    event: Literal["case_started"]
    id: str


class Output(Message):
    """What one cell printed."""

    cell: str
    stdout: Untrusted
    stderr: Untrusted


class CaseFinished(Message):
    event: Literal["case_finished"]
    id: str
    outcome: Outcome
    duration: float = Field(ge=0)
    message: Untrusted | None = None
    expected: Untrusted | None = None
    seen: Untrusted | None = None
    steps: tuple[Step, ...] = Field(default=(), max_length=1000)
    programs: tuple[Output, ...] = Field(default=(), max_length=1000)


class Finished(Message):
    event: Literal["finished"]
    executed: tuple[str, ...]


class Fatal(Message):
    event: Literal["fatal"]
    message: str


class Start(Message):
    op: Literal["start"]
    request: int
    role: Literal["candidate", "reference"]
    slot: int
    arguments: tuple[str, ...]
    environment: dict[str, str] = Field(default_factory=dict)
    open_files: int | None = Field(default=None, gt=0, le=16_384)
    memory: int | None = Field(default=None, gt=0)


class SendSignal(Message):
    op: Literal["signal"]
    request: int
    cell: str
    signal: Signal


class StopCell(Message):
    op: Literal["stop"]
    request: int
    cell: str
    why: Stop


class Freeze(Message):
    op: Literal["freeze"]
    request: int
    cell: str


class Thaw(Message):
    op: Literal["thaw"]
    request: int
    cell: str


class AskUsage(Message):
    op: Literal["usage"]
    request: int
    cell: str


class Remove(Message):
    op: Literal["remove"]
    request: int
    cell: str


Event = Collected | CaseStarted | CaseFinished | Finished | Fatal
Request = Start | SendSignal | StopCell | Freeze | Thaw | AskUsage | Remove

_EVENTS: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="event")])
_REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="op")])


def read(line: bytes) -> Event | Request:
    """Parse one line; InfraError when it is not a message."""
    try:
        value = json.loads(line)
        if isinstance(value, dict) and "op" in value:
            return _REQUESTS.validate_python(value)
        return _EVENTS.validate_python(value)
    except (ValueError, RecursionError) as error:
        raise InfraError(
            "examiner-message",
            "the examiner sent something that is not a message",
            details=(str(error).splitlines()[0][:200],),
        ) from error


def hello(**fields: Any) -> bytes:
    """The first line: what the examiner needs to know about this run."""
    return json.dumps({"hello": fields}).encode()


def reply(request: int, value: dict[str, Any]) -> bytes:
    return json.dumps({"reply": request, "value": value}).encode()


def refusal(request: int, sentence: str, kind: Literal["infra", "refused"]) -> bytes:
    return json.dumps({"reply": request, "error": sentence, "kind": kind}).encode()


def exited(cell: str, run: ProgramRun) -> bytes:
    return json.dumps(
        {
            "event": "exited",
            "cell": cell,
            "exit_code": run.exit_code,
            "signal": run.signal,
            "stopped": run.stopped,
            "out_of_memory": run.out_of_memory,
        }
    ).encode()
