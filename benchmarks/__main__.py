"""What grading costs beyond building and testing, for a suite of twenty cases.

Two things are measured side by side in one run, taking turns: a submission whose build is cached,
and one that is built afresh. Overhead is the wall time of the whole `grade submit` process less the
build cell's time and less the time of the cases.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from grader.model.grade import Grade
from grader.packs.new import new_pack

ROUNDS = 5
CASES = 20
TARGET = 2.5
"""Seconds that the overhead should stay below."""

_SUITE = '''
"""Twenty small cases."""
from __future__ import annotations
import pytest
from grader.testkit import Launcher, expect
pytestmark = pytest.mark.criterion("echo")

@pytest.mark.parametrize("number", range({cases}))
def test_echo(candidate: Launcher, number: int) -> None:
    """A line comes back

    Brief: "It sends back every byte it receives, unchanged and in order."
    """
    client = candidate.start().connect()
    client.send(b"line %d\\n" % number)
    expect("the line", client.receive_until(b"\\n"), equals=b"line %d\\n" % number)
'''


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one `grade submit`."""

    total: float
    build: float
    cases: float

    @property
    def overhead(self) -> float:
        return self.total - self.build - self.cases


def measure(pack: Path, home: Path, *extra: str) -> Timing:
    """Grade the pack's model once; raises when that does not succeed."""
    environment = os.environ | {"GRADE_STATE": str(home / "state"), "GRADE_CACHE": str(home)}
    command = [
        str(Path(sys.executable).parent / "grade"),
        *("submit", str(pack / "solutions" / "accepted" / "model"), "-a", str(pack)),
        *("-o", str(home / "out"), "--json", *extra),
    ]
    began = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    total = time.monotonic() - began
    grade = Grade.model_validate_json(done.stdout)
    results = [case for line in grade.criteria for case in line.cases]
    assert len(results) == CASES
    build = 0.0 if grade.build is None or grade.build.cached else grade.build.wall_time
    return Timing(total, build, sum(result.duration for result in results))


def row(name: str, timings: list[Timing]) -> str:
    figures = [
        statistics.median(getattr(timing, field) for timing in timings)
        for field in ("total", "build", "cases", "overhead")
    ]
    worst = max(timing.overhead for timing in timings)
    return f"{name:<14}" + "".join(f"{figure:>10.2f}" for figure in (*figures, worst))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pack, home = new_pack("bench", Path(folder)), Path(folder) / "home"
        (pack / "suite" / "test_echo.py").write_text(_SUITE.format(cases=CASES))
        measure(pack, home)
        cached, fresh = [], []
        for _ in range(ROUNDS):
            cached.append(measure(pack, home))
            fresh.append(measure(pack, home, "--no-cache"))
    print(f"grade submit, {CASES} cases, median of {ROUNDS} rounds, seconds")
    print(
        " " * 14
        + "".join(f"{name:>10}" for name in ("total", "build", "cases", "overhead", "worst"))
    )
    print(row("build cached", cached))
    print(row("built afresh", fresh))
    print(f"target for the overhead: {TARGET} s")


if __name__ == "__main__":
    main()
