"""One run cell as the pool sees it: its container, its limits' counters, and how it ended."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TypeVar

from grader.model.results import ProgramRun, Stop, Usage
from grader.sandbox.cgroup import CgroupFiles, Sample, sample_of_stats
from grader.sandbox.container import Container
from grader.sandbox.stream import AttachedStream

_Number = TypeVar("_Number", int, float)
_KILLED = 128 + 9


@dataclass(slots=True)
class Cell:
    """Changed only by the pool and its watchers, under the pool's lock.

    `side` is the container's own output. The program's goes elsewhere, but it can open this one
    through the /proc entry of init; unread, it would keep the engine busy for nothing.
    """

    name: str
    role: str
    slot: int
    argv: tuple[str, ...]
    container: Container
    side: AttachedStream
    files: CgroupFiles
    started: float = field(default_factory=time.monotonic)
    ended_at: float | None = None
    exit_code: int | None = None
    out_of_memory: bool = False
    stopped: Stop | None = None
    frozen: bool = False
    signals: list[str] = field(default_factory=list)
    side_bytes: int = 0
    last: Sample = field(default_factory=Sample)
    dead: threading.Event = field(default_factory=threading.Event)

    @property
    def alive(self) -> bool:
        return not self.dead.is_set()

    @property
    def over(self) -> bool:
        """Whether it has ended, though the engine may not have said so yet: a kill that comes after
        that did not end it. Looks at the process itself where this host can see it.
        """
        if not self.alive:
            return True
        if self.files.usable:
            return not self.files.has_process
        return not self.container.state().running

    @property
    def age(self) -> float:
        return (self.ended_at or time.monotonic()) - self.started

    def sample(self) -> Sample:
        """Measure now if it still can be measured; what was known before is kept."""
        if self.alive:
            now = self.files.sample() if self.files.usable else self._ask_engine()
            self.last = Sample(
                peak_memory=_larger(now.peak_memory, self.last.peak_memory),
                cpu_time=_larger(now.cpu_time, self.last.cpu_time),
                processes=now.processes,
                process_limit_hits=max(now.process_limit_hits, self.last.process_limit_hits),
            )
        return self.last

    def record(self) -> ProgramRun:
        """The evidence about this start of the program, without its output.

        A program that ended by itself just before our kill shows it by its exit code.
        """
        code = self.exit_code
        return ProgramRun(
            role=self.role,
            argv=self.argv,
            exit_code=code,
            signal=signal_of(code),
            stopped=self.stopped if code in (None, _KILLED) else None,
            signals=tuple(self.signals),
            out_of_memory=self.out_of_memory,
            process_limit_hits=self.last.process_limit_hits,
            usage=Usage(
                peak_memory=self.last.peak_memory,
                cpu_time=self.last.cpu_time,
                wall_time=round(self.age, 3),
            ),
        )

    def _ask_engine(self) -> Sample:
        return sample_of_stats(self.container.stats())


def signal_of(exit_code: int | None) -> int | None:
    """The signal behind an exit code above 128, as init and shells report it."""
    return exit_code - 128 if exit_code is not None and 128 < exit_code <= 128 + 64 else None


def _larger(first: _Number | None, second: _Number | None) -> _Number | None:
    if first is None or second is None:
        return second if first is None else first
    return max(first, second)
