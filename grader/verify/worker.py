"""A process that does one job: the job is the first line of stdin, stdout takes the events.

Every job has a process of its own, so that an interrupt reaches whatever the grading waits for and
its containers are removed. The process ends when its stdin does, which is when its parent dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from grader.errors import EXIT_INTERRUPTED, GradeError, InfraError, PackError, Rejected
from grader.model.base import Value
from grader.model.results import Case, CaseResult, Reason
from grader.model.verdict import Status
from grader.packs import Pack, load_pack
from grader.pipeline import ImageIds, Plan, Services, grade
from grader.sandbox.engine import connect
from grader.stages.build_cache import BuildCache
from grader.stages.source import take_for
from grader.verify.events import CaseEnded, CasesFound, Ended, PhaseBegan, TryingAgain, failed
from grader.verify.outcome import Outcome, outcome_of
from grader.verify.plan import Job


def main() -> int:
    """0 when the last line told an outcome or a failure of ours."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt_once)
    try:
        job = Job.model_validate_json(sys.stdin.readline())
        threading.Thread(target=_end_with_parent, daemon=True).start()
        _say(Ended(outcome=do(job)))
    except GradeError as error:
        _say(failed(error))
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


def do(job: Job) -> Outcome:
    """Grade the solution as `grade submit` would grade a submission."""
    began = time.monotonic()
    pack = load_pack(Path(job.pack))
    if pack.digest != job.digest:
        raise PackError(
            "pack-changed",
            f"the pack at {job.pack} changed while it was verified",
            hint="run the command again when nobody edits it",
        )
    try:
        return _graded(job, pack, began)
    except Rejected as error:
        reason = Reason(
            code=error.code, message=error.message, details=error.details, hint=error.hint
        )
        return Outcome(status=Status.REJECTED, reason=reason, seed=job.seed)


def _graded(job: Job, pack: Pack, began: float) -> Outcome:
    place = job.place
    source = take_for(pack, job.source, scratch=Path(place.state))
    images = ImageIds(build=place.build_image, run=place.run_image, examiner=place.examiner_image)
    engine = connect(place.docker_url)
    try:
        services = Services(
            engine=engine,
            cache=BuildCache(Path(place.cache)),
            state=Path(place.state),
            backends=place.backends,
        )
        result = grade(Plan(pack, source, images, job.seed), services, _Teller())
    finally:
        engine.close()
    return outcome_of(result, time.monotonic() - began)


class _Teller:
    """Passes the pipeline's progress on."""

    def phase(self, name: str) -> None:
        _say(PhaseBegan(name=name))

    def retry(self, error: InfraError) -> None:
        _say(TryingAgain(message=error.message))

    def collected(self, cases: tuple[Case, ...]) -> None:
        _say(CasesFound(count=len(cases)))

    def case_started(self, case: Case) -> None:
        """Nobody watches single cases."""

    def case_finished(self, result: CaseResult) -> None:
        _say(CaseEnded(case=result.case.id, verdict=result.verdict))


def _say(event: Value) -> None:
    with contextlib.suppress(BrokenPipeError):  # the parent is gone, and a signal under way
        sys.stdout.write(event.model_dump_json() + "\n")
        sys.stdout.flush()


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _interrupt_once(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
