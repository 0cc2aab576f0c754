"""A "cell" of the local control: a plain process group, with the FIFOs of a real cell."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
REDIRECT = 'exec "$@" <"$IO/in" >"$IO/out" 2>"$IO/err"'
UNCAUGHT_EXCEPTION = 2
"""The exit code of an OCaml program that an exception ended."""


class Cell:
    """One process group that we started; only it is ever signalled."""

    def __init__(self, name: str, role: str, process: subprocess.Popen[bytes]) -> None:
        self.name = name
        self.role = role
        self.frozen = False
        self.asked = False
        self.stopped: str | None = None
        self.gone = threading.Event()
        self._process = process
        self._used: resource.struct_rusage | None = None
        self._lock = threading.Lock()

    @property
    def runs(self) -> bool:
        """Whether the program is alive and not frozen."""
        return not self.frozen and not self.gone.is_set()

    def signal(self, number: int) -> None:
        """Signal the whole group; nothing happens when it has ended."""
        with self._lock:
            # Until we reap it, the leader's id is its own, even when it has ended.
            if self._used is None:
                os.killpg(self._process.pid, number)

    def usage(self) -> dict[str, Any]:
        with self._lock:
            if self._used is not None:
                cpu = self._used.ru_utime + self._used.ru_stime
                memory = self._used.ru_maxrss * 1024
                return {"peak_memory": memory, "cpu_time": cpu, "processes": 0}
            folder = Path("/proc", str(self._process.pid))
            peak = re.search(r"VmHWM:\s+(\d+) kB", (folder / "status").read_text())
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        return {
            "peak_memory": int(peak[1]) * 1024 if peak else None,
            "cpu_time": (int(fields[11]) + int(fields[12])) / TICKS,
            "processes": 1,
        }

    def reap(self) -> dict[str, Any]:
        """Wait for the program, take its children with it, and return the event of its exit.

        `unasked` in it is for us: the program ended by itself, and not well.
        """
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            os.killpg(self._process.pid, signal.SIGKILL)
            _, status, self._used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        code = 128 + killed if killed else os.WEXITSTATUS(status)
        badly = killed is not None or code == UNCAUGHT_EXCEPTION
        return {
            "event": "exited",
            "cell": self.name,
            "exit_code": code,
            "signal": killed,
            "stopped": self.stopped,
            "out_of_memory": False,
            "unasked": badly and not self.asked and self.stopped is None,
        }


def start(
    command: Sequence[str],
    *,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    data: str,
    io: str,
    scratch: Path,
    open_files: int | None,
) -> subprocess.Popen[bytes]:
    """Start `command` as a cell would: a bare environment, FIFOs as its streams. `/data` in its
    arguments and environment becomes the slot's `data`."""
    limit = f"ulimit -n {int(open_files)}; " if open_files else ""
    return subprocess.Popen(
        ["sh", "-c", limit + REDIRECT, "sh", *command]
        + [_inside(argument, data) for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(scratch),
            "TMPDIR": str(scratch),
            "LANG": "C.UTF-8",
            "IO": io,
        }
        | {name: _inside(value, data) for name, value in environment.items()},
        cwd=scratch,
        start_new_session=True,
    )


def _inside(text: str, data: str) -> str:
    return re.sub(r"(?<![\w./-])/data(?=/|$)", data, text)
