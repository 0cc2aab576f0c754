"""The space one run has in the engine: all that is made in it is labelled, and goes with it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.sandbox import labels
from grader.sandbox.container import Container
from grader.sandbox.engine import Engine, docker_errors
from grader.sandbox.host_config import Role, Settings, Volume
from grader.sandbox.lease import Lease, hold_lease
from grader.sandbox.reaper import reap_run

_PASSES = 3


@dataclass(frozen=True, slots=True)
class RunSpace:
    """Makes labelled containers and volumes for one run."""

    engine: Engine
    lease: Lease

    @property
    def run(self) -> str:
        return self.lease.run

    def uid(self, number: int) -> int:
        """A user id that no other live container of any run on this host has."""
        return self.lease.first_uid + number

    def labels(self, role: Role) -> tuple[tuple[str, str], ...]:
        return (
            (labels.RUN, self.run),
            (labels.ROLE, role.value),
            (labels.LEASE, str(self.lease.path)),
            (labels.HOST, self.lease.host),
        )

    def container(self, settings: Settings) -> Container:
        return Container(self.engine, settings)

    def volume(
        self, purpose: str, *, size: int, inodes: int, uid: int = 0, mode: str = "0700"
    ) -> str:
        """Create an in-memory volume and return its name."""
        volume = Volume(
            name=f"grade-{self.run}-{purpose}",
            size=size,
            inodes=inodes,
            uid=uid,
            mode=mode,
            labels=((labels.RUN, self.run), *self.labels(Role.RUN)[2:]),
        )
        with docker_errors("creating a volume"):
            self.engine.client.api.create_volume(**volume.create_arguments())
        return volume.name


@contextmanager
def open_space(engine: Engine, state: Path) -> Iterator[RunSpace]:
    """A space with a fresh random 128-bit name; `state` is the folder for leases."""
    with hold_lease(uuid.uuid4().hex, state) as lease:
        try:
            yield RunSpace(engine, lease)
        finally:
            _close(engine, lease.run)


def _close(engine: Engine, run: str) -> None:
    """A request that an interrupt cut off may still be carried out, so look until all is gone."""
    for _ in range(_PASSES):
        if reap_run(engine, run).total == 0:
            return
