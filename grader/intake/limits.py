"""How much a submission may hold, and what the reviewer allows while it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import Field

from grader.model.base import Value
from grader.model.quantity import Bytes, Seconds


class IntakeLimits(Value):
    """`files` bounds files, symlinks and submodules together, and folders once more. `depth` counts
    the parts of a path, `path_bytes` its length. `fetch_seconds` bounds everything git does.
    """

    files: int = Field(default=20_000, gt=0)
    total_bytes: Bytes = 64 << 20
    file_bytes: Bytes = 16 << 20
    depth: int = Field(default=32, gt=0)
    path_bytes: int = Field(default=512, gt=0)
    fetch_seconds: Seconds = 60.0


@dataclass(frozen=True, slots=True)
class Access:
    """What intake may reach.

    `local_paths` is off where the source was not typed by a reviewer (a job, a manifest).
    `private_hosts` allows loopback, private and link-local addresses. `credentials` lets git use
    the reviewer's stored credential for the host of the URL, and keys for ssh. `environment` is
    the reviewer's; only proxy and certificate settings are taken from it, and with `credentials`
    also HOME and SSH_AUTH_SOCK.
    """

    local_paths: bool = True
    private_hosts: bool = False
    credentials: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
