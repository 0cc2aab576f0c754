"""Run cells on the real engine: started, watched, stopped, accounted for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from grader.model.limits import RunLimits
from grader.model.results import ProgramRun, Stop
from grader.sandbox.cells import CellPool, Refused
from grader.sandbox.examiner import Images, Payload, open_examiner
from grader.sandbox.space import RunSpace

MIB = 1 << 20
PATIENCE = 30.0


class Desk:
    """A pool whose cells run a shell script as the program, with FIFOs kept open by the examiner.

    The examiner's own agent is not needed here, so its container only holds the volumes.
    """

    def __init__(self, pool: CellPool, exits: dict[str, ProgramRun], heard: threading.Condition):
        self.pool, self._exits, self._heard = pool, exits, heard

    def start(self, *arguments: str, role: str = "candidate", slot: int = 0, **more: Any) -> str:
        return self.pool.start(role, slot, arguments, {}, **more)

    def exit_of(self, cell: str) -> ProgramRun:
        with self._heard:
            assert self._heard.wait_for(lambda: cell in self._exits, PATIENCE), "it did not end"
            return self._exits[cell]

    def until(self, condition: Callable[[], bool]) -> None:
        with self._heard:
            deadline = PATIENCE
            while not condition():
                assert deadline > 0
                self._heard.wait(0.05)
                deadline -= 0.05


PROGRAM = b'#!/bin/sh\neval "$1"\n'
PLAIN_FILES = "exec sleep 3600"


@pytest.fixture
def desk(
    space: RunSpace, image_ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    monkeypatch.setattr(
        "grader.sandbox.examiner._COMMAND",
        (
            "sh",
            "-c",
            "for s in /slots/*/io; do for f in in out err; do mkfifo -m 666 $s/$f; done;"
            " sleep 3600 <>$s/in & cat <>$s/out >/dev/null & cat <>$s/err >/dev/null & done;"
            " echo ready; exec cat",
        ),
    )

    @contextmanager
    def open_desk(**limits: Any) -> Iterator[Desk]:
        exits: dict[str, ProgramRun] = {}
        heard = threading.Condition()

        def hear(cell: str, run: ProgramRun) -> None:
            with heard:
                exits[cell] = run
                heard.notify_all()

        images = Images(examiner=image_ids["examiner"], run=image_ids["run"])
        payload = Payload(suite={}, programs={"candidate": PROGRAM, "reference": PROGRAM})
        run_limits = RunLimits(**({"memory": 128 * MIB, "scratch": 8 * MIB} | limits))
        with open_examiner(space, images, payload, run_limits) as examiner:
            from grader.sandbox.stream import Deadline

            assert next(examiner.lines(Deadline(PATIENCE))) == b"ready"
            pool = CellPool(space, examiner.plan, hear)
            try:
                yield Desk(pool, exits, heard)
            finally:
                pool.close()

    return open_desk


def test_a_program_that_ends_by_itself_is_reported_with_its_exit_code(desk: Any) -> None:
    with desk() as it:
        run = it.exit_of(it.start("exit 74"))
    assert (run.exit_code, run.signal, run.stopped, run.out_of_memory) == (74, None, None, False)


def test_a_crash_is_reported_with_its_signal(desk: Any) -> None:
    with desk() as it:
        run = it.exit_of(it.start("kill -SEGV $$"))
    assert (run.exit_code, run.signal, run.stopped) == (139, 11, None)


def test_a_kill_by_the_examiner_is_in_the_kill_log(desk: Any) -> None:
    with desk() as it:
        cell = it.start("sleep 3600")
        it.pool.signal(cell, "KILL")
        assert it.exit_of(cell).stopped is Stop.EXAMINER


def test_sigterm_reaches_the_program(desk: Any) -> None:
    with desk() as it:
        cell = it.start("trap 'exit 7' TERM; touch /data/up; while :; do sleep 0.05; done")
        it.until(lambda: (it.pool.usage(cell).cpu_time or 1) > 0.02)
        it.pool.signal(cell, "TERM")
        assert it.exit_of(cell).exit_code == 7


def test_data_outlives_the_cell_and_nothing_else_does(desk: Any) -> None:
    with desk() as it:
        first = it.start("echo kept > /data/a; echo gone > /scratch/b; echo gone > /tmp/c; exit 0")
        assert it.exit_of(first).exit_code == 0
        it.pool.remove(first)
        again = it.start("test -s /data/a && ! test -e /scratch/b && ! test -e /tmp/c")
        assert it.exit_of(again).exit_code == 0


@pytest.mark.parametrize(
    ("limits", "script", "check"),
    [
        ({"wall_time": 1.0}, "sleep 3600", lambda run: run.stopped is Stop.WALL_TIME),
        ({"cpu_time": 1.0}, "while :; do :; done", lambda run: run.stopped is Stop.CPU_TIME),
        (
            {"memory": 32 * MIB},
            "head -c 200000000 /dev/zero | tail",
            lambda run: run.out_of_memory,
        ),
        (
            {"processes": 24},
            "(for i in $(seq 40); do sleep 2 & done); sleep 1",
            lambda run: run.process_limit_hits > 0,
        ),
    ],
    ids=["wall-time", "cpu-time", "memory", "processes"],
)
def test_each_limit_is_enforced_and_leaves_evidence(
    desk: Any, limits: dict[str, Any], script: str, check: Callable[[ProgramRun], bool]
) -> None:
    with desk(**limits) as it:
        cell = it.start(script)
        it.exit_of(cell)
        run = it.pool.remove(cell)
    assert check(run), run


def test_a_grandchild_that_runs_out_of_memory_is_noticed_though_the_exit_is_clean(
    desk: Any,
) -> None:
    with desk(memory=32 * MIB) as it:
        cell = it.start("(head -c 200000000 /dev/zero | tail >/dev/null); exit 0")
        it.exit_of(cell)
        run = it.pool.remove(cell)
    assert (run.exit_code, run.out_of_memory) == (0, True)


def test_the_data_folder_has_a_size(desk: Any) -> None:
    with desk(data=MIB) as it:
        run = it.exit_of(it.start("head -c 3000000 /dev/zero > /data/x && exit 9; exit 5"))
    assert run.exit_code == 5


def test_descriptors_are_limited_as_asked(desk: Any) -> None:
    with desk() as it:
        run = it.exit_of(
            it.start("test $(ulimit -n) = 64 && test $(ulimit -Hn) = 64", open_files=64)
        )
    assert run.exit_code == 0


def test_candidate_and_reference_never_run_at_once(desk: Any) -> None:
    with desk() as it:
        candidate = it.start("sleep 3600")
        with pytest.raises(Refused, match="freeze or end the candidate"):
            it.start("sleep 3600", role="reference", slot=1)
        it.pool.freeze(candidate)
        reference = it.start("sleep 3600", role="reference", slot=1)
        with pytest.raises(Refused, match="freeze or end the reference"):
            it.pool.thaw(candidate)
        it.pool.remove(reference)
        it.pool.thaw(candidate)


def test_a_slot_holds_one_live_program(desk: Any) -> None:
    with desk() as it:
        it.start("sleep 3600")
        with pytest.raises(Refused, match="slot 0"):
            it.start("sleep 3600")


def test_peak_memory_and_cpu_are_measured(desk: Any) -> None:
    with desk() as it:
        cell = it.start("x=$(head -c 20000000 /dev/zero | tr '\\0' a); sleep 3600")
        it.until(lambda: (it.pool.usage(cell).peak_memory or 0) > 20_000_000)
        assert (it.pool.usage(cell).cpu_time or 0) > 0
        run = it.pool.remove(cell)
    assert (run.usage.peak_memory or 0) > 20_000_000


def test_a_cell_has_no_way_out_and_no_power(desk: Any) -> None:
    """One probe after the other; the exit code is the number of the first that succeeded."""
    probes = (
        "test $(id -u) -lt 200000",
        "test -w /app/program",
        "touch /app/x 2>/dev/null",
        "touch /io/x 2>/dev/null",
        "touch /usr/x 2>/dev/null",
        "grep -q eth /proc/net/dev",
        "grep -E '^CapEff:' /proc/self/status | grep -qv 0000000000000000",
        "grep -q 'NoNewPrivs:.0' /proc/self/status",
        "grep -q 'Seccomp:.0' /proc/self/status",
        "ls -d /suite /slots /programs 2>/dev/null | grep -q .",
        "ls -d /proc/[0-9]* | xargs -n1 -I{} cat {}/cmdline 2>/dev/null | grep -aq testki[t]",
        "test -e /var/run/docker.sock",
        "env | grep -qE 'GRADE|CI=|DOCKER'",
        "test $(cat /proc/sys/kernel/hostname) != box",
    )
    script = " ".join(f"if {probe}; then exit {n}; fi;" for n, probe in enumerate(probes, 1))
    with desk() as it:
        run = it.exit_of(it.start(script))
    assert run.exit_code == 0, probes[(run.exit_code or 1) - 1]
