"""A container's stdin, stdout and stderr over one attached connection.

The engine multiplexes the output: 8 bytes of header (stream number, three zeros, big-endian
length), then the data (Docker Engine API, "Attach to a container").
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

from grader.errors import InfraError

STDOUT, STDERR = 1, 2
_CHUNK = 1 << 16


class Deadline:
    """A point on the monotonic clock, which may be set anew while somebody waits for it."""

    def __init__(self, seconds: float) -> None:
        self.set(seconds)

    def set(self, seconds: float) -> None:
        """Put it `seconds` from now."""
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then, never below 0."""
        return max(0.0, self._at - time.monotonic())


class DeadlinePassed(Exception):
    """The container said nothing more before the deadline."""


class AttachedStream:
    """Reads are for one thread; sends may come from several."""

    def __init__(self, attached: Any) -> None:
        self._owner = attached
        self._socket: socket.socket = getattr(attached, "_sock", attached)
        self._socket.settimeout(None)
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._sending = threading.Lock()

    def send(self, data: bytes) -> None:
        """Blocks while the container does not read; InfraError when the connection is gone."""
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            raise InfraError(
                "attach-lost", f"the connection to a container broke: {error.strerror or error}"
            ) from error

    def send_in_background(self, data: bytes) -> None:
        """Send `data`, then end the container's stdin; a container that dies first ends it too."""

        def run() -> None:
            with contextlib.suppress(InfraError):
                self.send(data)
                self.close_input()

        threading.Thread(target=run, name="attach-send", daemon=True).start()

    def close_input(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def frames(self, deadline: Deadline) -> Iterator[tuple[int, bytes]]:
        """Pairs of stream number and at most 64 KiB, until the container ends.

        Raises DeadlinePassed, and InfraError where the stream stops inside a frame.
        """
        while header := self._read(8, deadline, at_boundary=True):
            stream, length = struct.unpack(">BxxxI", header)
            while length:
                data = self._receive(min(length, _CHUNK), deadline)
                if not data:
                    raise InfraError("attach-cut", "a container's output stopped inside a frame")
                length -= len(data)
                yield stream, data

    def discard(self, most: int) -> int:
        """Throw away what has come, about `most` bytes of it, without waiting; how much it was."""
        thrown = 0
        with contextlib.suppress(OSError):
            while thrown < most and self._poll.poll(0):
                data = self._socket.recv(_CHUNK)
                if not data:
                    break
                thrown += len(data)
        return thrown

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.close()
        with contextlib.suppress(OSError):
            self._owner.close()

    def _read(self, size: int, deadline: Deadline, *, at_boundary: bool) -> bytes:
        data = b""
        while len(data) < size:
            more = self._receive(size - len(data), deadline)
            if not more:
                if data or not at_boundary:
                    raise InfraError("attach-cut", "a container's output stopped inside a frame")
                return b""
            data += more
        return data

    def _receive(self, size: int, deadline: Deadline) -> bytes:
        if not self._poll.poll(deadline.left() * 1000):
            raise DeadlinePassed
        try:
            return self._socket.recv(size)
        except OSError as error:
            raise InfraError(
                "attach-lost", f"the connection to a container broke: {error.strerror or error}"
            ) from error
