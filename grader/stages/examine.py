"""Runs the hidden suite against the program and returns what it found, case by case."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from grader.errors import GradeError, InfraError
from grader.model.assignment import RunSettings
from grader.model.limits import Limits
from grader.model.quantity import show_seconds
from grader.model.results import Case, CaseResult, ProgramRun
from grader.model.verdict import Verdict
from grader.sandbox.cells import CellPool
from grader.sandbox.examiner import Examiner, Images, Payload, open_examiner
from grader.sandbox.space import RunSpace
from grader.sandbox.stream import Deadline, DeadlinePassed
from grader.stages import wire
from grader.stages.cell_requests import answer
from grader.stages.verdicts import decide, limits_hit

_COLLECT_TIME = 60.0
_GRACE = 120.0
"""Seconds beyond a case's limit in which the examiner and the engine may tidy up."""


class Observer(Protocol):
    """Hears how an examination goes; it must not raise."""

    def collected(self, cases: tuple[Case, ...]) -> None: ...
    def case_started(self, case: Case) -> None: ...
    def case_finished(self, result: CaseResult) -> None: ...


@dataclass(frozen=True, slots=True)
class ExaminePlan:
    """`backends` names the fault back ends that the engine has; `only` picks cases by id."""

    images: Images
    payload: Payload
    run: RunSettings
    limits: Limits
    seed: int
    backends: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None


def examine(space: RunSpace, plan: ExaminePlan, observer: Observer) -> tuple[CaseResult, ...]:
    """One result for every case of the suite, in its order.

    Raises InfraError when the suite did not run as a whole: a missing case is never a pass and
    never the candidate's failure.
    """
    ipv6 = "ipv6" in plan.backends
    with open_examiner(space, plan.images, plan.payload, plan.limits.run, ipv6=ipv6) as examiner:

        def tell(cell: str, run: ProgramRun) -> None:
            examiner.send(wire.exited(cell, run))

        pool = CellPool(space, examiner.plan, tell)
        try:
            return _Examination(plan, examiner, pool, observer).run()
        finally:
            pool.close()


@dataclass(slots=True)
class _Examination:
    plan: ExaminePlan
    examiner: Examiner
    pool: CellPool
    observer: Observer
    cases: dict[str, Case] | None = None
    running: str | None = None
    results: dict[str, CaseResult] = field(default_factory=dict)
    executed: tuple[str, ...] | None = None
    suite_time: Deadline = field(init=False)
    patience: Deadline = field(init=False)

    def __post_init__(self) -> None:
        self.suite_time = Deadline(self.plan.limits.suite.wall_time)
        self.patience = Deadline(min(_COLLECT_TIME, self.suite_time.left()))

    def run(self) -> tuple[CaseResult, ...]:
        self.examiner.send(self._hello())
        try:
            for line in self.examiner.lines(self.patience):
                self.pool.check()
                self._take(line)
                if self.executed is not None:
                    break
        except DeadlinePassed as error:
            if self.suite_time.left() or self.cases is None:
                raise self._problem("suite-hung", "the examiner did not come back") from error
            return self._out_of_time()
        self.pool.check()
        return self._complete()

    def _hello(self) -> bytes:
        limits = self.plan.limits
        return wire.hello(
            seed=self.plan.seed,
            case_time=limits.suite.case_time,
            output_bytes=limits.run.output,
            arguments=self.plan.run.arguments,
            environment=self.plan.run.environment,
            slots=[
                {
                    "number": slot.number,
                    "data": f"/slots/{slot.number}/data",
                    "io": f"/slots/{slot.number}/io",
                }
                for slot in self.examiner.plan.slots
            ],
            reference="reference" in self.plan.payload.programs,
            backends=self.plan.backends,
            only=self.plan.only,
        )

    def _take(self, line: bytes) -> None:
        message = wire.read(line)
        match message:
            case wire.Collected():
                self._collected(message)
            case wire.CaseStarted():
                self._started(self._case(message.id))
            case wire.CaseFinished():
                self._finished(message)
            case wire.Finished():
                self.executed = message.executed
            case wire.Fatal():
                raise self._problem("suite-broken", f"the suite broke: {message.message}")
            case _:
                if self.cases is None:
                    raise self._problem("suite-early", "the suite started a program too early")
                self.examiner.send(answer(message, self.pool))

    def _collected(self, message: wire.Collected) -> None:
        if message.errors or not message.cases:
            raise InfraError(
                "suite-collect",
                "the hidden suite could not be loaded",
                details=message.errors[:5] or ("it has no cases",),
                hint="run `grade assignment show` and fix the suite",
            )
        self.cases = {case.id: case for case in message.cases}
        self.observer.collected(message.cases)

    def _case(self, name: str) -> Case:
        if self.cases is None or name not in self.cases or name in self.results:
            raise self._problem("suite-order", f"the suite reported an unexpected case: {name}")
        return self.cases[name]

    def _started(self, case: Case) -> None:
        """The suite's time is the candidate's; an examiner that outstays a case's is our fault."""
        limit = case.time_limit or self.plan.limits.suite.case_time
        self.patience.set(min(limit + _GRACE, self.suite_time.left()))
        self.running = case.id
        self.observer.case_started(case)

    def _finished(self, message: wire.CaseFinished) -> None:
        case = self._case(message.id)
        programs = tuple(
            self.pool.record(output.cell).model_copy(
                update={"stdout": output.stdout, "stderr": output.stderr}
            )
            for output in message.programs
        )
        limits = self.plan.limits.run
        verdict, explanation = decide(message.outcome, programs, limits)
        result = CaseResult(
            case=case,
            verdict=verdict,
            explanation=explanation,
            duration=round(message.duration, 3),
            message=message.message,
            expected=None if verdict is Verdict.PASSED else message.expected,
            seen=None if verdict is Verdict.PASSED else message.seen,
            transcript=message.steps,
            programs=programs,
            limits_hit=limits_hit(programs, limits),
        )
        self.results[case.id] = result
        self.observer.case_finished(result)

    def _out_of_time(self) -> tuple[CaseResult, ...]:
        """Whoever makes every case wait to its end gets what was earned until then."""
        limit = show_seconds(self.plan.limits.suite.wall_time)
        for case in (self.cases or {}).values():
            if case.id not in self.results:
                how = "ended" if case.id == self.running else "began"
                self.results[case.id] = CaseResult(
                    case=case,
                    verdict=Verdict.TIMED_OUT,
                    explanation=f"The time for the whole suite ({limit}) was over before it {how}.",
                )
                self.observer.case_finished(self.results[case.id])
        return tuple(self.results[name] for name in self.cases or {})

    def _complete(self) -> tuple[CaseResult, ...]:
        """The executed cases must be the collected ones, each exactly once."""
        cases = self.cases or {}
        if self.executed is None:
            raise self._problem("examiner-ended", "the examiner ended before the suite was done")
        missing = [name for name in cases if name not in self.results]
        if missing or sorted(self.executed) != sorted(cases):
            raise self._problem(
                "suite-incomplete", f"{len(missing)} cases of the suite did not run"
            )
        return tuple(self.results[name] for name in cases)

    def _problem(self, code: str, message: str) -> GradeError:
        log = self.examiner.log.value().text.strip().splitlines()[-8:]
        where = (f"during {self.running}",) if self.running else ()
        return InfraError(code, message, details=(*where, *(line[:200] for line in log)))
