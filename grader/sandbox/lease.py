"""A lease says that a run's owner is alive, and lends the run a block of user ids.

It is a file lock: the kernel lets go of it when its process dies, however it dies, so whoever can
take the lock of another run knows that the run is dead. No clock and no process id is involved.
"""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.errors import InfraError, StoreError

FIRST_UID = 200_000
UIDS_PER_RUN = 16
_BLOCKS = 1000


@dataclass(frozen=True, slots=True)
class Lease:
    """`path` is locked while this process lives; `first_uid` starts a block of `UIDS_PER_RUN` user
    ids that no other live run on this host has.
    """

    run: str
    path: Path
    first_uid: int

    @property
    def host(self) -> str:
        return host_name()


def host_name() -> str:
    """What tells this host from others that may share the engine."""
    machine_id = Path("/etc/machine-id")
    return machine_id.read_text().strip() if machine_id.is_file() else platform.node()


@contextmanager
def hold_lease(run: str, state: Path) -> Iterator[Lease]:
    """Hold a new lease for `run` below the folder `state`."""
    path = state / "leases" / f"{run}.lock"
    try:
        (state / "leases").mkdir(parents=True, exist_ok=True)
        (state / "uids").mkdir(parents=True, exist_ok=True)
        lease_file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        block, block_file = _first_free_block(state / "uids")
    except OSError as error:
        raise StoreError(
            "state-folder",
            f"cannot write to {state}: {error.strerror}",
            hint="make it writable, or name another folder in GRADE_STATE",
        ) from error
    try:
        fcntl.flock(lease_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Lease(run, path, FIRST_UID + block * UIDS_PER_RUN)
    finally:
        path.unlink(missing_ok=True)
        os.close(lease_file)
        os.close(block_file)


def _first_free_block(folder: Path) -> tuple[int, int]:
    for block in range(_BLOCKS):
        file = os.open(folder / f"{block}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        return block, file
    raise InfraError("uids-used-up", f"{_BLOCKS} gradings are already running on this host")


def is_held(path: Path) -> bool:
    """Whether a live process holds the lease at `path`; one we may not look at counts as held."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
