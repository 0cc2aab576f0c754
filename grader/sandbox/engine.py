"""One connection to a Docker engine, and the border that Docker's exceptions do not cross."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests
import urllib3

from grader.errors import InfraError, SandboxError

TIMEOUT = 60
DEFAULT_URL = "unix:///var/run/docker.sock"
DESKTOP_SOCKETS = (".docker/run/docker.sock", ".docker/desktop/docker.sock")

_START_ONE = "start Docker Desktop, or run `make engine` (Debian and Ubuntu), then try again"


class DockerUnavailable(SandboxError):
    """No engine answers, or it stopped answering."""

    def __init__(
        self, message: str, *, details: tuple[str, ...] = (), hint: str = _START_ONE
    ) -> None:
        super().__init__("docker-unavailable", message, details=details, hint=hint)


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine says about itself. `id` is stable for one installation of the engine."""

    id: str
    server_version: str
    api_version: str
    runc_version: str
    kernel: str
    operating_system: str
    architecture: str
    cgroup_version: str
    cgroup_driver: str
    storage_driver: str
    root_dir: str
    security_options: tuple[str, ...]
    live_restore: bool

    @property
    def rootless(self) -> bool:
        return any("rootless" in option for option in self.security_options)


@dataclass(frozen=True)
class Engine:
    """An engine that answered. Safe to share between threads."""

    client: docker.DockerClient
    url: str

    @cached_property
    def facts(self) -> EngineFacts:
        """Asked once and kept; raises what `docker_errors` raises."""
        with docker_errors():
            return read_facts(self.client.info(), self.client.version())

    def close(self) -> None:
        self.client.close()


def connect(url: str | None = None) -> Engine:
    """Connect to `url`, else to the local socket; raises DockerUnavailable when nothing answers."""
    target = url or DEFAULT_URL
    try:
        _knock(target)
        client = docker.DockerClient(
            base_url=target,
            timeout=TIMEOUT,
            max_pool_size=64,
            use_ssh_client=target.startswith("ssh://"),
        )
    except PermissionError as error:
        raise DockerUnavailable(
            f"you may not use the Docker engine at {target}",
            hint="add yourself to the group docker (`sudo usermod -aG docker USER`), log in again",
        ) from error
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise DockerUnavailable(
            f"no Docker engine answers at {target}", details=_why(error)
        ) from error
    return Engine(client=client, url=target)


def find_url(environment: Mapping[str, str], home: Path) -> str | None:
    """Where the user's engine listens: `DOCKER_HOST`, else a Docker Desktop socket, else None."""
    if environment.get("DOCKER_HOST"):
        return environment["DOCKER_HOST"]
    if Path("/var/run/docker.sock").exists():
        return None
    for name in DESKTOP_SOCKETS:
        if (home / name).is_socket():
            return f"unix://{home / name}"
    return None


@contextmanager
def docker_errors(doing: str = "") -> Iterator[None]:
    """Turn what docker-py raises into the tree of `grader.errors`.

    The engine being gone is DockerUnavailable; a refusal or a time-out is InfraError with code
    `docker-error` or `docker-timeout`. `doing` completes "Docker failed while ...".
    """
    where = f" while {doing}" if doing else ""
    try:
        yield
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise InfraError(
            "docker-timeout", f"the Docker engine did not answer within {TIMEOUT} s{where}"
        ) from error
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        if isinstance(error, docker.errors.APIError):
            raise _refused(error, where) from error
        raise DockerUnavailable(
            f"the Docker engine stopped answering{where}", details=_why(error)
        ) from error
    except docker.errors.DockerException as error:
        raise _refused(error, where) from error


def read_facts(info: Mapping[str, Any], version: Mapping[str, Any]) -> EngineFacts:
    """Facts from the answers to `GET /info` and `GET /version`; absent ones are empty."""
    components = {
        part.get("Name"): part.get("Version", "") for part in version.get("Components") or ()
    }
    return EngineFacts(
        id=str(info.get("ID", "")),
        server_version=str(version.get("Version", "")),
        api_version=str(version.get("ApiVersion", "")),
        runc_version=str(components.get("runc", "")),
        kernel=str(info.get("KernelVersion", "")),
        operating_system=str(info.get("OperatingSystem", "")),
        architecture=str(info.get("Architecture", "")),
        cgroup_version=str(info.get("CgroupVersion", "1")),
        cgroup_driver=str(info.get("CgroupDriver", "")),
        storage_driver=str(info.get("Driver", "")),
        root_dir=str(info.get("DockerRootDir", "")),
        security_options=tuple(info.get("SecurityOptions") or ()),
        live_restore=bool(info.get("LiveRestoreEnabled", False)),
    )


def _knock(url: str) -> None:
    """See that a local socket lets us in: the client would only say so wrapped up, and leak it."""
    if url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(TIMEOUT)
            sock.connect(url.removeprefix("unix://"))


def _refused(error: Exception, where: str) -> InfraError:
    return InfraError(
        "docker-error", f"the Docker engine refused a request{where}", details=_why(error)
    )


def _why(error: Exception) -> tuple[str, ...]:
    """The innermost cause in one line: docker-py wraps the useful sentence several times."""
    explanation = getattr(error, "explanation", None)
    text = str(explanation or error).strip() or type(error).__name__
    return (text.splitlines()[0][:300],)
