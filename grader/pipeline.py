"""One submission from source to grade. Nothing here prints, exits or reads the environment."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from grader import __version__, escape
from grader.errors import InfraError, PackError
from grader.intake import Source
from grader.model.grade import AssignmentRef, Environment, Grade, Phase
from grader.model.results import BuildResult, CaseResult, Reason
from grader.model.verdict import Status, Verdict
from grader.packs import Pack
from grader.sandbox.engine import Engine
from grader.sandbox.examiner import Images, Payload
from grader.sandbox.space import RunSpace, open_space
from grader.stages.build import BuildPlan, build
from grader.stages.build_cache import BuildCache
from grader.stages.examine import ExaminePlan, Observer, examine
from grader.stages.score import score_criteria, total
from grader.stages.source import take_for

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class ImageIds:
    """The images of one grading, by id, so that a rebuilt tag changes nothing half-way."""

    build: str
    run: str
    examiner: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to grade and with what. `phases` are those that were over before the plan was made."""

    pack: Pack
    source: Source
    images: ImageIds
    seed: int
    fresh_build: bool = False
    only: tuple[str, ...] | None = None
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """Where to do it. `state` holds leases, `scratch` whatever a grading needs on the host."""

    engine: Engine
    cache: BuildCache
    state: Path
    backends: tuple[str, ...] = ()


class Progress(Observer, Protocol):
    """Hears the phases as well; it must not raise."""

    def phase(self, name: str) -> None: ...
    def retry(self, error: InfraError) -> None: ...


def grade(plan: Plan, services: Services, progress: Progress) -> Grade:
    """Grade a submission. A fault of ours is tried again, then becomes status `infra_error`; this
    is the only place where that happens. DockerUnavailable and PackError pass through.
    """
    record = _Record(plan, services)
    for attempt in range(1, ATTEMPTS + 1):
        record.attempts = attempt
        try:
            with open_space(services.engine, services.state) as space:
                return _attempt(record, space, progress)
        except InfraError as error:
            if attempt == ATTEMPTS:
                return record.close(Status.INFRA_ERROR, reason=_reason(error))
            progress.retry(error)
            record.restart()
    raise AssertionError("unreachable")


@dataclass(slots=True)
class _Record:
    """Collects what a grade is made of while it comes to be known."""

    plan: Plan
    services: Services
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: str = field(default_factory=lambda: _now())
    attempts: int = 1
    build: BuildResult | None = None
    phases: list[Phase] = field(default_factory=list)

    def restart(self) -> None:
        self.build = None
        self.phases.clear()

    @contextmanager
    def phase(self, name: str, progress: Progress) -> Iterator[None]:
        progress.phase(name)
        began = time.monotonic()
        yield
        self.phases.append(Phase(name=name, seconds=round(time.monotonic() - began, 3)))

    def close(
        self,
        status: Status,
        *,
        reason: Reason | None = None,
        cases: tuple[CaseResult, ...] = (),
    ) -> Grade:
        pack, assignment = self.plan.pack, self.plan.pack.assignment
        criteria = score_criteria(pack.rubric, cases)
        return Grade(
            id=self.id,
            assignment=AssignmentRef(
                id=assignment.id,
                title=assignment.title,
                version=assignment.version,
                digest=pack.digest,
            ),
            submission=self.plan.source.submission,
            status=status,
            reason=reason,
            score=total(criteria, assignment.pass_mark) if status is Status.GRADED else None,
            criteria=criteria,
            build=self.build,
            limits=assignment.limits,
            seed=self.plan.seed,
            attempts=self.attempts,
            environment=_environment(self.plan, self.services),
            phases=(*self.plan.phases, *self.phases),
            started_at=self.started_at,
            finished_at=_now(),
        )


def _attempt(record: _Record, space: RunSpace, progress: Progress) -> Grade:
    plan, services = record.plan, record.services
    with record.phase("build", progress):
        wanted = _build_plan(plan.pack, plan.source, plan.images)
        record.build = build(space, wanted, services.cache, fresh=plan.fresh_build)
    if record.build.artifact is None:
        return record.close(Status.BUILD_FAILED, reason=record.build.reason)
    programs = {"candidate": services.cache.load(record.build.artifact)}
    with record.phase("reference", progress):
        programs |= reference_programs(space, plan.pack, plan.images, services)
    with record.phase("examine", progress):
        results = examine(space, _examine_plan(plan, services, programs), progress)
    broken = [result for result in results if result.verdict is Verdict.INFRA_ERROR]
    if broken:
        raise InfraError(
            "case-infra",
            f"{len(broken)} cases could not be run because of a fault that is not the candidate's",
            details=tuple(_first_words(result) for result in broken[:3]),
        )
    return record.close(Status.GRADED, cases=results)


def _build_plan(pack: Pack, source: Source, images: ImageIds) -> BuildPlan:
    return BuildPlan(
        source=source.tar,
        source_digest=source.submission.digest,
        image=images.build,
        settings=pack.assignment.build,
        limits=pack.assignment.limits.build,
    )


def reference_programs(
    space: RunSpace, pack: Pack, images: ImageIds, services: Services
) -> dict[str, bytes]:
    """The pack's reference program, where the pack names one. It is as good as always cached."""
    name = pack.assignment.run.reference
    if name is None:
        return {}
    folder = str(pack.solution(name))
    source = take_for(pack, folder, scratch=services.state)
    result = build(space, _build_plan(pack, source, images), services.cache, fresh=False)
    if result.artifact is None:
        raise PackError(
            "reference-build",
            f"the reference solution {name} of {pack.assignment.id} does not build",
            details=tuple(escape.one_line(line) for line in result.log.text.splitlines()[-10:]),
            hint=f"grade submit {folder} -a {pack.assignment.id}",
        )
    return {"reference": services.cache.load(result.artifact)}


def _examine_plan(plan: Plan, services: Services, programs: dict[str, bytes]) -> ExaminePlan:
    assignment = plan.pack.assignment
    return ExaminePlan(
        images=Images(examiner=plan.images.examiner, run=plan.images.run),
        payload=Payload(suite=plan.pack.suite_files(), programs=programs),
        run=assignment.run,
        limits=assignment.limits,
        seed=plan.seed,
        backends=services.backends,
        only=plan.only,
    )


def _environment(plan: Plan, services: Services) -> Environment:
    facts = services.engine.facts
    return Environment(
        grader_version=__version__,
        engine=facts.server_version,
        kernel=facts.kernel,
        cgroup=facts.cgroup_version,
        architecture=facts.architecture,
        images={
            "build": plan.images.build,
            "run": plan.images.run,
            "examiner": plan.images.examiner,
        },
        notes=tuple(f"fault back end available: {name}" for name in services.backends),
    )


def _reason(error: InfraError) -> Reason:
    return Reason(code=error.code, message=error.message, details=error.details, hint=error.hint)


def _first_words(result: CaseResult) -> str:
    said = result.message.text.strip().splitlines() if result.message else []
    return f"{result.case.id}: {said[-1][:160] if said else 'no message'}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
