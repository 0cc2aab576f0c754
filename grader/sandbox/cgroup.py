"""What a container used, read from the host's control groups where they can be read.

Version 1 and 2 of the kernel's interface are supported (kernel documentation, admin-guide
`cgroup-v1/memory`, `cgroup-v1/pids`, `cgroup-v2`). With a remote engine or Docker Desktop there is
nothing to read; then the engine's own statistics are the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes and seconds. `None` where it could not be measured."""

    peak_memory: int | None = None
    cpu_time: float | None = None
    processes: int | None = None
    process_limit_hits: int = 0


class CgroupFiles:
    """The files of one container's control groups, found through its first process."""

    def __init__(self, pid: int, container: str) -> None:
        groups = _groups_of(pid, container)
        memory, cpu = groups.get("memory"), groups.get("cpuacct")
        unified, pids = groups.get(""), groups.get("pids")
        self.usable = bool(memory or unified)
        self._process = Path(f"/proc/{pid}/stat")
        self._peak = _first(memory, "memory.max_usage_in_bytes", unified, "memory.peak")
        self._cpu_v1 = cpu / "cpuacct.usage" if cpu else None
        self._cpu_v2 = unified / "cpu.stat" if unified and not cpu else None
        self._pids_events = _first(pids, "pids.events", unified, "pids.events")
        self._pids_current = _first(pids, "pids.current", unified, "pids.current")

    @property
    def has_process(self) -> bool:
        """Whether the container's first process runs; a zombie does not (proc_pid_stat(5))."""
        try:
            state = self._process.read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return False
        return state not in ("Z", "X")

    def sample(self) -> Sample:
        """Read now; a container that ended meanwhile gives what could still be read."""
        return Sample(
            peak_memory=_integer(self._peak),
            cpu_time=self._cpu_time(),
            processes=_integer(self._pids_current),
            process_limit_hits=_field(self._pids_events, "max") or 0,
        )

    def _cpu_time(self) -> float | None:
        nanoseconds = _integer(self._cpu_v1)
        if nanoseconds is not None:
            return nanoseconds / 1e9
        microseconds = _field(self._cpu_v2, "usage_usec")
        return None if microseconds is None else microseconds / 1e6


def sample_of_stats(stats: dict[str, Any]) -> Sample:
    """From the engine's statistics. The peak is known there only with control groups version 1."""
    memory = stats.get("memory_stats", {})
    cpu = stats.get("cpu_stats", {}).get("cpu_usage", {}).get("total_usage")
    return Sample(
        peak_memory=memory.get("max_usage") or memory.get("usage"),
        cpu_time=None if cpu is None else cpu / 1e9,
        processes=stats.get("pids_stats", {}).get("current"),
    )


def _groups_of(pid: int, container: str) -> dict[str, Path]:
    """Controller name to folder; the unified hierarchy has the empty name."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return {}
    groups: dict[str, Path] = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if container not in path:
            continue
        for controller in controllers.split(","):
            folder = _ROOT / controllers / path.lstrip("/")
            if folder.is_dir():
                groups[controller] = folder
    return groups


def _first(v1: Path | None, v1_name: str, v2: Path | None, v2_name: str) -> Path | None:
    if v1:
        return v1 / v1_name
    return v2 / v2_name if v2 else None


def _integer(path: Path | None) -> int | None:
    try:
        return int(path.read_text()) if path else None
    except (OSError, ValueError):
        return None


def _field(path: Path | None, name: str) -> int | None:
    try:
        text = path.read_text() if path else ""
    except OSError:
        return None
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return None
