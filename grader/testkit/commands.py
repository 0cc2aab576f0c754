"""`run`: a client tool (redis-cli, curl, dig) inside the examiner."""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.testkit.excerpt import show
from grader.testkit.problems import InfraFault, TimedOut
from grader.testkit.transcript import current

OUTPUT_LIMIT = 16 << 20
"""Bytes kept of what a tool writes to each stream; a server can make its client say anything."""


ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
}
"""All that a tool gets, so that a case does not depend on who runs it."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A tool that ended. `code` is its exit code, negative for the signal that ended it."""

    stdout: bytes
    stderr: bytes
    code: int

    @property
    def text(self) -> str:
        """Its stdout, decoded as UTF-8 with replacement characters."""
        return self.stdout.decode("utf-8", "replace")


def run(
    command: Sequence[str | Path],
    *,
    input: bytes | None = None,
    within: float = 10.0,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Completed:
    """Run `command` to its end, with `input` on its stdin, and record it in the transcript.

    Raises `TimedOut` after `within` seconds; the tool and its children are killed. A tool that the
    examiner does not have is ours: `InfraFault`.
    """
    arguments = [str(argument) for argument in command]
    transcript = current()
    transcript.add("run", shlex.join(arguments))
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**ENVIRONMENT, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
    except OSError as error:
        raise InfraFault(f"{arguments[0]} cannot be run in the examiner: {error}") from error
    try:
        stdout, stderr = _exchange(process, input or b"", time.monotonic() + within)
    except TimeoutError as error:
        raise TimedOut(f"{arguments[0]} did not end within {within:g} s") from error
    finally:
        _end(process)
    for name, output in (("stdout", stdout), ("stderr", stderr)):
        if output:
            transcript.add_bytes("output", output, f"{name} ")
    transcript.add("output", f"{show(arguments[0])} exited with code {process.returncode}")
    return Completed(stdout, stderr, process.returncode)


def _exchange(process: subprocess.Popen[bytes], data: bytes, until: float) -> tuple[bytes, bytes]:
    """Write `data` and read both streams until the process has ended. Raises `TimeoutError`."""
    kept: dict[int, bytearray] = {}
    rest = memoryview(data)
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            kept[stream.fileno()] = bytearray()
            selector.register(stream, selectors.EVENT_READ)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        outputs = list(kept.values())
        while selector.get_map():
            for key, _ in selector.select(_left(until)):
                if key.fd in kept:
                    _keep(selector, key, kept[key.fd])
                    continue
                with contextlib.suppress(BlockingIOError):
                    rest = rest[_write(key.fd, rest) :]
                if not rest:
                    selector.unregister(key.fileobj)
                    _close(process.stdin)
    try:
        process.wait(_left(until))
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    return bytes(outputs[0]), bytes(outputs[1])


def _keep(selector: selectors.BaseSelector, key: selectors.SelectorKey, output: bytearray) -> None:
    data = os.read(key.fd, 1 << 18)
    output += data[: OUTPUT_LIMIT - len(output)]
    if not data:
        selector.unregister(key.fileobj)


def _write(file: int, rest: memoryview) -> int:
    """How much was taken: all of it, where the tool reads no more."""
    try:
        return os.write(file, rest[: 1 << 18])
    except BrokenPipeError:
        return len(rest)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _close(stream: IO[bytes] | None) -> None:
    if stream is not None:
        with contextlib.suppress(BrokenPipeError):
            stream.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever is left of the tool's session, and close the pipes."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        _close(stream)
