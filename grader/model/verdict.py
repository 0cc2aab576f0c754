"""The two outcomes: of a case, and of a submission."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """The outcome of one case. Only `passed` earns points."""

    PASSED = "passed"
    FAILED = "failed"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    MEMORY_EXCEEDED = "memory_exceeded"
    OUTPUT_EXCEEDED = "output_exceeded"
    PROCESS_LIMIT = "process_limit"
    SKIPPED = "skipped"
    NOT_RUN = "not_run"
    INFRA_ERROR = "infra_error"

    @property
    def counts(self) -> bool:
        """Whether the case enters the score: what could not be tried is nobody's failure."""
        return self not in (Verdict.SKIPPED, Verdict.NOT_RUN, Verdict.INFRA_ERROR)


class Status(StrEnum):
    """The outcome of a submission."""

    GRADED = "graded"
    BUILD_FAILED = "build_failed"
    REJECTED = "rejected"
    INFRA_ERROR = "infra_error"
