"""Which runs a verification needs, in which order, and how many at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model.base import Value
from grader.packs import Pack
from grader.verify.proof import STARTER
from grader.verify.structure import has_exclusive_cases

SEEDS = 2**63


class Place(Value):
    """Where a job runs, in values that any process understands: the engine, folders, image ids."""

    docker_url: str | None
    state: str
    cache: str
    build_image: str
    run_image: str
    examiner_image: str
    backends: tuple[str, ...]


class Job(Value):
    """One grading of one solution: a small value, so that any process can do it."""

    pack: str
    digest: str
    solution: str
    source: str
    seed: int
    place: Place


@dataclass(frozen=True, slots=True)
class Wanted:
    """`solutions` names the ones to grade, none for all of them and the starter."""

    solutions: tuple[str, ...]
    repeat: int
    jobs: int
    seed: int


def sources(pack: Pack, wanted: Wanted) -> dict[str, Path]:
    """The repositories to grade, by name. PackError for a solution that the pack does not have."""
    everything = (*(solution.name for solution in pack.solutions()), STARTER)
    return {
        name: pack.starter if name == STARTER else pack.solution(name)
        for name in wanted.solutions or everything
    }


def plan_jobs(pack: Pack, wanted: Wanted, place: Place) -> tuple[Job, ...]:
    """The jobs, the first run of every solution before the second of any.

    Run number n has the seed `seed + n`; the starter runs once. Raises what `sources` raises.
    """
    return tuple(
        Job(
            pack=str(pack.root),
            digest=pack.digest,
            solution=name,
            source=str(source),
            seed=(wanted.seed + number) % SEEDS,
            place=place,
        )
        for number in range(wanted.repeat)
        for name, source in sources(pack, wanted).items()
        if number == 0 or name != STARTER
    )


def width(pack: Pack, wanted: Wanted, jobs: Sequence[Job]) -> int:
    """How many jobs may run at once. Where a suite measures, nothing runs beside anything."""
    return 1 if has_exclusive_cases(pack) else max(1, min(wanted.jobs, len(jobs)))
