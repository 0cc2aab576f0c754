"""What building and examining produced: values that a report can be made from."""

from __future__ import annotations

from enum import StrEnum

from grader.model.base import Value
from grader.model.untrusted import Untrusted
from grader.model.verdict import Verdict


class Reason(Value):
    """Why a submission did not get as far as cases: a stable code and a sentence for its author."""

    code: str
    message: str
    details: tuple[str, ...] = ()
    hint: str = ""


class Artifact(Value):
    """The one file that a build produced; `digest` is its sha256, the name it is stored under."""

    digest: str
    size: int


class BuildResult(Value):
    """`artifact` is absent exactly when `reason` says why. Times in seconds, sizes in bytes."""

    command: tuple[str, ...]
    image: str
    artifact: Artifact | None
    reason: Reason | None
    log: Untrusted
    wall_time: float
    cached: bool = False


class Stop(StrEnum):
    """Why we killed a cell: the kill log's words, written down before the kill."""

    WALL_TIME = "wall_time"
    CPU_TIME = "cpu_time"
    OUTPUT = "output"
    EXAMINER = "examiner"
    CLEANUP = "cleanup"


class Usage(Value):
    """What one cell used. `None` where the engine could not tell."""

    peak_memory: int | None = None
    cpu_time: float | None = None
    wall_time: float = 0.0


class ProgramRun(Value):
    """One start of a program during a case. `signals` are those that the suite sent: `TERM`."""

    role: str
    argv: tuple[str, ...]
    exit_code: int | None = None
    signal: int | None = None
    stopped: Stop | None = None
    signals: tuple[str, ...] = ()
    out_of_memory: bool = False
    process_limit_hits: int = 0
    usage: Usage = Usage()
    stdout: Untrusted | None = None
    stderr: Untrusted | None = None


class Step(Value):
    """One line of a case's transcript. `at` is seconds since the case began.

    `kind` is one of start, send, receive, run, output, signal, exit, note, check.
    """

    at: float
    kind: str
    text: Untrusted


class Case(Value):
    """A case as the suite declares it, collected before any cell of the candidate ran.

    `tags` are the names of the suite's own marks. `time_limit` in seconds is the case's own; where
    it has none, the assignment's holds.
    """

    id: str
    title: str
    brief: str = ""
    criterion: str
    points: float = 1.0
    needs: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    time_limit: float | None = None


class CaseResult(Value):
    """A case, its verdict and the evidence. `expected` and `seen` are absent when it passed."""

    case: Case
    verdict: Verdict
    explanation: str = ""
    duration: float = 0.0
    message: Untrusted | None = None
    expected: Untrusted | None = None
    seen: Untrusted | None = None
    transcript: tuple[Step, ...] = ()
    programs: tuple[ProgramRun, ...] = ()
    limits_hit: tuple[str, ...] = ()
