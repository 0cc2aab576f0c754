"""The immutable record of one grading; every report is a pure function of it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from grader.model.assignment import Criterion
from grader.model.base import Value
from grader.model.limits import Limits
from grader.model.results import BuildResult, CaseResult, Reason
from grader.model.submission import Submission
from grader.model.verdict import Status


class AssignmentRef(Value):
    """Which pack: `digest` is the sha256 over its files."""

    id: str
    title: str
    version: str
    digest: str


class CriterionResult(Value):
    """`earned` out of `criterion.points`; `None` for a reviewed criterion or one not measured.

    `gated` is the sentence that says why a gate set the points to 0.
    """

    criterion: Criterion
    earned: float | None
    cases: tuple[CaseResult, ...] = ()
    gated: str = ""


class Score(Value):
    """`points` of `out_of`, where `out_of` counts what could be measured; `percent` of it."""

    points: float
    out_of: float
    percent: float
    pass_mark: float
    passed: bool


class Phase(Value):
    """One phase of the grading and how long it took, in seconds."""

    name: str
    seconds: float


class Environment(Value):
    """What the grading ran on. `images` maps a role (build, run, examiner) to an image id."""

    grader_version: str
    engine: str = ""
    kernel: str = ""
    cgroup: str = ""
    architecture: str = ""
    images: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Grade(Value):
    """Everything about one grading. `id` is a random 128-bit name in hex; times are UTC."""

    format: Literal[1] = 1
    id: str
    assignment: AssignmentRef
    submission: Submission | None
    status: Status
    reason: Reason | None = None
    score: Score | None = None
    criteria: tuple[CriterionResult, ...] = ()
    build: BuildResult | None = None
    limits: Limits
    seed: int
    attempts: int = 1
    environment: Environment
    phases: tuple[Phase, ...] = ()
    started_at: str
    finished_at: str
