"""Removes what dead runs left in the engine. A run is dead when nobody holds its lease."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import InfraError
from grader.sandbox import labels
from grader.sandbox.engine import Engine, docker_errors
from grader.sandbox.lease import host_name, is_held


@dataclass(frozen=True, slots=True)
class Reaped:
    """How many objects of dead runs were removed."""

    containers: int
    volumes: int
    networks: int

    @property
    def total(self) -> int:
        return self.containers + self.volumes + self.networks


def reap_dead(engine: Engine) -> Reaped:
    """Remove everything of runs whose owner died on this host."""
    host = host_name()

    def dead(found: dict[str, str]) -> bool:
        return found.get(labels.HOST) == host and not is_held(Path(found.get(labels.LEASE, "")))

    return _remove(engine, labels.ANY_RUN, dead)


def reap_run(engine: Engine, run: str) -> Reaped:
    """Remove everything of one run; its owner calls this at the end."""
    return _remove(engine, labels.of_run(run), lambda _found: True)


def _remove(engine: Engine, chosen: dict[str, list[str]], dead: Callable[..., bool]) -> Reaped:
    api: Any = engine.client.api
    containers = volumes = networks = 0
    with docker_errors("looking for leftovers"):
        for item in api.containers(all=True, filters=chosen):
            if dead(item["Labels"]):
                with _gone_is_fine():
                    api.remove_container(item["Id"], force=True)
                    containers += 1
        for item in api.networks(filters=chosen):
            if dead(item["Labels"]):
                with _gone_is_fine():
                    api.remove_network(item["Id"])
                    networks += 1
        for item in api.volumes(filters=chosen)["Volumes"] or ():
            if dead(item["Labels"]):
                with _gone_is_fine():
                    api.remove_volume(item["Name"])
                    volumes += 1
    return Reaped(containers, volumes, networks)


@contextlib.contextmanager
def _gone_is_fine() -> Iterator[None]:
    """Two reapers may race for the same object; the loser finds it gone or being removed."""
    with contextlib.suppress(InfraError), docker_errors():
        yield
