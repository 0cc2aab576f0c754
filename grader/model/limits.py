"""What a cell may use. Every limit is a hard one, enforced by the kernel or by our watchers."""

from __future__ import annotations

from pydantic import Field

from grader.model.base import Value
from grader.model.quantity import Bytes, Seconds

MIB = 1 << 20


class BuildLimits(Value):
    """For the build cell. `memory` includes the scratch files, which live in memory."""

    wall_time: Seconds = 120.0
    memory: Bytes = 2048 * MIB
    cpus: float = Field(default=2.0, gt=0)
    processes: int = Field(default=256, gt=0)
    scratch: Bytes = 768 * MIB
    output: Bytes = 1 * MIB
    artifact: Bytes = 64 * MIB


class RunLimits(Value):
    """For each run cell. `memory` includes what the program writes to tmpfs data and scratch."""

    wall_time: Seconds = 120.0
    cpu_time: Seconds = 120.0
    memory: Bytes = 512 * MIB
    cpus: float = Field(default=1.0, gt=0)
    processes: int = Field(default=128, gt=0)
    open_files: int = Field(default=1024, gt=0)
    scratch: Bytes = 64 * MIB
    data: Bytes = 128 * MIB
    output: Bytes = 1 * MIB


class SuiteLimits(Value):
    """For the examiner: one case, and the whole suite."""

    case_time: Seconds = 30.0
    wall_time: Seconds = 1800.0


class Limits(Value):
    build: BuildLimits = BuildLimits()
    run: RunLimits = RunLimits()
    suite: SuiteLimits = SuiteLimits()
