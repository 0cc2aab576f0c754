"""JSON lines between the examiner and the host: events out and in, requests and their answers.

Sending only queues: one thread of the channel's own writes. A time limit that interrupts the case
in the main thread can therefore never cut a line in half.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from typing import Any, TypeAlias

from grader.testkit.problems import InfraFault

LINE_LIMIT = 1 << 20
"""Bytes of one line, in either direction."""

ANSWER_TIME = 60.0
"""Seconds that the host may take to answer a request."""

Message: TypeAlias = dict[str, Any]


class BrokenChannel(Exception):
    """The other side ended, or sent something that is not one short JSON object a line."""


class Pending:
    """A request under way."""

    def __init__(self, op: str) -> None:
        self._op = op
        self._answered = threading.Event()
        self._answer: Message = {}

    def resolve(self, answer: Message) -> None:
        self._answer = answer
        self._answered.set()

    def value(self, within: float = ANSWER_TIME) -> Message:
        """The answer. Raises `InfraFault` when the host says no, or nothing for `within` s."""
        if not self._answered.wait(within):
            raise InfraFault(f"the host did not answer '{self._op}' within {within:g} s")
        if "error" in self._answer:
            raise InfraFault(f"the host could not do '{self._op}': {self._answer['error']}")
        value = self._answer.get("value")
        return value if isinstance(value, dict) else {}


def encode(message: Mapping[str, object]) -> bytes:
    """One line. Raises `ValueError` where it would be longer than `LINE_LIMIT`."""
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    if len(line) > LINE_LIMIT:
        raise ValueError(f"a message of {len(line)} bytes; a line holds {LINE_LIMIT}")
    return line


def read_messages(source: int) -> Iterator[Message]:
    """Every line of the file descriptor `source`, until its end. Raises `BrokenChannel`."""
    buffer = bytearray()
    while chunk := os.read(source, 1 << 16):
        searched = len(buffer)
        buffer += chunk
        while (end := buffer.find(b"\n", searched)) >= 0:
            yield _decode(bytes(buffer[:end]))
            del buffer[: end + 1]
            searched = 0
        if len(buffer) >= LINE_LIMIT:
            raise BrokenChannel(f"a line is longer than {LINE_LIMIT} bytes")


class Channel:
    """One end of the wire, over two file descriptors.

    `lost` is called in the reading thread, with the reason, when the other side is gone.
    """

    def __init__(self, source: int, sink: int, lost: Callable[[str], None]) -> None:
        self._messages = read_messages(source)
        self._sink = sink
        self._lost = lost
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Pending] = {}
        self._outgoing: SimpleQueue[bytes | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="channel-writer", daemon=True)

    def first(self) -> Message:
        """The first message, read in the calling thread. Raises `BrokenChannel` at the end."""
        message = next(self._messages, None)
        if message is None:
            raise BrokenChannel("the channel was closed before it said hello")
        return message

    def serve(self, on_event: Callable[[Message], None]) -> None:
        """Read and write from now on, in two threads; `on_event` runs in the reading one."""
        self._writer.start()
        reading = threading.Thread(
            target=self._read, args=(on_event,), name="channel-reader", daemon=True
        )
        reading.start()

    def send(self, event: Mapping[str, object]) -> None:
        """Queue one event. Raises `ValueError` where it is too long for a line."""
        self._outgoing.put(encode(event))

    def request(self, op: str, **fields: object) -> Pending:
        """Ask the host for something; the answer comes through the returned `Pending`."""
        number = next(self._numbers)
        pending = self._waiting[number] = Pending(op)
        self.send({"request": number, "op": op} | fields)
        return pending

    def close(self, within: float = 10.0) -> None:
        """Write what is queued, for at most `within` seconds, and stop writing."""
        self._outgoing.put(None)
        self._writer.join(within)

    def _write(self) -> None:
        try:
            while (line := self._outgoing.get()) is not None:
                unsent = memoryview(line)
                while unsent:
                    unsent = unsent[os.write(self._sink, unsent) :]
        except OSError as error:
            self._lost(f"writing to the host failed: {error}")

    def _read(self, on_event: Callable[[Message], None]) -> None:
        reason = "the host closed the channel"
        try:
            for message in self._messages:
                if "reply" in message:
                    pending = self._waiting.pop(message["reply"], None)
                    if pending is not None:
                        pending.resolve(message)
                else:
                    on_event(message)
        except Exception as error:  # whatever it was, nobody can be told any more
            reason = f"reading from the host failed: {error!r}"
        self._lost(reason)


def _decode(line: bytes) -> Message:
    if len(line) >= LINE_LIMIT:
        raise BrokenChannel(f"a line is longer than {LINE_LIMIT} bytes")
    try:
        message = json.loads(line)
    except ValueError as error:
        raise BrokenChannel(f"a line is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise BrokenChannel("a line is not a JSON object")
    return message
