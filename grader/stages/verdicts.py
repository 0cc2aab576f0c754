"""Decides the verdict of a case from our own evidence. The first rule that matches wins.

The suite says whether the program did what the brief asks; why it did not is read from the kill
log, the engine's events and the control groups' counters, never from what a program printed.
"""

from __future__ import annotations

from signal import Signals

from grader.model.limits import RunLimits
from grader.model.quantity import show_bytes, show_seconds
from grader.model.results import ProgramRun, Stop
from grader.model.verdict import Verdict
from grader.stages.wire import Outcome

_AS_IS = {
    "passed": Verdict.PASSED,
    "skipped": Verdict.SKIPPED,
    "not_run": Verdict.NOT_RUN,
    "infra_error": Verdict.INFRA_ERROR,
}

_UNCAUGHT_EXCEPTION = 2
"""The exit code of an OCaml program that an exception ended (OCaml manual, `Stdlib.exit`)."""

_FILE_SIZE = 25
"""SIGXFSZ, whatever this host calls 25: cells run Linux (signal(7), x86 and ARM)."""

_NO_PROGRAM = (126, 127)
_NOT_BEGUN = (
    "If the program did not begin at all: it must be a native executable, or a script whose"
    " interpreter the cell has; exit codes 126 and 127 are what the shell ends with otherwise."
)


def limits_hit(programs: tuple[ProgramRun, ...], limits: RunLimits) -> tuple[str, ...]:
    """Each limit that the candidate's program ran into, in words, whether or not it mattered."""
    hits: list[str] = []
    for run in programs:
        if run.role != "candidate":
            continue
        if run.out_of_memory:
            hits.append(f"memory and scratch files: more than {show_bytes(limits.memory)}")
        if run.process_limit_hits:
            hits.append(f"processes and threads: more than {limits.processes} at once")
        if run.stopped is Stop.OUTPUT:
            hits.append(f"output: more than {show_bytes(limits.output)} on one stream")
        if run.stopped is Stop.CPU_TIME:
            hits.append(f"CPU time: more than {show_seconds(limits.cpu_time)}")
        if run.stopped is Stop.WALL_TIME:
            hits.append(f"running time: more than {show_seconds(limits.wall_time)}")
    return tuple(dict.fromkeys(hits))


def decide(
    outcome: Outcome, programs: tuple[ProgramRun, ...], limits: RunLimits
) -> tuple[Verdict, str]:
    """The verdict, and a sentence that explains it where the words of the case do not."""
    hits = limits_hit(programs, limits)
    if outcome in _AS_IS:
        note = f"Passed, and yet a limit was hit ({'; '.join(hits)})." if hits else ""
        return _AS_IS[outcome], note if outcome == "passed" else ""
    own = [run for run in programs if run.role == "candidate"]
    if any(run.stopped is Stop.OUTPUT for run in own):
        return Verdict.OUTPUT_EXCEEDED, f"The program was stopped: {'; '.join(hits)}."
    if any(run.stopped in (Stop.CPU_TIME, Stop.WALL_TIME) for run in own):
        return Verdict.TIMED_OUT, f"The program was stopped: {'; '.join(hits)}."
    if any(run.out_of_memory for run in own):
        return Verdict.MEMORY_EXCEEDED, f"The kernel ended a process: {'; '.join(hits)}."
    if any(run.process_limit_hits for run in own):
        return Verdict.PROCESS_LIMIT, f"The kernel refused a process: {'; '.join(hits)}."
    crash = next((run for run in own if _crashed(run)), None)
    if crash is not None:
        return Verdict.CRASHED, _how_it_ended(crash, limits)
    words = _NOT_BEGUN if any(run.exit_code in _NO_PROGRAM for run in own) else ""
    return (Verdict.TIMED_OUT if outcome == "timed_out" else Verdict.FAILED), words


def _crashed(run: ProgramRun) -> bool:
    """It ended by itself, and not well. A signal that the suite sent makes no crash."""
    if run.stopped is not None or run.exit_code in (None, 0):
        return False
    if run.signal is not None:
        return _name_of(run.signal) not in run.signals
    return run.exit_code == _UNCAUGHT_EXCEPTION


def _name_of(number: int) -> str:
    """`TERM` for 15; the bare number for a signal that has no name here."""
    try:
        return Signals(number).name.removeprefix("SIG")
    except ValueError:
        return str(number)


def _how_it_ended(run: ProgramRun, limits: RunLimits) -> str:
    if run.signal is None:
        return f"The program ended by itself with exit code {run.exit_code}."
    if run.signal == _FILE_SIZE:
        sizes = f"data {show_bytes(limits.data)}, scratch {show_bytes(limits.scratch)}"
        return f"A file grew past what any folder of the cell holds ({sizes}): SIGXFSZ."
    return f"The program died of signal {run.signal} that nobody here sent."
