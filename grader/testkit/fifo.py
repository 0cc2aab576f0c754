"""A program's standard streams as FIFOs: a fast feed in, capped readers out."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import select
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from grader.testkit.cells import Cell
from grader.testkit.problems import Disconnected, InfraFault, ProgramExited, TimedOut
from grader.testkit.transcript import Transcript

PIPE_SIZE = 1 << 20
SLICE = 0.2
"""Longest single wait in seconds: a feed that is closed from elsewhere is noticed after it."""


class Stdin:
    """The program's standard input. It stays open, and the program sees no end, until `close`."""

    def __init__(self, cell: Cell, file: int, transcript: Transcript) -> None:
        self._cell = cell
        self._file = file
        self._transcript = transcript
        self._closed = False
        self._lock = threading.Lock()  # a closed descriptor's number is soon another file's
        os.set_blocking(file, False)
        _enlarge(file)

    def write(self, data: bytes, within: float = 10.0) -> None:
        """Write all of `data`. Raises like `feed`."""
        self._transcript.add_bytes("send", data, "stdin ")
        self._write(memoryview(data), 0, time.monotonic() + within)

    def feed(self, chunks: Iterable[bytes], within: float | None = None) -> int:
        """Write every chunk as it comes and return the number of bytes; made for gigabytes.

        Give chunks of about 1 MiB where speed matters. Raises `TimedOut` after `within` seconds
        (without it, the time limit of the case holds), `ProgramExited` when the program ends
        before it has read everything, `Disconnected` when it closes its standard input.
        """
        until = None if within is None else time.monotonic() + within
        total = 0
        try:
            for chunk in chunks:
                self._write(memoryview(chunk), total, until)
                total += len(chunk)
        finally:
            self._transcript.add("send", f"stdin {total} bytes were fed")
        return total

    def close(self) -> None:
        """The program reads the end of its input."""
        with self._lock:
            if not self._closed:
                self._closed = True
                os.close(self._file)

    def _write(self, rest: memoryview, before: int, until: float | None) -> None:
        size = len(rest)
        while rest:
            try:
                with self._lock:
                    if self._closed:
                        raise Disconnected("standard input was closed while it was being fed")
                    rest = rest[os.write(self._file, rest) :]
            except BlockingIOError:
                self._wait(before + size - len(rest), until)
            except BrokenPipeError as error:
                raise self._broken(before + size - len(rest)) from error

    def _wait(self, written: int, until: float | None) -> None:
        left = SLICE if until is None else min(SLICE, until - time.monotonic())
        if left <= 0:
            raise TimedOut(f"the program stopped reading its standard input after {written} bytes")
        poller = select.poll()
        poller.register(self._file, select.POLLOUT)
        poller.poll(left * 1000)

    def _broken(self, written: int) -> Exception:
        if self._cell.exited.wait(0.5):
            return ProgramExited(
                f"the program {self._cell.exit} after {written} bytes of its standard input"
            )
        return Disconnected(f"the program closed its standard input after {written} bytes")


class Output:
    """What the program wrote to one stream so far; kept up to the cap of the assignment."""

    def __init__(self, name: str, cell: Cell) -> None:
        self._name = name
        self._cell = cell
        self._kept = bytearray()
        self._total = 0
        self._ended = False
        self._changed = threading.Condition()

    @property
    def total_bytes(self) -> int:
        return self._total

    @property
    def lines(self) -> tuple[str, ...]:
        """The complete lines, without their ends."""
        return tuple(self.text().split("\n")[:-1])

    def raw(self) -> bytes:
        with self._changed:
            return bytes(self._kept)

    def text(self) -> str:
        """Decoded as UTF-8; what is not becomes replacement characters."""
        return self.raw().decode("utf-8", "replace")

    def wait_for(self, pattern: str, within: float = 10.0) -> re.Match[str]:
        """Wait until `pattern` is found (`^` and `$` match at lines).

        Raises `TimedOut`, or `ProgramExited` when the stream ends without it.
        """
        compiled = re.compile(pattern, re.MULTILINE)
        until = time.monotonic() + within
        with self._changed:
            while True:
                match = compiled.search(self._kept.decode("utf-8", "replace"))
                if match is not None:
                    return match
                if self._ended:
                    break
                left = until - time.monotonic()
                if left <= 0:
                    raise TimedOut(f"{pattern!r} did not appear on {self._name} in {within:g} s")
                self._changed.wait(left)
        self._cell.exited.wait(1.0)
        how = self._cell.exit or "closed the stream"
        raise ProgramExited(f"the program {how}, and {pattern!r} never appeared on {self._name}")

    def add(self, data: bytes, cap: int) -> None:
        with self._changed:
            self._total += len(data)
            self._kept += data[: cap - len(self._kept)]
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()


class OutputReader:
    """Reads both streams of a program in one thread, so that it never waits for the examiner.

    Beyond `cap` bytes of either, `flooded` is called once and the rest is thrown away.
    """

    def __init__(self, files: tuple[int, int], cap: int) -> None:
        self._files = files
        self._cap = cap
        self._stop, self._stopper = os.pipe()
        self._finishing = threading.Lock()
        self._finished = False
        self._thread: threading.Thread | None = None
        for file in files:
            _enlarge(file)

    def start(self, outputs: tuple[Output, Output], flooded: Callable[[], None]) -> None:
        streams = dict(zip(self._files, outputs, strict=True))
        self._thread = threading.Thread(target=self._read, args=(streams, flooded), daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """The program has ended: read what it left in the pipes, and no more.

        A cell that was killed before it had opened both pipes would never end them.
        """
        with self._finishing:
            if not self._finished:
                self._finished = True
                os.close(self._stopper)
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        self.finish()
        for file in (*self._files, self._stop):
            os.close(file)

    def _read(self, streams: dict[int, Output], flooded: Callable[[], None]) -> None:
        poller = select.poll()
        for file in (*streams, self._stop):
            poller.register(file, select.POLLIN)
        open_streams, told = dict(streams), False
        while open_streams:
            ready = {file for file, _ in poller.poll()}
            stopping = self._stop in ready
            for file in tuple(open_streams) if stopping else ready:
                data = _read_some(file)
                if data:
                    open_streams[file].add(data, self._cap)
                elif data is not None or stopping:
                    poller.unregister(file)
                    open_streams.pop(file).end()
            if not told and any(each.total_bytes > self._cap for each in streams.values()):
                told = True
                flooded()


def open_output(path: Path) -> int:
    """The reading end, before any program has the other: neither side will have to wait."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)


def open_input(path: Path, cell: Cell, within: float) -> int | None:
    """The writing end, as soon as the cell has the other; `None` when the cell ended before.

    No reading end is ever held here, so a program that closes its input breaks the pipe.
    """
    until = time.monotonic() + within
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        if cell.exited.wait(0.002):
            return None
        if time.monotonic() > until:
            raise InfraFault(f"the cell did not open its standard input within {within:g} s")


def _read_some(file: int) -> bytes | None:
    try:
        return os.read(file, PIPE_SIZE)
    except BlockingIOError:
        return None


def _enlarge(file: int) -> None:
    """A larger pipe halves the switches between the two sides; the default works too."""
    with contextlib.suppress(OSError):
        fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, PIPE_SIZE)
