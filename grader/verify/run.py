"""Does jobs in processes, some at a time, and stops them all when one fails or somebody asks."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import ValidationError

from grader.model.results import Reason
from grader.model.verdict import Status
from grader.verify.events import EVENT, Ended, Event, Failed
from grader.verify.outcome import Outcome
from grader.verify.plan import Job

# -P: a folder `grader` where the command was called is not what should run.
WORKER = (sys.executable, "-P", "-m", "grader.verify.worker")


class Watcher(Protocol):
    """Hears how the jobs go, from several threads, one call at a time; it must not raise."""

    def began(self, job: Job) -> None: ...
    def told(self, job: Job, event: Event) -> None: ...
    def ended(self, job: Job, outcome: Outcome) -> None: ...


def run_jobs(
    jobs: Sequence[Job], width: int, watcher: Watcher, worker: Sequence[str] = WORKER
) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes of the jobs by name of the solution, in the order of `jobs`.

    An error that would meet every job (no engine, a broken pack) is raised as the worker met it. On
    any exception, an interrupt included, the workers are told to end and clear up, and have done so
    when this returns.
    """
    crew = _Crew(watcher, worker)
    with ThreadPoolExecutor(width, thread_name_prefix="verify") as pool:
        futures = [pool.submit(crew.do, job) for job in jobs]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        except BaseException:
            crew.stop()
            pool.shutdown(cancel_futures=True)
            raise
    results: dict[str, tuple[Outcome, ...]] = {}
    for job, future in zip(jobs, futures, strict=True):
        results[job.solution] = (*results.get(job.solution, ()), future.result())
    return results


@dataclass(slots=True)
class _Crew:
    watcher: Watcher
    worker: Sequence[str]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _working: set[subprocess.Popen[str]] = field(default_factory=set)
    _stopped: bool = False

    def do(self, job: Job) -> Outcome:
        with self._lock:
            if self._stopped:
                return _lost("the verification was stopped", ())
            # A session of its own: at a terminal, Ctrl-C is for us alone, and we pass it on.
            process = subprocess.Popen(
                self.worker,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            self._working.add(process)
            self.watcher.began(job)
        try:
            with process:
                outcome = self._listen(process, job)
        finally:
            with self._lock:
                self._working.discard(process)
        with self._lock:
            self.watcher.ended(job, outcome)
        return outcome

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for process in self._working:
                process.terminate()

    def _listen(self, process: subprocess.Popen[str], job: Job) -> Outcome:
        assert process.stdin is not None
        assert process.stdout is not None
        outcome, failure = None, None
        noise: deque[str] = deque(maxlen=8)
        try:
            process.stdin.write(job.model_dump_json() + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once; its last words follow
        for line in process.stdout:
            event = _read(line)
            match event:
                case None:
                    noise.append(line.rstrip()[:300])
                case Ended():
                    outcome = event.outcome
                case Failed():
                    failure = event.error()
                case _:
                    with self._lock:
                        self.watcher.told(job, event)
        if failure is not None:
            raise failure
        return outcome or _lost("the process that graded it ended too early", tuple(noise))


def _read(line: str) -> Event | None:
    try:
        return EVENT.validate_json(line)
    except ValidationError:
        return None


def _lost(message: str, details: tuple[str, ...]) -> Outcome:
    reason = Reason(code="worker-lost", message=message, details=details)
    return Outcome(status=Status.INFRA_ERROR, reason=reason)
