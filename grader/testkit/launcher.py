"""Starting programs: the `candidate` and `reference` fixtures."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal

from grader.testkit import listening
from grader.testkit.case_run import CaseRun
from grader.testkit.cells import Role
from grader.testkit.data_folder import DataFolder
from grader.testkit.excerpt import show
from grader.testkit.fifo import OutputReader, Stdin, open_input, open_output
from grader.testkit.hello import Hello
from grader.testkit.problems import InfraFault, ProgramExited, Unavailable
from grader.testkit.program import Program, StartOptions, Wait
from grader.testkit.slots import Slot

DATA = "/data"
"""Where every cell has its data volume."""

OPEN_TIME = 15.0
"""Seconds from the host's answer until the cell must have opened its standard input."""

_PLACEHOLDER = re.compile(r"\{(port|data)\}")


class Ports:
    """Hands out ports that nobody listens on, each once before any comes again."""

    def __init__(self, seed: int) -> None:
        # In an examiner the process id is always the same; where runs share a machine it is not.
        span = listening.LAST_PORT - listening.FIRST_PORT
        self._last = listening.FIRST_PORT + (seed + 97 * os.getpid()) % span

    def take(self) -> int:
        self._last = listening.free_port(self._last)
        return self._last


class Launcher:
    """Starts one kind of program, the candidate's or the reference."""

    def __init__(self, role: Role, run: CaseRun, hello: Hello, ports: Ports) -> None:
        self._role: Role = role
        self._run = run
        self._hello = hello
        self._ports = ports

    def start(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        data: DataFolder | Mapping[str, bytes] | None = None,
        port: int | None = None,
        open_files: int | None = None,
        memory: int | None = None,
        wait: Wait | Literal["auto"] | None = "auto",
        within: float = 10.0,
    ) -> Program:
        """Start the program and wait until it can be used, for at most `within` seconds.

        Without `arguments` it gets those of the assignment. In arguments and `env` (added to the
        assignment's environment) `{port}` and `{data}` are filled in. `data` is the folder of an
        ended program, to start on that, or files to begin with. `open_files` and `memory` (bytes)
        are tighter limits than usual.

        `wait="listening"` waits until the port is listened on, without connecting; `"ready"` for
        a line on stdout that starts with `ready`; `None` not at all. `"auto"` is `"listening"`
        where the arguments mention `{port}`, and `None` where they do not.

        Raises `ProgramExited` or `TimedOut` where the program does not get that far.
        """
        given = arguments or self._hello.arguments
        asked = wait
        if asked == "auto":
            asked = "listening" if any("{port}" in argument for argument in given) else None
        options = StartOptions(
            given,
            {**self._hello.environment, **(env or {})},
            port,
            open_files,
            memory,
            asked,
            within,
        )
        return self._launch(self._slot(data), options)

    def _slot(self, data: DataFolder | Mapping[str, bytes] | None) -> Slot:
        if isinstance(data, DataFolder):
            last = self._run.last_program_on(data)
            if last.alive:
                raise InfraFault("the suite starts a program on the data of one that runs")
            last.remove()
            return last.slot
        slot = self._run.slots.take()
        for name, content in (data or {}).items():
            slot.data.write(name, content)
        return slot

    def _relaunch(self, last: Program, options: StartOptions) -> Program:
        last.remove()
        return self._launch(last.slot, options)

    def _launch(self, slot: Slot, options: StartOptions) -> Program:
        if self._run.over:
            raise InfraFault("a thread of an earlier case starts a program")
        if self._role == "reference" and not self._hello.reference:
            raise Unavailable("the assignment names no reference solution")
        port = self._ports.take() if options.port is None else options.port
        values = {"port": str(port), "data": DATA}
        arguments = tuple(_fill(argument, values) for argument in options.arguments)
        environment = {name: _fill(text, values) for name, text in options.environment.items()}
        fifos = [slot.fifo(name) for name in ("in", "out", "err")]
        reader = OutputReader(
            (open_output(fifos[1]), open_output(fifos[2])), self._hello.output_bytes
        )
        self._run.transcript.add("start", f"{self._role} {' '.join(map(show, arguments))}")
        try:
            cell = self._run.cells.start(
                self._role,
                slot.number,
                arguments,
                environment,
                open_files=options.open_files,
                memory=options.memory,
            )
            stdin = open_input(fifos[0], cell, OPEN_TIME)
            if stdin is None:
                raise ProgramExited(f"the program {cell.exit} before it began")
        except BaseException:
            reader.close()
            raise
        program = Program(
            role=self._role,
            options=options,
            arguments=arguments,
            port=port,
            slot=slot,
            cell=cell,
            cells=self._run.cells,
            stdin=Stdin(cell, stdin, self._run.transcript),
            reader=reader,
            transcript=self._run.transcript,
            relaunch=self._relaunch,
            keep=self._run.keep,
        )
        self._run.programs.append(program)
        program.await_start()
        return program


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
