"""What the host says first: the terms on which this suite is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from grader.testkit.problems import InfraFault


@dataclass(frozen=True, slots=True)
class Place:
    """One slot's folders as the examiner sees them: the program's data, and its FIFOs."""

    number: int
    data: Path
    io: Path


@dataclass(frozen=True, slots=True)
class Hello:
    """Times in seconds, sizes in bytes. `only` is `None` where the whole suite is run."""

    seed: int
    case_time: float
    output_bytes: int
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    slots: tuple[Place, ...]
    reference: bool
    backends: frozenset[str]
    only: frozenset[str] | None

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """Raises `InfraFault` where the host's first line is not a complete hello."""
        try:
            hello = message["hello"]
            only = hello["only"]
            return cls(
                seed=int(hello["seed"]),
                case_time=float(hello["case_time"]),
                output_bytes=int(hello["output_bytes"]),
                arguments=tuple(str(argument) for argument in hello["arguments"]),
                environment={str(k): str(v) for k, v in hello["environment"].items()},
                slots=tuple(
                    Place(int(slot["number"]), Path(slot["data"]), Path(slot["io"]))
                    for slot in hello["slots"]
                ),
                reference=bool(hello["reference"]),
                backends=frozenset(hello["backends"]),
                only=None if only is None else frozenset(only),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InfraFault(f"the host's hello is not complete: {error!r}") from error
