"""The run cells of one examination: started, watched, stopped and accounted for.

The pool keeps the kill log: whoever stops a cell writes the reason into it before the kill, so an
end that is not in the log is the program's own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from grader.errors import GradeError, InfraError
from grader.model.limits import RunLimits
from grader.model.results import ProgramRun, Stop
from grader.sandbox.cell import Cell
from grader.sandbox.cgroup import CgroupFiles, Sample
from grader.sandbox.host_config import MIB, TMP_SIZE, Mount, Role, Settings
from grader.sandbox.space import RunSpace
from grader.sandbox.watch import EventWatch, Ticker

PROGRAM = "/app/program"
_SHELL = 'exec "$@" </io/in >/io/out 2>/io/err'
_DEATH = 30.0


class Refused(Exception):
    """The examiner asked for something that the rules of a run do not allow."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one cell at a time: its volumes, and the user id its cells run as."""

    number: int
    uid: int
    data_volume: str
    io_volume: str


@dataclass(frozen=True, slots=True)
class CellPlan:
    """What all cells of an examination share. `programs` maps a role to its artifact's volume."""

    image: str
    network: str
    limits: RunLimits
    programs: dict[str, str]
    slots: tuple[Slot, ...]


class CellPool:
    """Safe to call from several threads. `on_exit` is called from a watcher's thread."""

    def __init__(
        self, space: RunSpace, plan: CellPlan, on_exit: Callable[[str, ProgramRun], None]
    ) -> None:
        self._space, self._plan, self._on_exit = space, plan, on_exit
        self._lock = threading.RLock()
        self._cells: dict[str, Cell] = {}
        self._count = 0
        self._events = EventWatch(space.engine, space.run, self._hear)
        self._ticker = Ticker(self._enforce)

    def start(
        self,
        role: str,
        slot_number: int,
        arguments: tuple[str, ...],
        environment: dict[str, str],
        open_files: int | None = None,
        memory: int | None = None,
    ) -> str:
        """Start a cell and return its name. Raises Refused, or InfraError when the engine fails."""
        slot = self._check_start(role, slot_number)
        argv = (PROGRAM, *arguments)
        limits = self._plan.limits
        settings = Settings(
            role=Role.RUN,
            image=self._plan.image,
            command=("sh", "-c", _SHELL, "sh", *argv),
            uid=slot.uid,
            memory=min(memory or limits.memory, limits.memory),
            cpus=limits.cpus,
            processes=limits.processes,
            scratch=limits.scratch,
            labels=self._space.labels(Role.RUN),
            network=self._plan.network,
            mounts=(
                Mount(self._plan.programs[role], "/app", read_only=True),
                Mount(slot.io_volume, "/io", read_only=True),
                Mount(slot.data_volume, "/data"),
            ),
            open_files=open_files or limits.open_files,
            largest_file=max(limits.data, limits.scratch, TMP_SIZE) + MIB,
            environment=tuple(environment.items()),
        )
        container = self._space.container(settings)
        side, files = container.attach(), CgroupFiles(0, "-")
        with self._lock:
            self._count += 1
            cell = Cell(f"c{self._count}", role, slot_number, argv, container, side, files)
            self._cells[cell.name] = cell
        container.start()
        pid = container.state().pid
        cell.started = time.monotonic()
        cell.files = CgroupFiles(pid, container.id)
        return cell.name

    def signal(self, name: str, signal: str) -> None:
        """Send a signal; a KILL goes into the kill log as the examiner's."""
        cell = self._find(name)
        if signal in ("KILL", "SIGKILL"):
            self._stop(cell, Stop.EXAMINER)
        elif cell.alive:
            cell.signals.append(signal)
            cell.container.signal(signal)

    def stop(self, name: str, why: Stop) -> None:
        self._stop(self._find(name), why)

    def freeze(self, name: str) -> None:
        cell = self._find(name)
        if cell.alive and not cell.frozen:
            cell.container.freeze()
            cell.frozen = True

    def thaw(self, name: str) -> None:
        cell = self._find(name)
        if cell.alive and cell.frozen:
            self._check_alone(cell.role)
            cell.container.thaw()
            cell.frozen = False

    def usage(self, name: str) -> Sample:
        return self._find(name).sample()

    def remove(self, name: str) -> ProgramRun:
        """Kill the cell if it lives, remove its container, and return the record of it."""
        cell = self._find(name)
        self._stop(cell, Stop.CLEANUP)
        cell.out_of_memory = cell.out_of_memory or cell.container.state().out_of_memory
        cell.container.remove()
        cell.side.close()
        return cell.record()

    def record(self, name: str) -> ProgramRun:
        return self._find(name).record()

    def check(self) -> None:
        """Raise what made the watchers fail, if anything did."""
        problem = self._events.problem or self._ticker.problem
        if problem is not None:
            raise problem

    def close(self) -> None:
        self._ticker.close()
        self._events.close()
        for cell in self._cells.values():
            cell.side.close()

    def _check_start(self, role: str, number: int) -> Slot:
        if role not in self._plan.programs:
            raise Refused(f"there is no program {role!r} in this run")
        if not 0 <= number < len(self._plan.slots):
            raise Refused(f"there is no slot {number}")
        with self._lock:
            if any(cell.alive and cell.slot == number for cell in self._cells.values()):
                raise Refused(f"slot {number} is taken by a live program")
        self._check_alone(role)
        return self._plan.slots[number]

    def _check_alone(self, role: str) -> None:
        """A candidate that could talk to a running reference could pass off its answers."""
        with self._lock:
            for cell in self._cells.values():
                if cell.alive and not cell.frozen and cell.role != role:
                    raise Refused(f"freeze or end the {cell.role} before running the {role}")

    def _find(self, name: str) -> Cell:
        with self._lock:
            if name not in self._cells:
                raise Refused(f"there is no cell {name!r}")
            return self._cells[name]

    def _stop(self, cell: Cell, why: Stop) -> None:
        with self._lock:
            if not cell.alive:
                return
            cell.sample()
            if not cell.over:
                cell.stopped = cell.stopped or why
        if cell.frozen:
            cell.container.thaw()
            cell.frozen = False
        cell.side.close()  # first: the engine cannot end a container whose output nobody takes
        cell.container.signal("KILL")
        if not cell.dead.wait(_DEATH):
            raise InfraError("cell-will-not-die", "a cell did not end after SIGKILL")

    def _hear(self, action: str, container: str, attributes: dict[str, str]) -> None:
        with self._lock:
            cell = next((c for c in self._cells.values() if c.container.id == container), None)
            if cell is None:
                return
            if action == "oom":
                cell.out_of_memory = True
                return
            cell.exit_code = int(attributes.get("exitCode", -1))
            cell.ended_at = time.monotonic()
            cell.dead.set()
        self._on_exit(cell.name, cell.record())

    def _enforce(self) -> None:
        limits = self._plan.limits
        with self._lock:
            alive = [cell for cell in self._cells.values() if cell.alive]
        for cell in alive:
            try:
                used = cell.sample()
                cell.side_bytes += cell.side.discard(limits.output + 1)
                if cell.side_bytes > limits.output:
                    self._stop(cell, Stop.OUTPUT)
                elif (used.cpu_time or 0.0) > limits.cpu_time:
                    self._stop(cell, Stop.CPU_TIME)
                elif cell.age > limits.wall_time:
                    self._stop(cell, Stop.WALL_TIME)
            except GradeError:
                if cell.alive:
                    raise
