"""Live progress on stderr: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from grader.errors import InfraError
from grader.model.quantity import show_seconds
from grader.model.results import Case, CaseResult
from grader.model.verdict import Verdict

_PHASES = {
    "intake": "taking the source",
    "images": "checking the sandbox images",
    "build": "building in the sandbox",
    "reference": "preparing the reference",
    "examine": "examining",
}
_MARKS = {Verdict.PASSED: ("ok", "green"), Verdict.NOT_RUN: ("--", "yellow")}


class LineProgress:
    """One line a phase and a case; what a CI log keeps."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def phase(self, name: str) -> None:
        self._say(f"{_PHASES.get(name, name)} ...")

    def notice(self, text: str) -> None:
        self._say(f"note: {text}")

    def image_line(self, text: str) -> None:
        self._say(f"  {text}")

    def retry(self, error: InfraError) -> None:
        self._say(f"a fault of ours, trying again: {error.message}")

    def collected(self, cases: tuple[Case, ...]) -> None:
        self._say(f"{len(cases)} {'case' if len(cases) == 1 else 'cases'}")

    def case_started(self, case: Case) -> None:
        """Plain logs get one line a case, when it ends."""

    def case_finished(self, result: CaseResult) -> None:
        self._console.print(_case_line(result))

    def _say(self, text: str) -> None:
        since = time.monotonic() - self._began
        self._console.print(Text(f"[{since:6.1f}s] {text}"))


class LiveProgress(LineProgress):
    """The same lines above a bar that shows the case at hand; passed cases leave no line."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None)

    def phase(self, name: str) -> None:
        self._bar.reset(self._task, total=None, description=_PHASES.get(name, name))

    def collected(self, cases: tuple[Case, ...]) -> None:
        self._bar.reset(self._task, total=len(cases))

    def case_started(self, case: Case) -> None:
        self._bar.update(self._task, description=f"{case.criterion}: {case.title[:56]}")

    def case_finished(self, result: CaseResult) -> None:
        self._bar.advance(self._task)
        if result.verdict is not Verdict.PASSED:
            super().case_finished(result)

    def __enter__(self) -> LiveProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


@contextmanager
def open_progress(stream: TextIO) -> Iterator[LineProgress]:
    """Live on a terminal that can show it, else plain lines."""
    console = Console(file=stream, highlight=False, soft_wrap=True)
    if console.is_terminal and os.environ.get("TERM") != "dumb":
        with LiveProgress(console) as live:
            yield live
    else:
        yield LineProgress(console)


def _case_line(result: CaseResult) -> Text:
    mark, style = _MARKS.get(result.verdict, ("no", "red"))
    line = Text("  ")
    line.append(f"{mark} ", style=style)
    line.append(f"{result.case.criterion}: {result.case.title}")
    if result.verdict is not Verdict.PASSED:
        line.append(f" ({result.verdict.value})", style=style)
    line.append(f" {show_seconds(result.duration)}", style="dim")
    return line
