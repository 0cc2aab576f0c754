"""Everything that a case opened, so that nothing of it is left when the next one begins."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from grader.testkit.cells import Cells
from grader.testkit.connection import Connection
from grader.testkit.data_folder import DataFolder
from grader.testkit.excerpt import Excerpt, WireText
from grader.testkit.fifo import Output
from grader.testkit.problems import InfraFault
from grader.testkit.program import Program
from grader.testkit.slots import Slots
from grader.testkit.transcript import Transcript

OUTPUT_KEEP = 16 * 1024
ALL_OUTPUT_KEEP = 64 * 1024
"""Bytes of programs' output in one case's evidence, so that it fits on a line of the wire."""

PROGRAMS_KEEP = 200
"""Programs of one case whose output is kept: the first ones and the last."""


class WireProgram(TypedDict):
    cell: str
    stdout: WireText
    stderr: WireText


class CaseRun:
    """One run of one case: its transcript, programs and connections."""

    def __init__(self, cells: Cells, slots: Slots, transcript: Transcript) -> None:
        self.cells = cells
        self.slots = slots
        self.transcript = transcript
        self.programs: list[Program] = []
        self.over = False
        self._connections: list[Connection] = []
        self._scratch: Path | None = None

    @property
    def scratch(self) -> Path:
        """An empty folder of the examiner's for this case."""
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="case-"))
        return self._scratch

    def keep(self, connection: Connection) -> None:
        """Close `connection` at the end of the case."""
        self._connections.append(connection)

    def last_program_on(self, data: DataFolder) -> Program:
        """Raises `InfraFault` where no program of this case had that folder."""
        for program in reversed(self.programs):
            if program.data is data:
                return program
        raise InfraFault("the suite passes a data folder that no program of this case had")

    def outputs(self) -> list[WireProgram]:
        """What each program wrote, cut to share the space there is."""
        shown = self.programs
        if len(shown) > PROGRAMS_KEEP:
            shown = shown[: PROGRAMS_KEEP // 2] + shown[-PROGRAMS_KEEP // 2 :]
        keep = min(OUTPUT_KEEP, ALL_OUTPUT_KEEP // (2 * max(1, len(shown))))
        return [
            {
                "cell": program.cell_name,
                "stdout": _wire(program.stdout, keep),
                "stderr": _wire(program.stderr, keep),
            }
            for program in shown
        ]

    def clean_up(self) -> None:
        """Close, remove and wipe everything. Raises `InfraFault` where that is not possible."""
        self.over = True
        with _ours("the case's connections cannot be closed"):
            for connection in self._connections:
                connection.socket.close()
        self.cells.remove_all()
        with _ours("the case cannot be cleaned up"):
            for program in self.programs:
                program.close()
            if self._scratch is not None:
                shutil.rmtree(self._scratch)
        self.slots.give_back_all()


def _wire(output: Output, keep: int) -> WireText:
    return Excerpt.of_bytes(output.raw(), keep, output.total_bytes).wire()


@contextmanager
def _ours(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InfraFault(f"{what}: {error}") from error
