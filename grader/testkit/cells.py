"""The cells of a case: asking the host to start, signal and remove them, and hearing of exits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from grader.testkit.channel import Channel, Message, Pending
from grader.testkit.deadline import Deadline
from grader.testkit.problems import InfraFault

Role: TypeAlias = Literal["candidate", "reference"]
SignalName: TypeAlias = Literal[
    "KILL", "TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "PIPE", "STOP", "CONT"
]
"""The signals that the host sends, without `SIG`."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a program ended: `code` is its exit code, `signal` the number that killed it, if one did.

    `code` is `None` where the host cannot tell. `stopped` is the host's word for why it killed the
    cell (`output`, `cpu_time`, ...).
    """

    code: int | None
    signal: int | None = None
    stopped: str | None = None
    out_of_memory: bool = False

    def __str__(self) -> str:
        if self.out_of_memory:
            return "was killed for using too much memory"
        if self.stopped is not None:
            return f"was stopped: its {self.stopped.replace('_', ' ')} limit was reached"
        if self.signal is not None:
            return f"was ended by signal {self.signal}"
        return "ended" if self.code is None else f"exited with code {self.code}"


@dataclass(frozen=True, slots=True)
class Usage:
    """Peak memory in bytes, CPU time in seconds, processes; `None` where the host cannot tell."""

    peak_memory: int | None
    cpu_time: float | None
    processes: int | None


class Cell:
    """One container with the program in it, known by the host's name for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.exited = threading.Event()
        self._exit: Exit | None = None
        self._lock = threading.Lock()
        self._on_exit: Callable[[Exit], None] | None = None

    @property
    def exit(self) -> Exit | None:
        return self._exit

    def ended(self, how: Exit) -> None:
        with self._lock:
            if self._exit is not None:
                return
            self._exit = how
            tell = self._on_exit
        if tell is not None:
            tell(how)
        self.exited.set()

    def on_exit(self, tell: Callable[[Exit], None]) -> None:
        """Call `tell` once, when the cell ends or now if it has."""
        with self._lock:
            self._on_exit = tell
            how = self._exit
        if how is not None:
            tell(how)


class Cells:
    """The host's operations on cells. Everything here raises `InfraFault` when the host cannot.

    Waiting for the host is not counted against the time limit of the case.
    """

    def __init__(self, channel: Channel, deadline: Deadline) -> None:
        self._channel = channel
        self._deadline = deadline
        self._lock = threading.Lock()
        self._cells: dict[str, Cell] = {}
        self._present: set[str] = set()
        self._starting: list[Pending] = []

    def start(
        self,
        role: Role,
        slot: int,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        open_files: int | None,
        memory: int | None,
    ) -> Cell:
        """Start the program of `role` in `slot`, whose FIFOs are made and whose data is in place.

        `open_files` and `memory` (bytes) set tighter limits than the assignment's.
        """
        pending = self._channel.request(
            "start",
            role=role,
            slot=slot,
            arguments=list(arguments),
            environment=dict(environment),
            open_files=open_files,
            memory=memory,
        )
        with self._lock:
            self._starting.append(pending)
        try:
            cell = self._named(str(self._answer(pending).get("cell")))
        except InfraFault:
            with self._lock:
                self._starting.remove(pending)
            raise
        with self._lock:
            self._present.add(cell.name)
            self._starting.remove(pending)
        return cell

    def signal(self, cell: Cell, name: SignalName) -> None:
        if name not in get_args(SignalName):
            raise InfraFault(f"the host sends no signal {name!r}")
        self._ask("signal", cell, signal=name)

    def freeze(self, cell: Cell) -> None:
        self._ask("freeze", cell)

    def thaw(self, cell: Cell) -> None:
        self._ask("thaw", cell)

    def stop_for_output(self, cell: Cell) -> None:
        """Have the cell killed for writing too much; returns at once."""
        self._channel.request("stop", cell=cell.name, why="output")

    def usage(self, cell: Cell) -> Usage:
        value = self._ask("usage", cell)
        return Usage(value.get("peak_memory"), value.get("cpu_time"), value.get("processes"))

    def remove(self, cell: Cell) -> None:
        """Kill what still runs and remove the container; its slot is free afterwards."""
        self._ask("remove", cell)
        with self._lock:
            self._present.discard(cell.name)

    def remove_all(self) -> None:
        """Remove every cell, also one whose start was interrupted by the time limit."""
        with self._lock:
            starting, self._starting = self._starting, []
        for pending in starting:
            self._present.add(str(pending.value().get("cell")))
        with self._lock:
            names, self._present = sorted(self._present), set()
        removals = [self._channel.request("remove", cell=name) for name in names]
        for removal in removals:
            removal.value()

    def on_event(self, event: Message) -> None:
        """Take an event of the host's; called in the channel's reading thread."""
        if event.get("event") != "exited":
            return
        self._named(str(event["cell"])).ended(
            Exit(
                event.get("exit_code"),
                event.get("signal"),
                event.get("stopped"),
                bool(event.get("out_of_memory")),
            )
        )

    def _ask(self, op: str, cell: Cell, **fields: object) -> Message:
        return self._answer(self._channel.request(op, cell=cell.name, **fields))

    def _answer(self, pending: Pending) -> Message:
        with self._deadline.suspended():
            return pending.value()

    def _named(self, name: str) -> Cell:
        # An exit can be heard of before the answer that names the cell has been looked at, and
        # after the cell was removed.
        with self._lock:
            return self._cells.setdefault(name, Cell(name))
