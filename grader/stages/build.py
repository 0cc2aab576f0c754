"""Source in, artifact out; or the reason why there is none, in words for the candidate."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from grader.errors import Rejected
from grader.intake.tar import read_single_file
from grader.model.assignment import BuildSettings
from grader.model.limits import BuildLimits
from grader.model.quantity import show_bytes, show_seconds
from grader.model.results import BuildResult, Reason, Stop
from grader.model.untrusted import Untrusted
from grader.sandbox.build_cell import (
    EXIT_COPY,
    EXIT_NO_ARTIFACT,
    EXIT_SCRATCH_FULL,
    EXIT_TOO_LARGE,
    EXIT_UNPACK,
    INODES,
    OUTPUT_NAME,
    BuildEnd,
    Language,
    LanguageTooNew,
    run_build,
)
from grader.sandbox.space import RunSpace
from grader.stages.build_cache import BuildCache
from grader.stages.diagnosis import explain, newer_language, no_artifact, wanted_language

_LASTING = ("build-failed", "build-dune-lang", "build-missing-library", "build-no-artifact")
"""Outcomes that would be the same another time: the project's text decides them."""

_SIGKILL = 9

_RECIPE = 2
"""Raised when the same inputs may build differently because this program changed."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """`source` is a clean tar and `source_digest` its sha256; `image` is an image id."""

    source: bytes
    source_digest: str
    image: str
    settings: BuildSettings
    limits: BuildLimits

    @property
    def command(self) -> tuple[str, ...]:
        return (
            *("dune", "build", "--root", ".", "--display", "quiet"),
            *("--profile", self.settings.profile, self.settings.artifact),
        )

    @property
    def key(self) -> str:
        """What the result depends on, as a sha256."""
        inputs = [
            _RECIPE,
            self.source_digest,
            self.image,
            self.settings.model_dump(mode="json"),
            self.limits.model_dump(mode="json"),
        ]
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def build(space: RunSpace, plan: BuildPlan, cache: BuildCache, *, fresh: bool) -> BuildResult:
    """Build, or take the result of the same build from the cache unless `fresh`.

    Only outcomes that would repeat are kept: a program, or the compiler's refusal. A build that
    was killed by nobody knows whom is tried a second time.
    """
    if not fresh and (known := cache.find(plan.key)):
        return known
    language = wanted_language(plan.source)
    end = _run(space, plan, language)
    if isinstance(end, BuildEnd) and _killed(end):
        end = _run(space, plan, language)
    result = _result(end, plan, cache, language)
    if result.reason is None or result.reason.code in _LASTING:
        cache.keep(plan.key, result)
    return result


def _run(space: RunSpace, plan: BuildPlan, language: Language | None) -> BuildEnd | LanguageTooNew:
    artifact, command = plan.settings.artifact, plan.command
    return run_build(space, plan.image, plan.source, artifact, command, plan.limits, language)


def _killed(end: BuildEnd) -> bool:
    """By a SIGKILL that is not ours and that no limit explains: the project's own doing, or that of
    somebody on this host. Only the project does it again.
    """
    explained = end.stopped or end.out_of_memory or end.process_limit_hits
    return end.signal == _SIGKILL and not explained


def _result(
    end: BuildEnd | LanguageTooNew, plan: BuildPlan, cache: BuildCache, language: Language | None
) -> BuildResult:
    if isinstance(end, LanguageTooNew):
        wanted = ".".join(map(str, language or ()))
        return BuildResult(
            command=plan.command,
            image=plan.image,
            artifact=None,
            reason=newer_language(wanted, end.dune),
            log=Untrusted.of(b""),
            wall_time=0.0,
        )
    artifact, reason = None, why_failed(end, plan)
    if reason is None:
        try:
            data = read_single_file(end.archive, OUTPUT_NAME, plan.limits.artifact)
        except Rejected as error:
            reason = Reason(code="build-artifact", message=error.message, hint=error.hint)
        else:
            artifact = cache.store(data)
    return BuildResult(
        command=plan.command,
        image=plan.image,
        artifact=artifact,
        reason=reason,
        log=end.log,
        wall_time=round(end.wall_time, 3),
    )


def why_failed(end: BuildEnd, plan: BuildPlan) -> Reason | None:
    """The first of our own observations that explains the failure; `None` for a success."""
    limits = plan.limits
    if end.stopped is Stop.WALL_TIME:
        return _limit(
            "build-time",
            f"the build ran longer than {show_seconds(limits.wall_time)} and was stopped",
            "limits.build.wall_time",
        )
    if end.stopped is Stop.OUTPUT:
        return _limit(
            "build-output",
            f"the build printed more than {show_bytes(limits.output * 64)} and was stopped",
            "limits.build.output",
        )
    if end.exit_code == 0:
        return None
    if end.out_of_memory:
        return _limit(
            "build-memory",
            f"the build used more than {show_bytes(limits.memory)} (memory and scratch files)",
            "limits.build.memory",
        )
    if end.process_limit_hits:
        return _limit(
            "build-processes",
            f"the build started more than {limits.processes} processes at once",
            "limits.build.processes",
        )
    if end.exit_code in (EXIT_SCRATCH_FULL, EXIT_UNPACK):
        return _limit(
            "build-disk",
            f"the build filled its {show_bytes(limits.scratch)} of scratch space, or /tmp,"
            f" or made more than {INODES:,} files",
            "limits.build.scratch",
        )
    if end.exit_code == EXIT_TOO_LARGE:
        return _limit(
            "build-artifact",
            f"{plan.settings.artifact} is larger than {show_bytes(limits.artifact)}",
            "limits.build.artifact",
        )
    if end.exit_code == EXIT_COPY:
        return Reason(
            code="build-artifact",
            message=f"{plan.settings.artifact} was built and could not be copied out of the cell",
            hint="leave /out alone, and end with the build what it started",
        )
    if end.exit_code == EXIT_NO_ARTIFACT:
        return no_artifact(plan.settings.artifact)
    if end.signal is not None:
        return Reason(
            code="build-killed",
            message=f"the build was ended by signal {end.signal}, which nobody here sent",
            hint="look for a rule that ends processes",
        )
    return explain(end.log, plan.settings.artifact, end.dune) or Reason(
        code="build-failed",
        message=f"`{' '.join(plan.command)}` failed (exit code {end.exit_code})",
        hint="read the compiler's message in the build log",
    )


def _limit(code: str, message: str, key: str) -> Reason:
    return Reason(code=code, message=message, details=(f"the limit is {key} of the assignment",))
