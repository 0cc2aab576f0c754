"""The lines of `grade doctor`: from facts and measurements to what was found and how to mend it.

Whatever could not be measured counts as not enforced.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from grader.model.base import Value
from grader.model.quantity import show_bytes
from grader.sandbox import probes
from grader.sandbox.engine import EngineFacts
from grader.sandbox.host_config import MIB
from grader.sandbox.probes import Backends, Busy, Confined, Measurements, Memory
from grader.sandbox.version_notes import notes_for

GIB = 1 << 30
DISK_FLOOR = 2 * GIB
DISK_COMFORT = 8 * GIB

_NEWER_ENGINE = "use a current engine in its usual, rootful set-up; `make engine` installs one"
_HARDENED = "this engine must not run candidates' programs: " + _NEWER_ENGINE


class LineStatus(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class DoctorLine(Value):
    """One thing that was looked at. `fix` is empty exactly when the status is ok."""

    name: str
    status: LineStatus
    found: str
    fix: str = ""


def engine_lines(facts: EngineFacts) -> Iterator[DoctorLine]:
    """What the engine says about itself."""
    system = f"{facts.operating_system}, kernel {facts.kernel}, {facts.architecture}"
    yield ok("engine", f"{facts.server_version} on {system}")
    yield _version("engine version", "engine", facts.server_version, "upgrade the engine")
    yield _version("runc version", "runc", facts.runc_version, "upgrade runc or containerd.io")
    if facts.cgroup_driver == "none":
        yield fail(
            "control groups",
            "the engine has no control groups to set limits with",
            "for a rootless engine, delegate cpu, memory and pids to it (systemd, version 2)",
        )
    else:
        rootless = ", rootless" if facts.rootless else ""
        yield ok("control groups", f"version {facts.cgroup_version}{rootless}")
    if facts.storage_driver in ("vfs", "devicemapper"):
        yield warn(
            "storage driver",
            f"{facts.storage_driver} copies whole images for each container",
            "set the storage driver overlay2 in the engine's daemon.json",
        )
    else:
        yield ok("storage driver", facts.storage_driver)
    live = "keeps" if facts.live_restore else "does not keep"
    yield ok("engine restart", f"{live} containers; a grading that it ends is tried again")


def git_line(version: str | None) -> DoctorLine:
    """Intake reads repositories with the host's git; `version` is None where there is none."""
    if version is None:
        return fail("git", "not found", "install git")
    return _version("git version", "git", version, "upgrade git")


def measured_lines(measured: Measurements) -> Iterator[DoctorLine]:
    """One line for each limit and each wall, in the order of what matters most."""
    if isinstance(measured.confined, str):
        yield fail("confinement", f"could not be measured: {measured.confined}", _HARDENED)
    else:
        yield from _confined_lines(measured.confined)
    yield _memory_line(measured.memory)
    yield from _busy_lines(measured.busy)
    yield from _backend_lines(measured.backends)


def _confined_lines(cell: Confined) -> Iterator[DoctorLine]:
    yield _check("capabilities", int(cell.capabilities, 16) == 0, "none", cell.capabilities)
    yield _check("no new privileges", cell.no_new_privileges, "in force", "not in force")
    let_through = ", ".join(sorted(name for name, got in _expected_calls(cell) if got))
    yield _check(
        "system calls",
        cell.seccomp == 2 and not let_through,
        "our seccomp profile is in force",
        f"let through: {let_through or 'everything, there is no filter'}",
    )
    yield _check("user", cell.uid >= 100_000, f"uid {cell.uid}", f"uid {cell.uid}")
    yield _check("root file system", cell.root == "EROFS", "read-only", f"writing: {cell.root}")
    beyond = sorted(set(cell.writable) - {"/scratch", "/tmp", "/dev/shm", "/dev/mqueue"})  # noqa: S108
    yield _check(
        "writable folders", not beyond, "only scratch and ipc", f"also {', '.join(beyond)}"
    )
    yield _check(
        "network",
        cell.interfaces == ("lo",) and cell.routes == 0 and cell.reach == "ENETUNREACH",
        "no route out",
        f"interfaces {', '.join(cell.interfaces)}, {cell.routes} routes, reach: {cell.reach}",
    )
    size = f"{show_bytes(cell.scratch_bytes)} and {cell.scratch_files} files"
    yield _check(
        "scratch size",
        0 < cell.scratch_bytes <= probes.SCRATCH and 0 < cell.scratch_files <= 20_000,
        f"full at {size}, as set",
        f"took {size}, not what was set",
    )
    limits = (cell.open_files, cell.core, cell.largest_file) == (1024, 0, 64 << 20)
    yield _check("file limits", limits, "in force", "open files, core or file size are not as set")
    yield _disk_line(cell.free_disk)


def _expected_calls(cell: Confined) -> Iterator[tuple[str, bool]]:
    """Each call with whether it got further than it should."""
    open_families = ("socket AF_UNIX", "socket AF_INET", "socket AF_INET6")
    for name, answer in cell.calls.items():
        expected = "ok" if name in open_families else "ENOSYS" if name == "clone3" else "EPERM"
        yield name, answer != expected


def _memory_line(memory: Memory | str) -> DoctorLine:
    if isinstance(memory, str):
        return fail("memory limit", f"could not be measured: {memory}", _HARDENED)
    limit = show_bytes(probes.MEMORY)
    stopped = memory.exit_code == 137 and memory.taken * MIB <= probes.MEMORY
    fix = "enable the memory controller; where there is swap, boot with `swapaccount=1`"
    if not stopped:
        return fail("memory limit", f"{memory.taken} MiB could be taken of {limit}", fix)
    if not memory.out_of_memory:
        found = "killed at the limit, but the engine does not say why"
        return warn("memory limit", found, _NEWER_ENGINE)
    return ok("memory limit", f"killed at {limit}, and the engine says so")


def _busy_lines(busy: Busy | str) -> Iterator[DoctorLine]:
    if isinstance(busy, str):
        yield fail("cpu and process limits", f"could not be measured: {busy}", _HARDENED)
        return
    share = f"a busy loop got {busy.cpu_share:.0%} of a CPU where {probes.CPUS:.0%} was set"
    yield _check("cpu limit", busy.cpu_share <= probes.CPUS * 1.5, share, share)
    held = busy.fork == "EAGAIN" and busy.children < probes.PROCESSES
    yield _check(
        "process limit",
        held,
        f"fork failed with {busy.fork} after {busy.children} children",
        f"{busy.children} children could be started where {probes.PROCESSES} was set",
    )


def _backend_lines(found: Backends | str) -> Iterator[DoctorLine]:
    fixes = {
        "nftables": "load the kernel's nf_tables modules; without it cases that cut links do "
        "not run",
        "netem": "load the kernel module sch_netem; without it cases that need delay do not run",
        "tbf": "load the kernel module sch_tbf; without it cases that need a slow link do not run",
        "strace": "allow ptrace in helpers (kernel.yama.ptrace_scope, AppArmor); without it cases "
        "that watch system calls do not run",
        "ipv6": "enable IPv6 in the kernel; without it cases on ::1 do not run",
    }
    for name, fix in fixes.items():
        problem = found if isinstance(found, str) else getattr(found, name)
        yield warn(name, problem, fix) if problem else ok(name, "works")


def _disk_line(free: int) -> DoctorLine:
    fix = "free some disk on the engine's host; `grade sandbox prune` removes old images"
    if free < DISK_FLOOR:
        return fail("free disk", f"{show_bytes(free)}, below {show_bytes(DISK_FLOOR)}", fix)
    if free < DISK_COMFORT:
        return warn("free disk", show_bytes(free), fix)
    return ok("free disk", show_bytes(free))


def _version(name: str, tool: str, version: str, fix: str) -> DoctorLine:
    notes = notes_for(tool, version)
    if not notes:
        return ok(name, f"{version or 'not told'}, no hole known to grade")
    sentences = "\n".join(note.sentence() for note in notes)
    return warn(name, f"{version}\n{sentences}", f"{fix}; `--strict` refuses it")


def _check(name: str, holds: bool, found: str, otherwise: str) -> DoctorLine:
    return ok(name, found) if holds else fail(name, otherwise, _HARDENED)


def ok(name: str, found: str) -> DoctorLine:
    return DoctorLine(name=name, status=LineStatus.OK, found=found)


def warn(name: str, found: str, fix: str) -> DoctorLine:
    return DoctorLine(name=name, status=LineStatus.WARN, found=found, fix=fix)


def fail(name: str, found: str, fix: str) -> DoctorLine:
    return DoctorLine(name=name, status=LineStatus.FAIL, found=found, fix=fix)
