"""A buffer for a hostile stream: keeps its head and its tail, counts the rest, never grows."""

from __future__ import annotations

from grader.model.untrusted import Untrusted


class CappedBuffer:
    """Holds at most `keep` bytes: the first two thirds of that, and the newest of what follows."""

    def __init__(self, keep: int) -> None:
        self._head_size = keep * 2 // 3
        self._tail_size = keep - self._head_size
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._head_size - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail += data[-self._tail_size :]
            del self._tail[: -self._tail_size]

    def value(self) -> Untrusted:
        return Untrusted.of_parts(bytes(self._head), bytes(self._tail), self.total)
