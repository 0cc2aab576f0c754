"""`grade doctor`: measures, by running containers, whether this engine can grade safely."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from pathlib import Path

from grader.errors import GradeError
from grader.model.base import Value
from grader.sandbox import probes
from grader.sandbox.doctor_lines import (
    DoctorLine,
    LineStatus,
    engine_lines,
    fail,
    git_line,
    measured_lines,
)
from grader.sandbox.engine import Engine
from grader.sandbox.space import open_space

_VERSIONS = ("engine version", "runc version", "git version")


class DoctorReport(Value):
    lines: tuple[DoctorLine, ...]

    def safe(self, *, strict: bool = False) -> bool:
        """Whether grading here is safe; `strict` refuses versions with doubtful holes too."""
        failed = any(line.status is LineStatus.FAIL for line in self.lines)
        doubtful = any(
            line.status is LineStatus.WARN and line.name in _VERSIONS for line in self.lines
        )
        return not failed and not (strict and doubtful)


def run_doctor(engine: Engine, images: dict[str, str], *, state: Path) -> DoctorReport:
    """Measure by running containers of `images["examiner"]`; takes about two seconds.

    `state` is the folder for the lease that lets a later run clear up after a killed one.
    """
    lines = [*engine_lines(engine.facts), git_line(_git_version())]
    if "examiner" not in images:
        missing = fail("images", "the examiner's image is not built", "run `grade sandbox build`")
        return DoctorReport(lines=(*lines, missing))
    with open_space(engine, state) as space:
        measured = probes.measure(space, images["examiner"])
    return DoctorReport(lines=(*lines, *measured_lines(measured)))


def unavailable(error: GradeError) -> DoctorReport:
    """The report when no engine answers."""
    return DoctorReport(lines=(fail("engine", error.message, error.hint),))


def backends(engine: Engine, image: str, *, state: Path, cache: Path) -> tuple[str, ...]:
    """Which of nftables, netem, tbf and strace work, measured in `image` (the examiner's).

    Kept in the file `cache` for each engine and kernel, so that only the first run pays.
    """
    facts = engine.facts
    names = ",".join(probes.Backends.model_fields)
    key = f"{facts.id} {facts.server_version} {facts.kernel} {names}"
    known = _read_cache(cache)
    if key not in known:
        with open_space(engine, state) as space:
            known[key] = list(probes.measure_backends(space, image).working())
        _write_cache(cache, known)
    return tuple(known[key])


def _git_version() -> str | None:
    try:
        done = subprocess.run(("git", "--version"), capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout.strip().removeprefix("git version ")


def _read_cache(cache: Path) -> dict[str, list[str]]:
    """What is known; a file that cannot be read is no knowledge."""
    try:
        known = json.loads(cache.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write_cache(cache: Path, known: dict[str, list[str]]) -> None:
    """Whole or not at all, as several runs may write; a cache that cannot be kept is no failure."""
    beside = cache.with_name(f"{cache.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        cache.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(known), encoding="utf-8")
        beside.replace(cache)
