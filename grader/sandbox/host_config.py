"""The container settings, as values: decided here without an engine, compared with goldens.

`Settings` is what callers say; `create_arguments` turns it into the engine's JSON. Roles that see
a candidate's bytes (`build`, `run`, `extract`) get no capability, our seccomp profile, a read-only
root and a network namespace without a route. The examiner is trusted: it keeps the few
capabilities that it needs to tend data folders and to break its own loopback network.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grader.sandbox.seccomp import profile_json

MIB = 1 << 20
TMP_SIZE = 64 * MIB


class Role(StrEnum):
    BUILD = "build"
    EXTRACT = "extract"
    LOAD = "load"
    EXAMINER = "examiner"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Mount:
    """A named volume at an absolute path."""

    volume: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """One container. Sizes in bytes; `network` is `none` or `container:<id>`.

    `data_segment` limits the private memory of each process, so that a parser that a candidate
    leads astray fails by itself before the kernel ends the container. `ipv6` gives a network
    namespace of its own `::1`, which some engines leave out.
    """

    role: Role
    image: str
    command: tuple[str, ...]
    uid: int
    memory: int
    cpus: float
    processes: int
    scratch: int
    labels: tuple[tuple[str, str], ...]
    network: str = "none"
    mounts: tuple[Mount, ...] = ()
    open_files: int = 1024
    largest_file: int = 64 * MIB
    environment: tuple[tuple[str, str], ...] = ()
    working_dir: str = "/scratch"
    ipv6: bool = False
    data_segment: int | None = None
    scratch_inodes: int = 20_000


_HOSTILE = (Role.BUILD, Role.EXTRACT, Role.RUN)
_MAY_EXECUTE_SCRATCH = (Role.BUILD, Role.RUN)
_TRUSTED_CAPABILITIES = {
    Role.LOAD: ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    Role.EXAMINER: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "NET_ADMIN", "NET_RAW"],
}
_BASE_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/scratch/home",
    "TMPDIR": "/tmp",  # noqa: S108 - inside the container
    "LANG": "C.UTF-8",
}


def create_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments of the engine's create call."""
    arguments: dict[str, Any] = {
        "image": settings.image,
        "command": list(settings.command),
        "user": f"{settings.uid}:{settings.uid}",
        "environment": _BASE_ENVIRONMENT | dict(settings.environment),
        "working_dir": settings.working_dir,
        "entrypoint": [],
        "stdin_open": True,
        "tty": False,
        "stop_signal": "SIGKILL",
        "labels": dict(settings.labels),
        "host_config": host_config(settings),
    }
    if settings.network == "none":
        arguments["hostname"] = "box"
    return arguments


def host_config(settings: Settings) -> dict[str, Any]:
    """The engine's HostConfig for `settings`."""
    hostile = settings.role in _HOSTILE
    security = ["no-new-privileges:true"]
    if hostile:
        security.append(f"seccomp={profile_json()}")
    return {
        "NetworkMode": settings.network,
        "ReadonlyRootfs": True,
        "Privileged": False,
        "CapDrop": ["ALL"],
        "CapAdd": _TRUSTED_CAPABILITIES.get(settings.role, []),
        "SecurityOpt": security,
        "Init": True,
        "IpcMode": "private",
        "PidMode": "",
        "ShmSize": 8 * MIB,
        "Tmpfs": _tmpfs(settings),
        "Memory": settings.memory,
        "MemorySwap": settings.memory,
        "NanoCpus": round(settings.cpus * 1e9),
        "PidsLimit": settings.processes,
        "Ulimits": _ulimits(settings),
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        "AutoRemove": False,
        "Sysctls": {"net.ipv6.conf.all.disable_ipv6": "0"} if settings.ipv6 else {},
        "Mounts": [
            {
                "Type": "volume",
                "Source": mount.volume,
                "Target": mount.target,
                "ReadOnly": mount.read_only,
                "VolumeOptions": {"NoCopy": True},
            }
            for mount in settings.mounts
        ],
    }


def _tmpfs(settings: Settings) -> dict[str, str]:
    execute = "exec" if settings.role in _MAY_EXECUTE_SCRATCH else "noexec"
    scratch = (
        f"rw,nosuid,nodev,{execute},size={settings.scratch},"
        f"nr_inodes={settings.scratch_inodes},"
        f"mode=0700,uid={settings.uid},gid={settings.uid}"
    )
    temporary = f"rw,nosuid,nodev,noexec,size={TMP_SIZE},nr_inodes=4000,mode=1777"
    return {"/scratch": scratch, "/tmp": temporary}  # noqa: S108 - inside the container


def _ulimits(settings: Settings) -> list[dict[str, Any]]:
    limits: tuple[tuple[str, int, int], ...] = (
        ("nofile", settings.open_files, settings.open_files),
        ("core", 0, 0),
        ("fsize", settings.largest_file, settings.largest_file),
        ("stack", 8 * MIB, 64 * MIB),
        ("memlock", 64 * 1024, 64 * 1024),
    )
    if settings.data_segment is not None:
        limits += (("data", settings.data_segment, settings.data_segment),)
    return [{"Name": name, "Soft": soft, "Hard": hard} for name, soft, hard in limits]


@dataclass(frozen=True, slots=True)
class Volume:
    """A named volume in memory, capped in bytes and inodes, owned by `uid`."""

    name: str
    size: int
    inodes: int
    uid: int
    mode: str = "0700"
    labels: tuple[tuple[str, str], ...] = ()

    def create_arguments(self) -> dict[str, Any]:
        options = (
            f"size={self.size},nr_inodes={self.inodes},uid={self.uid},gid={self.uid},"
            f"mode={self.mode}"
        )
        return {
            "name": self.name,
            "driver": "local",
            "driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": options},
            "labels": dict(self.labels),
        }
