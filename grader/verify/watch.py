"""How a verification goes, on stderr: a line for each run that ended, and what is running now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import assert_never

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from grader import escape
from grader.model.quantity import show_seconds
from grader.packs import Pack
from grader.verify import words
from grader.verify.events import (
    CaseEnded,
    CasesFound,
    Ended,
    Event,
    Failed,
    PhaseBegan,
    TryingAgain,
)
from grader.verify.finding import Level
from grader.verify.outcome import Outcome
from grader.verify.plan import Job
from grader.verify.proof import run_findings

_PHASES = {"build": "building", "reference": "preparing the reference", "examine": "examining"}


class LineWatch:
    """One line for each run when it ends; what a CI log keeps."""

    def __init__(self, console: Console, pack: Pack, total: int) -> None:
        self._console, self._pack, self._total = console, pack, total
        self._began = time.monotonic()
        self._done = 0

    def began(self, job: Job) -> None:
        """Plain logs hear of a run when it ends."""

    def told(self, job: Job, event: Event) -> None:
        if isinstance(event, TryingAgain):
            said = escape.one_line(event.message)
            self._say(Text(f"{job.solution}: a fault of ours, trying again: {said}"))

    def ended(self, job: Job, outcome: Outcome) -> None:
        self._done += 1
        found = run_findings(self._pack, job.solution, outcome)
        holds = all(finding.level is Level.NOTE for finding in found)
        line = Text(f"{self._done}/{self._total} ")
        line.append("ok" if holds else "NO", style="green" if holds else "bold red")
        line.append(f" {job.solution}: {words.got([outcome])}, {show_seconds(outcome.seconds)}")
        self._say(line)

    def _say(self, line: Text) -> None:
        since = time.monotonic() - self._began
        self._console.print(Text(f"[{since:6.1f}s] {self._pack.assignment.id} ").append(line))


class LiveWatch(LineWatch):
    """The same lines above a table of the runs that are under way."""

    def __init__(self, console: Console, pack: Pack, total: int) -> None:
        super().__init__(console, pack, total)
        self._running: dict[Job, _Running] = {}

    def began(self, job: Job) -> None:
        self._running[job] = _Running()

    def told(self, job: Job, event: Event) -> None:
        super().told(job, event)
        self._running[job].hear(event)

    def ended(self, job: Job, outcome: Outcome) -> None:
        del self._running[job]
        super().ended(job, outcome)

    def __rich__(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        for job, running in tuple(self._running.items()):
            since = show_seconds(round(time.monotonic() - running.since))
            table.add_row(Text(job.solution), Text(running.words), Text(since, "dim"))
        table.add_row(Text(f"{self._done} of {self._total} runs", "dim"))
        return table


class _Running:
    def __init__(self) -> None:
        self.since = time.monotonic()
        self.words = "starting"
        self._cases = self._ended = 0

    def hear(self, event: Event) -> None:
        match event:
            case PhaseBegan():
                self.words = _PHASES.get(event.name, event.name)
            case CasesFound():
                self._cases, self._ended = event.count, 0
                self._count()
            case CaseEnded():
                self._ended += 1
                self._count()
            case TryingAgain() | Ended() | Failed():
                pass
            case _:
                assert_never(event)

    def _count(self) -> None:
        self.words = f"case {self._ended} of {self._cases}"


@contextmanager
def open_watch(console: Console, pack: Pack, total: int, *, live: bool) -> Iterator[LineWatch]:
    """`live` where the console is a terminal that can move its cursor."""
    if not live:
        yield LineWatch(console, pack, total)
        return
    watch = LiveWatch(console, pack, total)
    with Live(watch, console=console, transient=True, refresh_per_second=4):
        yield watch
