"""Objects of a repository, each read once and each checked against its id.

The hash is checked here because a pack index in a local repository can say anything, and the commit
id in a report must be the commit that was graded.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Self

from grader.errors import Rejected
from grader.intake.git import Repository, end, limited

_BATCH = 400  # requests that surely fit into a pipe


@dataclass(frozen=True, slots=True)
class Shape:
    """What git says an object is, before its content is read."""

    kind: str
    size: int


class Objects:
    """A context manager around two `git cat-file` processes. Raises Rejected (`source-objects`)
    for an object that is missing, damaged or not what its id says.
    """

    def __init__(self, repository: Repository) -> None:
        self._deadline = repository.deadline
        self._shapes = _Pipe(repository, "--batch-check")
        self._contents = _Pipe(repository, "--batch")
        self._timer = threading.Timer(repository.deadline.left(), self._stop)

    def __enter__(self) -> Self:
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        for pipe in (self._shapes, self._contents):
            pipe.close()

    def shapes(self, ids: Sequence[str]) -> Iterator[Shape]:
        """The kind and size of each object, in the order asked."""
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            self._shapes.ask(batch)
            for object_id in batch:
                yield self._shape(self._shapes, object_id)

    def contents(self, ids: Sequence[str]) -> Iterator[bytes]:
        """The content of each object, in the order asked. Ask for its shape first."""
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            self._contents.ask(batch)
            for object_id in batch:
                shape = self._shape(self._contents, object_id)
                data = self._contents.take(shape.size + 1)[:-1]
                if len(data) != shape.size:
                    raise self._broken(object_id)
                _check(object_id, shape, data)
                yield data

    def content(self, object_id: str, kind: str, cap: int) -> bytes:
        """One object that must be of `kind` and at most `cap` bytes."""
        (shape,) = self.shapes([object_id])
        if shape.kind != kind:
            raise _damaged(object_id, f"is a {shape.kind}, not a {kind}")
        if shape.size > cap:
            raise Rejected(
                "source-size",
                f"{kind} {object_id} is larger than {cap} bytes",
                hint="leave generated files out of the repository",
            )
        (data,) = self.contents([object_id])
        return data

    def _shape(self, pipe: _Pipe, object_id: str) -> Shape:
        line = pipe.line()
        match = re.fullmatch(rb"([0-9a-f]+) ([a-z]+) ([0-9]+)\n", line)
        if match is not None and match[1].decode() == object_id:
            return Shape(match[2].decode(), int(match[3]))
        if line.endswith(b" missing\n"):
            raise Rejected(
                "source-objects",
                f"object {object_id} is missing from the repository",
                hint="a partial clone lacks it: clone the repository in full",
            )
        raise self._broken(object_id)

    def _broken(self, object_id: str) -> Rejected:
        if not self._deadline.left():
            return self._deadline.passed()
        return _damaged(object_id, "cannot be read")

    def _stop(self) -> None:
        self._shapes.kill()
        self._contents.kill()


class _Pipe:
    """One `git cat-file` with a line in and an answer out."""

    def __init__(self, repository: Repository, mode: str) -> None:
        self._process = subprocess.Popen(
            limited(repository.command("cat-file", mode)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=repository.path,
            env=repository.environment(),
            start_new_session=True,
        )
        self._in, self._out = _open(self._process.stdin), _open(self._process.stdout)

    def ask(self, ids: Sequence[str]) -> None:
        # A git that has died answers the next read with an end of file.
        try:
            self._in.write("".join(f"{object_id}\n" for object_id in ids).encode())
            self._in.flush()
        except BrokenPipeError:
            return

    def line(self) -> bytes:
        return self._out.readline(256)

    def take(self, size: int) -> bytes:
        return self._out.read(size)

    def kill(self) -> None:
        end(self._process)

    def close(self) -> None:
        end(self._process)
        self._out.close()
        try:
            self._in.close()
        except BrokenPipeError:
            return


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _check(object_id: str, shape: Shape, data: bytes) -> None:
    algorithm = "sha256" if len(object_id) == 64 else "sha1"
    digest = hashlib.new(algorithm, f"{shape.kind} {shape.size}\0".encode(), usedforsecurity=False)
    digest.update(data)
    if digest.hexdigest() != object_id:
        raise _damaged(object_id, "holds something else than its id says")


def _damaged(object_id: str, what: str) -> Rejected:
    return Rejected(
        "source-objects",
        f"object {object_id} {what}",
        hint="the repository is damaged; check it with git fsck and clone it anew",
    )
