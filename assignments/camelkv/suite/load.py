"""Many connections at once, too many to record each byte of them."""

from __future__ import annotations

import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import resp
from client import PATIENCE
from resp import Part

from grader.testkit import Disconnected, InfraFault, TimedOut

Address = tuple[str, int]


class Stream:
    """A RESP2 client on a plain socket. Nothing of it is recorded."""

    def __init__(self, address: Address, patience: float = PATIENCE) -> None:
        try:
            self.socket = socket.create_connection(address, timeout=patience)
        except TimeoutError as late:
            raise TimedOut(f"connecting took over {patience:g} s") from late
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._replies = self.socket.makefile("rb")

    def send(self, *parts: Part) -> None:
        self.send_raw(resp.encode(*parts))

    def send_raw(self, data: bytes) -> None:
        try:
            self.socket.sendall(data)
        except TimeoutError as late:
            raise TimedOut("the server does not read what is sent to it") from late

    def reply(self) -> bytes:
        """The next whole reply. Raises Disconnected where the server closed instead."""
        return resp.read_reply(self._line, self._exactly)

    def ask(self, *parts: Part) -> bytes:
        return self.ask_raw(resp.encode(*parts))

    def ask_raw(self, data: bytes) -> bytes:
        self.send_raw(data)
        return self.reply()

    def close(self) -> None:
        self._replies.close()
        self.socket.close()

    def reset(self) -> None:
        """Close with RST instead of FIN: the other side's next read or write fails."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def _line(self) -> bytes:
        return self._whole(self._replies.readline, lambda line: line.endswith(b"\n"))

    def _exactly(self, size: int) -> bytes:
        return self._whole(lambda: self._replies.read(size), lambda data: len(data) == size)

    def _whole(self, read: Callable[[], bytes], complete: Callable[[bytes], bool]) -> bytes:
        try:
            data = read()
        except TimeoutError as late:
            raise TimedOut("no reply came in time") from late
        if not complete(data):
            raise Disconnected("the server closed the connection where a reply was due")
        return data


@contextmanager
def crowd(address: Address, size: int, patience: float = PATIENCE) -> Iterator[list[Stream]]:
    """`size` connected clients, closed at the end."""
    _allow_descriptors(size + 200)
    streams: list[Stream] = []
    try:
        for _ in range(size):
            streams.append(Stream(address, patience))
        yield streams
    finally:
        for stream in streams:
            stream.close()


def _allow_descriptors(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    if hard < count:
        raise InfraFault(f"the examiner may open {hard} files and this case needs {count}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@dataclass
class Writer:
    """Sends the writes number `after + 1`, `after + 2`, ... and counts the replies.

    `request(n)` is the write with number n and `reply(n)` the answer that is due. `sent` and
    `acknowledged` are the last numbers; `wrong` is the first answer that was not as due.
    """

    address: Address
    request: Callable[[int], bytes]
    reply: Callable[[int], bytes]
    after: int = 0
    window: int = 8
    sent: int = field(init=False)
    acknowledged: int = field(init=False)
    wrong: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.sent = self.acknowledged = self.after

    def write(self, count: int, progress: Callable[[], None]) -> None:
        """Up to `count` writes, `window` of them under way at a time, until the server is gone."""
        with suppress(ConnectionError, Disconnected):
            stream = Stream(self.address)
            try:
                while self.sent < self.after + count and self.wrong is None:
                    self._window(stream, progress)
            finally:
                stream.close()

    def _window(self, stream: Stream, progress: Callable[[], None]) -> None:
        numbers = range(self.sent + 1, self.sent + self.window + 1)
        self.sent = numbers[-1]
        stream.send_raw(b"".join(map(self.request, numbers)))
        for number in numbers:
            seen = stream.reply()
            if seen != self.reply(number):
                self.wrong = f"write {number} was answered {seen[:80]!r}"
                return
            self.acknowledged = number
            progress()


def write_until(writers: list[Writer], total: int, then: Callable[[], object]) -> None:
    """Let all writers write at once; after `total` acknowledged writes call `then`.

    The writers go on meanwhile, so a `then` that kills the server strikes in the middle of their
    writes. Returns when every writer has seen the end of its connection.
    """
    acknowledged = threading.Semaphore(0)
    failures: list[BaseException] = []

    def run(writer: Writer) -> None:
        try:
            writer.write(50_000, acknowledged.release)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(writer,), daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    for number in range(total):
        if not acknowledged.acquire(timeout=PATIENCE):
            raise TimedOut(f"only {number} of {total} writes were acknowledged")
    then()
    for thread in threads:
        thread.join(timeout=2 * PATIENCE)
    if failures:
        raise failures[0]


def until_closed_by_server(stream: Stream, within: float) -> bool:
    """Whether the server closes the connection in time, found out without reading from it.

    What waits in the socket would hide the end from a reader, so the kernel is asked for the state
    of the server's side: established, until the server closes it (proc_pid_net(5)).
    """
    ends = (stream.socket.getpeername(), stream.socket.getsockname())
    row = tuple(f"{_hex(end[0])}:{end[1]:04X}" for end in ends)
    until = time.monotonic() + within
    while time.monotonic() < until:
        rows = (line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        if not any((local, peer, state) == (*row, "01") for local, peer, state in rows):
            return True
        time.sleep(0.05)
    return False


def _hex(host: str) -> str:
    return socket.inet_aton(host)[::-1].hex().upper()
