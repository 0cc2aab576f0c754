"""A started program, as a case sees it: an address, streams, data, and ways to hurt it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, TypeAlias

from grader.testkit import connection, listening
from grader.testkit.cells import Cell, Cells, Exit, Role, SignalName, Usage
from grader.testkit.connection import Connection
from grader.testkit.data_folder import DataFolder
from grader.testkit.excerpt import show
from grader.testkit.fifo import Output, OutputReader, Stdin
from grader.testkit.problems import InfraFault, ProgramExited, TimedOut
from grader.testkit.slots import Slot
from grader.testkit.transcript import Transcript

Wait: TypeAlias = Literal["listening", "ready"]

POLL = 0.003
KILL_TIME = 15.0
"""Seconds from a SIGKILL until the host must have told of the exit."""

FATE_TIME = 0.5
"""Seconds to wait, when a connection broke, for news that the program ended."""

STDERR_TAIL = 600


@dataclass(frozen=True, slots=True)
class StartOptions:
    """What `Launcher.start` was asked for, before `{port}` and `{data}` are filled in."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int | None = None
    open_files: int | None = None
    memory: int | None = None
    wait: Wait | None = None
    within: float = 10.0


class Program:
    """One start of the candidate's program or of the reference. `Launcher.start` makes it.

    `role` says which; `arguments` are those it was given; `data` is its data folder, which
    outlives it until the end of the case.
    """

    def __init__(
        self,
        *,
        role: Role,
        options: StartOptions,
        arguments: tuple[str, ...],
        port: int,
        slot: Slot,
        cell: Cell,
        cells: Cells,
        stdin: Stdin,
        reader: OutputReader,
        transcript: Transcript,
        relaunch: Callable[[Program, StartOptions], Program],
        keep: Callable[[Connection], None],
    ) -> None:
        self.role = role
        self.arguments = arguments
        self.port = port
        self.stdin = stdin
        self.stdout = Output("stdout", cell)
        self.stderr = Output("stderr", cell)
        self.options = options
        self.slot = slot
        self._host = "127.0.0.1"
        self._cell = cell
        self._cells = cells
        self._reader = reader
        self._transcript = transcript
        self._relaunch = relaunch
        self._keep = keep
        self._open = True
        cell.on_exit(lambda how: transcript.add("exit", f"{self.name} {how}"))
        reader.start((self.stdout, self.stderr), lambda: cells.stop_for_output(cell))

    @property
    def name(self) -> str:
        """The host's name for this start of the program, as reports show it."""
        return f"{self.role} {self._cell.name}"

    @property
    def cell_name(self) -> str:
        return self._cell.name

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect: the host it was seen to listen on, and its port."""
        return self._host, self.port

    @property
    def data(self) -> DataFolder:
        return self.slot.data

    @property
    def alive(self) -> bool:
        return not self._cell.exited.is_set()

    def connect(self, timeout: float = 5.0) -> Connection:
        """Open a connection; `timeout` (s) also holds for each of its operations.

        Raises `TimedOut`, or `Disconnected` when the program does not accept.
        """
        made = connection.connect(self.address, self._transcript, timeout, self._fate)
        self._keep(made)
        return made

    def kill(self) -> Exit:
        """SIGKILL, and wait until the program is gone. Its data stays."""
        self.signal("KILL")
        if not self._cell.exited.wait(KILL_TIME):
            raise InfraFault(f"{self.name} was killed, but its exit was not heard of")
        return self.wait(0)

    def terminate(self) -> None:
        """SIGTERM: the program is asked to end. `wait` for it."""
        self.signal("TERM")

    def signal(self, name: SignalName) -> None:
        """Send a signal: `HUP`, `USR1` and so on. Nothing happens to a program that has ended."""
        self._transcript.add("signal", f"SIG{name} to {self.name}")
        with contextlib.suppress(ProgramExited), self._while_alive("signalled"):
            self._cells.signal(self._cell, name)

    def freeze(self) -> None:
        """Stop the program where it stands; its connections stay open and say nothing.

        Raises `ProgramExited` where it has ended.
        """
        self._transcript.add("signal", f"freeze {self.name}")
        with self._while_alive("frozen"):
            self._cells.freeze(self._cell)

    def thaw(self) -> None:
        """Let a frozen program go on. Raises `ProgramExited` where it was killed meanwhile."""
        self._transcript.add("signal", f"thaw {self.name}")
        with self._while_alive("thawed"):
            self._cells.thaw(self._cell)

    def wait(self, within: float = 10.0) -> Exit:
        """Wait for the program to end by itself. Raises `TimedOut`."""
        if not self._cell.exited.wait(within):
            raise TimedOut(f"the program was still running after {within:g} s")
        self._drain()
        how = self._cell.exit
        assert how is not None
        return how

    def usage(self) -> Usage:
        """What the program uses, or used: peak memory (bytes), CPU time (s), processes."""
        with self._while_alive("measured"):
            return self._cells.usage(self._cell)

    def restart(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        port: int | None = None,
        open_files: int | None = None,
        memory: int | None = None,
        wait: Wait | None = None,
        within: float | None = None,
    ) -> Program:
        """Start it again on the same data, after a SIGKILL if it still runs.

        What is not given is as at the last start, except the port, which is a new one: sockets of
        the dead program may still hold the old. Pass `port=program.port` to insist.
        """
        if self.alive:
            self.kill()
        last = self.options
        options = StartOptions(
            arguments or last.arguments,
            last.environment if env is None else {**last.environment, **env},
            port,
            last.open_files if open_files is None else open_files,
            last.memory if memory is None else memory,
            last.wait if wait is None else wait,
            last.within if within is None else within,
        )
        return self._relaunch(self, options)

    def await_start(self) -> None:
        """Wait as the options say. Raises `ProgramExited` or `TimedOut`."""
        match self.options.wait:
            case "listening":
                self._await_listening()
            case "ready":
                self.stdout.wait_for(r"^ready\b.*\n", self.options.within)
                self._host = listening.address_of(self.port) or self._host
            case None:
                pass

    def remove(self) -> None:
        """Remove the cell and close the streams; the slot is free for another start."""
        if self._open:
            self._cells.remove(self._cell)
            self.close()

    def close(self) -> None:
        """Close the streams. The cell is gone already."""
        if self._open:
            self._open = False
            self.stdin.close()
            self._reader.close()

    def _await_listening(self) -> None:
        within = self.options.within
        until = time.monotonic() + within
        while (host := listening.address_of(self.port)) is None:
            if self._cell.exited.wait(POLL):
                self._drain()
                raise ProgramExited(
                    f"the program {self._cell.exit} before it listened on port {self.port}"
                    f"{self._last_words()}"
                )
            if time.monotonic() > until:
                raise TimedOut(
                    f"the program did not listen on port {self.port} within {within:g} s"
                    f"{self._last_words()}"
                )
        self._host = host
        self._transcript.add("note", f"{self.name} listens on port {self.port}")

    @contextmanager
    def _while_alive(self, doing: str) -> Iterator[None]:
        """What the host cannot do to a program that has ended is not the host's fault."""
        try:
            yield
        except InfraFault as fault:
            if not self._cell.exited.wait(0.5):
                raise
            message = f"the program {self._cell.exit} before it could be {doing}"
            raise ProgramExited(message) from fault

    def _drain(self) -> None:
        """Let the reader catch up with what an ended program left in the pipes."""
        if self._cell.exited.is_set():
            self._reader.finish()

    def _fate(self) -> str:
        return f"; the program {self._cell.exit}" if self._cell.exited.wait(FATE_TIME) else ""

    def _last_words(self) -> str:
        tail = self.stderr.text()[-STDERR_TAIL:].strip()
        return f"; its stderr ends: {show(tail)}" if tail else "; it wrote nothing to stderr"
