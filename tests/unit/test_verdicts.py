"""The verdict table: our evidence in, one verdict out."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.limits import RunLimits
from grader.model.results import ProgramRun, Stop
from grader.model.verdict import Verdict
from grader.stages.verdicts import decide, limits_hit
from grader.stages.wire import Outcome

LIMITS = RunLimits()


def run(role: str = "candidate", **facts: Any) -> ProgramRun:
    return ProgramRun(role=role, argv=("/app/program",), **facts)


@pytest.mark.parametrize(
    ("outcome", "programs", "verdict"),
    [
        ("passed", [run(exit_code=0)], Verdict.PASSED),
        ("passed", [run(exit_code=137, stopped=Stop.CLEANUP)], Verdict.PASSED),
        ("passed", [run(exit_code=137, out_of_memory=True)], Verdict.PASSED),
        ("failed", [], Verdict.FAILED),
        ("failed", [run(exit_code=137, stopped=Stop.CLEANUP)], Verdict.FAILED),
        ("failed", [run(exit_code=137, stopped=Stop.EXAMINER)], Verdict.FAILED),
        ("failed", [run(exit_code=0)], Verdict.FAILED),
        ("failed", [run(exit_code=1)], Verdict.FAILED),
        ("failed", [run(exit_code=74)], Verdict.FAILED),
        ("failed", [run(exit_code=2)], Verdict.CRASHED),
        ("failed", [run(exit_code=139, signal=11)], Verdict.CRASHED),
        ("failed", [run(exit_code=137, signal=9)], Verdict.CRASHED),
        ("failed", [run(exit_code=143, signal=15)], Verdict.CRASHED),
        ("failed", [run(exit_code=143, signal=15, signals=("TERM",))], Verdict.FAILED),
        ("failed", [run(exit_code=139, signal=11, signals=("TERM",))], Verdict.CRASHED),
        ("failed", [run(exit_code=190, signal=62)], Verdict.CRASHED),
        ("failed", [run(exit_code=137, signal=9, out_of_memory=True)], Verdict.MEMORY_EXCEEDED),
        ("failed", [run(exit_code=0, out_of_memory=True)], Verdict.MEMORY_EXCEEDED),
        ("failed", [run(process_limit_hits=3)], Verdict.PROCESS_LIMIT),
        ("failed", [run(exit_code=137, stopped=Stop.OUTPUT)], Verdict.OUTPUT_EXCEEDED),
        ("failed", [run(exit_code=137, stopped=Stop.CPU_TIME)], Verdict.TIMED_OUT),
        ("failed", [run(exit_code=137, stopped=Stop.WALL_TIME)], Verdict.TIMED_OUT),
        ("timed_out", [run(exit_code=137, stopped=Stop.CLEANUP)], Verdict.TIMED_OUT),
        ("timed_out", [run(exit_code=139, signal=11)], Verdict.CRASHED),
        ("failed", [run(role="reference", exit_code=139, signal=11)], Verdict.FAILED),
        ("failed", [run(role="reference", out_of_memory=True)], Verdict.FAILED),
        ("skipped", [], Verdict.SKIPPED),
        ("not_run", [], Verdict.NOT_RUN),
        ("infra_error", [run(exit_code=139, signal=11)], Verdict.INFRA_ERROR),
    ],
)
def test_the_first_matching_rule_decides(
    outcome: Outcome, programs: list[ProgramRun], verdict: Verdict
) -> None:
    assert decide(outcome, tuple(programs), LIMITS)[0] is verdict


def test_a_pass_that_hit_a_limit_carries_a_note() -> None:
    _, note = decide("passed", (run(out_of_memory=True),), LIMITS)
    assert "512 MiB" in note


def test_a_plain_pass_needs_no_words() -> None:
    assert decide("passed", (run(exit_code=0),), LIMITS)[1] == ""


def test_a_limit_is_named_once_however_often_it_was_hit() -> None:
    twice = (run(out_of_memory=True), run(out_of_memory=True))
    assert limits_hit(twice, LIMITS) == ("memory and scratch files: more than 512 MiB",)


def test_the_references_limits_are_not_the_candidates() -> None:
    assert limits_hit((run(role="reference", out_of_memory=True),), LIMITS) == ()


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (run(exit_code=153, signal=25), "data 128 MiB, scratch 64 MiB"),
        (run(exit_code=139, signal=11), "signal 11"),
        (run(exit_code=127), "native executable"),
        (run(exit_code=2), "exit code 2"),
    ],
    ids=["file-size", "crash", "not-begun", "exception"],
)
def test_the_end_of_a_program_is_explained(ended: ProgramRun, words: str) -> None:
    assert words in decide("failed", (ended,), LIMITS)[1]
