"""Measurements: containers with a cell's settings, in which `probe_inside` tries the limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader.errors import InfraError
from grader.model.base import Value
from grader.sandbox.engine import docker_errors
from grader.sandbox.host_config import MIB, Role, Settings, create_arguments
from grader.sandbox.space import RunSpace

CPUS = 0.25
PROCESSES = 32
MEMORY = 32 * MIB
SCRATCH = 4 * MIB
ROOMY = 256 * MIB
Changes = Mapping[str, Any]
NO_CHANGES: Changes = MappingProxyType({})
_INSIDE = Path(__file__).with_name("probe_inside.py")


class Confined(Value):
    """What a cell may do. Answers are names of errors (`EPERM`) or `ok`; sizes in bytes."""

    capabilities: str
    no_new_privileges: bool
    seccomp: int
    uid: int
    root: str
    writable: tuple[str, ...]
    interfaces: tuple[str, ...]
    routes: int
    reach: str
    calls: dict[str, str]
    scratch_files: int
    scratch_bytes: int
    open_files: int
    core: int
    largest_file: int
    free_disk: int


class Busy(Value):
    """With CPUS and PROCESSES: the share of a CPU, the children started, what stopped them."""

    cpu_share: float
    children: int
    fork: str


class Memory(Value):
    """With a limit of MEMORY: the MiB taken before the end, and how it ended."""

    taken: int
    exit_code: int
    out_of_memory: bool


class Backends(Value):
    """Ways to break networks and watch calls: empty where it works, else why not."""

    nftables: str
    netem: str
    tbf: str
    strace: str
    ipv6: str

    def working(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, problem in self.model_dump().items() if not problem))


@dataclass(frozen=True, slots=True)
class Measurements:
    """A text in place of a measurement says why it could not be taken."""

    confined: Confined | str
    busy: Busy | str
    memory: Memory | str
    backends: Backends | str


def measure(space: RunSpace, image: str) -> Measurements:
    """Run every probe in the examiner's image; takes about two seconds."""
    probes: tuple[Callable[[RunSpace, str], Any], ...] = (
        measure_confined,
        measure_busy,
        measure_memory,
        measure_backends,
    )
    with ThreadPoolExecutor(len(probes)) as pool:
        running = [pool.submit(_attempt, probe, space, image) for probe in probes]
        return Measurements(*(future.result() for future in running))


def measure_confined(space: RunSpace, image: str, changes: Changes = NO_CHANGES) -> Confined:
    """`changes` to the cell's HostConfig are for tests: a weakened cell must be noticed."""
    settings = _cell(space, image, "confined")
    return Confined.model_validate(_run(space, settings, changes).answer())


def measure_calls(space: RunSpace, image: str, changes: Changes = NO_CHANGES) -> dict[str, str]:
    """System calls and socket families, each with the kernel's answer."""
    return _run(space, _cell(space, image, "calls"), changes).answer()


def measure_busy(space: RunSpace, image: str, changes: Changes = NO_CHANGES) -> Busy:
    settings = _cell(space, image, "busy", number=1, cpus=CPUS, processes=PROCESSES)
    return Busy.model_validate(_run(space, settings, changes).answer())


def measure_memory(space: RunSpace, image: str, changes: Changes = NO_CHANGES) -> Memory:
    """The kernel kills it in the middle, so its last line is what it had got to."""
    ended = _run(space, _cell(space, image, "memory", number=2, memory=MEMORY), changes)
    return Memory(
        taken=ended.answer()["taken"],
        exit_code=ended.exit_code,
        out_of_memory=ended.out_of_memory,
    )


def measure_backends(space: RunSpace, image: str) -> Backends:
    """In the examiner's role for the network; strace from a helper beside a cell."""
    network = _run(space, _settings(space, image, "network", Role.EXAMINER, uid=0))
    cell = _create(space, _cell(space, image, "target", number=3))
    try:
        _start(space, cell)
        helper = _settings(space, image, "trace", Role.EXAMINER, uid=0)
        changes = {"PidMode": f"container:{cell}", "Init": False, "CapAdd": ["SYS_PTRACE"]}
        traced = _run(space, helper, changes)
    finally:
        _remove(space, cell)
    ipv6 = {"ipv6": _attempt(measure_ipv6, space, image)}
    return Backends.model_validate(network.answer() | _strace(traced) | ipv6)


def measure_ipv6(space: RunSpace, image: str) -> str:
    """Whether the examiner's loopback can have `::1`; empty where it can, else why not."""
    asked = replace(_settings(space, image, "ipv6", Role.EXAMINER, uid=0), ipv6=True)
    return str(_run(space, asked).answer()["ipv6"])


@dataclass(frozen=True, slots=True)
class Ended:
    """One probe container that ended."""

    exit_code: int
    out_of_memory: bool
    stdout: str
    stderr: str

    def answer(self) -> dict[str, Any]:
        """The last line of JSON; InfraError with what the probe said when there is none."""
        lines = [line for line in self.stdout.splitlines() if line.startswith("{")]
        if not lines:
            said = self.stderr.strip().splitlines()[-1:] or ["nothing"]
            raise InfraError("probe", f"a probe ended with code {self.exit_code} and {said[0]}")
        answer: dict[str, Any] = json.loads(lines[-1])
        return answer


def _strace(ended: Ended) -> dict[str, str]:
    try:
        return {"strace": str(ended.answer()["strace"])}
    except InfraError as error:
        return {"strace": error.message}


def _attempt(probe: Callable[[RunSpace, str], Any], space: RunSpace, image: str) -> Any:
    try:
        return probe(space, image)
    except InfraError as error:
        return "; ".join((error.message, *error.details))


def _cell(space: RunSpace, image: str, probe: str, *, number: int = 0, **limits: Any) -> Settings:
    return _settings(space, image, probe, Role.RUN, uid=space.uid(number), **limits)


def _settings(
    space: RunSpace,
    image: str,
    probe: str,
    role: Role,
    *,
    uid: int,
    memory: int = ROOMY,
    cpus: float = 1.0,
    processes: int = 128,
) -> Settings:
    inside = _INSIDE.read_text(encoding="utf-8")
    return Settings(
        role=role,
        image=image,
        command=("python3", "-I", "-c", inside, probe),
        uid=uid,
        memory=memory,
        cpus=cpus,
        processes=processes,
        scratch=SCRATCH,
        labels=space.labels(role),
    )


def _run(space: RunSpace, settings: Settings, changes: Changes = NO_CHANGES) -> Ended:
    container = _create(space, settings, changes)
    api: Any = space.engine.client.api
    try:
        _start(space, container)
        with docker_errors("running a probe"):
            api.wait(container, timeout=30)
            state = api.inspect_container(container)["State"]
            return Ended(
                exit_code=int(state["ExitCode"]),
                out_of_memory=bool(state["OOMKilled"]),
                stdout=api.logs(container, stdout=True, stderr=False).decode("utf-8", "replace"),
                stderr=api.logs(container, stdout=False, stderr=True).decode("utf-8", "replace"),
            )
    finally:
        _remove(space, container)


def _create(space: RunSpace, settings: Settings, changes: Changes = NO_CHANGES) -> str:
    """A cell's settings, but with a log that the engine keeps: probes are ours, and say little."""
    arguments = create_arguments(settings)
    arguments["host_config"] |= {
        "LogConfig": {"Type": "json-file", "Config": {}},
        **changes,
    }
    api: Any = space.engine.client.api
    with docker_errors("creating a probe"):
        return str(api.create_container(**arguments)["Id"])


def _start(space: RunSpace, container: str) -> None:
    with docker_errors("starting a probe"):
        space.engine.client.api.start(container)


def _remove(space: RunSpace, container: str) -> None:
    with docker_errors("removing a probe"):
        space.engine.client.api.remove_container(container, force=True)
