"""A TCP connection to the program, with everything that crosses it in the transcript."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from grader.testkit.problems import Disconnected, TimedOut
from grader.testkit.transcript import Transcript

RECEIVE_LIMIT = 256 << 20
"""Bytes that one receive may gather."""

_numbers = itertools.count(1)


class Connection:
    """Raw bytes over TCP. Times are seconds; `within` defaults to the time given to `connect`.

    A context manager; what is left open is closed at the end of the case.
    """

    def __init__(
        self,
        stream: socket.socket,
        transcript: Transcript,
        name: str,
        timeout: float,
        explain: Callable[[], str],
    ) -> None:
        self._socket = stream
        self._transcript = transcript
        self._name = name
        self._timeout = timeout
        self._explain = explain
        self._buffer = bytearray()

    @property
    def socket(self) -> socket.socket:
        """The socket itself, for options that have no method here."""
        return self._socket

    def send(self, data: bytes, within: float | None = None) -> None:
        """Send all of `data`. Raises `TimedOut` when the program does not read it in time, and
        `Disconnected` when it has closed the connection."""
        self._transcript.add_bytes("send", data, f"{self._name} ")
        limit = self._timeout if within is None else within
        self._socket.settimeout(limit)
        try:
            self._socket.sendall(data)
        except TimeoutError as error:
            raise TimedOut(
                f"{self._name}: {len(data)} bytes were not read within {limit:g} s"
            ) from error
        except OSError as error:
            raise self._lost("sending", b"") from error

    def receive(self, count: int, within: float | None = None) -> bytes:
        """Exactly `count` bytes. Raises `TimedOut`, or `Disconnected` at an earlier end."""
        return self._take(lambda: count if len(self._buffer) >= count else None, within, str(count))

    def receive_until(
        self, end: bytes, within: float | None = None, limit: int = RECEIVE_LIMIT
    ) -> bytes:
        """Everything up to `end` and with it. Raises like `receive`."""
        searched = 0

        def found() -> int | None:
            nonlocal searched
            at = self._buffer.find(end, max(0, searched - len(end) + 1))
            searched = len(self._buffer)
            return at + len(end) if at >= 0 else None

        return self._take(found, within, f"bytes up to {end!r}", limit)

    def receive_some(self, within: float | None = None) -> bytes:
        """Whatever comes first; no bytes at the end of the stream. Raises `TimedOut`."""
        if not self._buffer:
            self._more(self._until(within), "some bytes")
        return self._cut(len(self._buffer))

    def receive_all(self, within: float | None = None, limit: int = RECEIVE_LIMIT) -> bytes:
        """Everything until the program closes or resets the connection. Raises `TimedOut` when
        it stays open."""
        until = self._until(within)
        while len(self._buffer) < limit and self._more(until, "the end of the stream"):
            pass
        return self._cut(len(self._buffer))

    def finish(self) -> None:
        """Send the end of the stream; receiving goes on."""
        self._transcript.add("send", f"{self._name} end of stream")
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close in the ordinary way."""
        if self._socket.fileno() >= 0:
            self._transcript.add("note", f"{self._name} closed")
            self._socket.close()

    def reset(self) -> None:
        """Close with a TCP reset instead of an orderly end."""
        self._transcript.add("note", f"{self._name} reset")
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _until(self, within: float | None) -> float:
        return time.monotonic() + (self._timeout if within is None else within)

    def _take(
        self,
        found: Callable[[], int | None],
        within: float | None,
        wanted: str,
        limit: int = RECEIVE_LIMIT,
    ) -> bytes:
        until = self._until(within)
        while (size := found()) is None:
            if len(self._buffer) > limit:
                raise Disconnected(f"{self._name}: no {wanted} among {limit} bytes")
            if not self._more(until, wanted):
                raise self._lost(f"waiting for {wanted}", self._cut(len(self._buffer)))
        return self._cut(size)

    def _more(self, until: float, wanted: str) -> bool:
        """Receive into the buffer; whether there was anything before the end."""
        left = until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            data = self._socket.recv(1 << 18)
        except TimeoutError as error:
            so_far = self._cut(len(self._buffer))
            raise TimedOut(
                f"{self._name}: {wanted} did not come in time; {len(so_far)} bytes came"
            ) from error
        except ConnectionError as error:
            self._transcript.add("note", f"{self._name} was reset by the program: {error}")
            return False
        self._buffer += data
        return bool(data)

    def _cut(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        if data:
            self._transcript.add_bytes("receive", data, f"{self._name} ")
        else:
            self._transcript.add("receive", f"{self._name} nothing")
        return data

    def _lost(self, doing: str, received: bytes) -> Disconnected:
        return Disconnected(
            f"{self._name}: the program closed the connection ({doing}, {len(received)} bytes "
            f"came){self._explain()}",
            received,
        )


def connect(
    address: tuple[str, int],
    transcript: Transcript,
    timeout: float,
    explain: Callable[[], str],
) -> Connection:
    """Raises `TimedOut` or `Disconnected` where the program does not accept."""
    name = f"[{next(_numbers)}]"
    try:
        stream = socket.create_connection(address, timeout)
    except TimeoutError as error:
        raise TimedOut(f"connecting to port {address[1]} took over {timeout:g} s") from error
    except OSError as error:
        raise Disconnected(
            f"connecting to port {address[1]} failed: {error.strerror}{explain()}"
        ) from error
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    transcript.add("note", f"{name} connected to port {address[1]}")
    return Connection(stream, transcript, name, timeout, explain)
