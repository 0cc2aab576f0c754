"""How a program was started, how it ended and what it used, in words."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from grader.model.limits import RunLimits
from grader.model.quantity import show_bytes, show_seconds
from grader.model.results import ProgramRun, Stop
from grader.model.untrusted import Untrusted
from grader.report.excerpt import Excerpt, Ration, clip
from grader.report.numbers import count

OUTPUT_SHOWN = 16_000

_SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM",
    15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProgramView:
    """`surprising` marks an end that nobody planned."""

    role: str
    command: str
    ended: str
    surprising: bool
    used: str
    stdout: Excerpt | None
    stderr: Excerpt | None


def program_view(run: ProgramRun, limits: RunLimits, ration: Ration) -> ProgramView:
    return ProgramView(
        role=clip(run.role, 40),
        command=clip(shlex.join(run.argv[:200]), 2000),
        ended=ended(run, limits),
        surprising=_surprising(run),
        used=used(run, limits),
        stdout=_output(run.stdout, ration),
        stderr=_output(run.stderr, ration),
    )


def ended(run: ProgramRun, limits: RunLimits) -> str:
    """`exit 74`, `killed by signal 9 (by the examiner, as planned)`."""
    remarks = [_stop_words(run.stopped, limits)] if run.stopped else []
    if run.out_of_memory:
        remarks.append(f"out of memory, limit {show_bytes(limits.memory)}")
    if run.process_limit_hits:
        hits = count(run.process_limit_hits, "time")
        remarks.append(f"refused a new process {hits}, limit {limits.processes}")
    if run.signal is not None:
        name = _SIGNALS.get(run.signal)
        if not run.stopped and name:
            remarks.insert(0, name)
        start = f"killed by signal {run.signal}"
    elif run.exit_code is not None:
        start = f"exit {run.exit_code}"
    else:
        start = "stopped" if run.stopped else "end not recorded"
    return f"{start} ({'; '.join(remarks)})" if remarks else start


def used(run: ProgramRun, limits: RunLimits) -> str:
    """`peak memory 41 MiB of 512 MiB, cpu 1.2 s, ran 3 s`; what was not measured is left out."""
    parts = []
    if run.usage.peak_memory is not None:
        peak, most = show_bytes(run.usage.peak_memory), show_bytes(limits.memory)
        parts.append(f"peak memory {peak} of {most}")
    if run.usage.cpu_time is not None:
        parts.append(f"cpu {show_seconds(run.usage.cpu_time)}")
    if run.usage.wall_time:
        parts.append(f"ran {show_seconds(run.usage.wall_time)}")
    return ", ".join(parts)


def _stop_words(stop: Stop, limits: RunLimits) -> str:
    match stop:
        case Stop.WALL_TIME:
            return f"ran longer than {show_seconds(limits.wall_time)}"
        case Stop.CPU_TIME:
            return f"used more than {show_seconds(limits.cpu_time)} of cpu"
        case Stop.OUTPUT:
            return f"printed more than {show_bytes(limits.output)}"
        case Stop.EXAMINER:
            return "by the examiner, as planned"
        case Stop.CLEANUP:
            return "at the end of the case, as planned"


def _surprising(run: ProgramRun) -> bool:
    if run.out_of_memory or run.process_limit_hits:
        return True
    if run.stopped in (Stop.EXAMINER, Stop.CLEANUP):
        return False
    return run.stopped is not None or run.signal is not None


def _output(text: Untrusted | None, ration: Ration) -> Excerpt | None:
    return ration.excerpt(text, OUTPUT_SHOWN) if text is not None and text.text else None
