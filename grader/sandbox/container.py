"""One container of ours: created from settings, driven by its id, removed whatever happens."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from grader.errors import GradeError
from grader.sandbox.engine import Engine, docker_errors
from grader.sandbox.host_config import Settings, create_arguments
from grader.sandbox.stream import AttachedStream


@dataclass(frozen=True, slots=True)
class State:
    """The engine's account of a container. `exit_code` means something once it is not running."""

    running: bool
    exit_code: int
    out_of_memory: bool
    pid: int


class Container:
    """Every method raises InfraError or DockerUnavailable when the engine fails us."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._api: Any = engine.client.api
        self.settings = settings
        with docker_errors(f"creating a {settings.role} container"):
            self.id: str = self._api.create_container(**create_arguments(settings))["Id"]

    def attach(self) -> AttachedStream:
        """To be called before `start`, so that no output is missed."""
        with docker_errors("attaching to a container"):
            query = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            return AttachedStream(self._api.attach_socket(self.id, params=query))

    def start(self) -> None:
        with docker_errors(f"starting a {self.settings.role} container"):
            self._api.start(self.id)

    def state(self) -> State:
        with docker_errors("inspecting a container"):
            state = self._api.inspect_container(self.id)["State"]
        return State(
            bool(state["Running"]), int(state["ExitCode"]), bool(state["OOMKilled"]), state["Pid"]
        )

    def signal(self, name: str = "KILL") -> bool:
        """Send a signal to the container's first process; False when it is not running."""
        try:
            with docker_errors("sending a signal"):
                self._api.kill(self.id, signal=name)
        except GradeError:
            if self.state().running:
                raise
            return False
        return True

    def wait_dead(self, seconds: float = 30.0) -> None:
        """Block until it is not running; InfraError when it will not die."""
        with docker_errors("waiting for a container to end"):
            self._api.wait(self.id, timeout=seconds)

    def freeze(self) -> None:
        with docker_errors("freezing a container"):
            self._api.pause(self.id)

    def thaw(self) -> None:
        with docker_errors("thawing a container"):
            self._api.unpause(self.id)

    def stats(self) -> dict[str, Any]:
        with docker_errors("reading a container's use of resources"):
            answer: dict[str, Any] = self._api.stats(self.id, stream=False, one_shot=True)
        return answer

    def remove(self) -> None:
        """Kill and remove; already being gone is fine."""
        with contextlib.suppress(GradeError), docker_errors("removing a container"):
            self._api.remove_container(self.id, force=True, v=False)
