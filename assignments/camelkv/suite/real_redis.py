"""What a real Redis answers: started here, asked on a private Unix socket, and ended again.

It has no TCP port, and a cell sees none of the examiner's folders, so the program under test has
no way to ask it. It has also ended before the program starts.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import resp
from scripts import Command, comparable

from grader.testkit import InfraFault

SOCKET = "redis.sock"


def replies_of_redis(script: Sequence[Command], scratch: Path) -> list[bytes]:
    """The comparable reply of Redis to each command of the script, on an empty data set."""
    with _running(scratch) as connection, connection.makefile("rb") as replies:
        connection.sendall(b"".join(resp.encode(*command) for command in script))
        return [comparable(resp.read_reply(replies.readline, replies.read)) for _ in script]


@contextmanager
def _running(folder: Path) -> Iterator[socket.socket]:
    # `--save ''` and no append-only file: this server leaves nothing but its socket behind.
    options = ["--port", "0", "--unixsocket", SOCKET, "--save", "", "--daemonize", "no"]
    with (folder / "redis.log").open("wb") as log:
        server = subprocess.Popen(
            ["redis-server", *options], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        with _connect(folder, server) as connection:
            yield connection
    finally:
        server.kill()
        server.wait()


def _connect(folder: Path, server: subprocess.Popen[bytes], within: float = 20.0) -> socket.socket:
    end = time.monotonic() + within
    while time.monotonic() < end and server.poll() is None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(within)
        try:
            connection.connect(str(folder / SOCKET))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            time.sleep(0.02)
        else:
            return connection
    log = (folder / "redis.log").read_text(errors="replace")
    raise InfraFault(f"redis-server did not start: {log[-400:]}")
