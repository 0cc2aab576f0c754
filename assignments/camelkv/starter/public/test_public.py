"""The public tests of camelkv: a part of what is checked. Run: python3 -m pytest public"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

PROGRAM = os.environ.get("SUT", "_build/default/bin/camelkv.exe")


def request(*words: bytes | str | int) -> bytes:
    encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    bulks = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
    return b"*%d\r\n%s" % (len(encoded), bulks)


class Client:
    """One connection. Replies come back as the bytes that were sent, bulk strings included."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.stream: IO[bytes] = self.socket.makefile("rb")

    def receive(self) -> bytes:
        line = self.stream.readline()
        if line.startswith(b"$") and line != b"$-1\r\n":
            return line + self.stream.read(int(line[1:]) + 2)
        return line

    def __call__(self, *words: bytes | str | int) -> bytes:
        self.socket.sendall(request(*words))
        return self.receive()

    def close(self) -> None:
        self.stream.close()
        self.socket.close()


class Server:
    """The program on one data folder; `start` may be called again after `stop`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = 0
        self.first_line = b""
        self.process: subprocess.Popen[bytes] | None = None
        self.clients: list[Client] = []

    def start(self, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [PROGRAM, "--port", str(self.port), "--dir", str(self.data), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    def client(self) -> Client:
        self.clients.append(Client(self.port))
        return self.clients[-1]

    def stop(self, how: signal.Signals) -> int:
        """Sends the signal and gives the exit code (-9 for SIGKILL)."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(how)
        try:
            return self.process.wait(timeout=5)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
            for client in self.clients:
                client.close()
            self.clients.clear()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    if server.process is not None:
        server.stop(signal.SIGKILL)


def test_first_line_names_the_port(server: Server) -> None:
    assert server.first_line == b"ready port=%d\n" % server.port


def test_ping_and_echo(server: Server) -> None:
    client = server.client()
    assert client("PING") == b"+PONG\r\n"
    assert client("ping", "hello") == b"$5\r\nhello\r\n"
    assert client("ECHO", "a\r\nb") == b"$4\r\na\r\nb\r\n"


def test_set_get_del(server: Server) -> None:
    client = server.client()
    assert client("SET", "k", "v") == b"+OK\r\n"
    assert client("GET", "k") == b"$1\r\nv\r\n"
    assert client("DEL", "k", "other") == b":1\r\n"
    assert client("GET", "k") == b"$-1\r\n"


def test_incr(server: Server) -> None:
    client = server.client()
    assert client("INCR", "n") == b":1\r\n"
    assert client("INCRBY", "n", "41") == b":42\r\n"
    client("SET", "n", "text")
    assert client("INCR", "n") == b"-ERR value is not an integer or out of range\r\n"


def test_unknown_command_keeps_the_connection(server: Server) -> None:
    client = server.client()
    assert client("NOPE").startswith(b"-ERR unknown command 'NOPE'")
    assert client("PING") == b"+PONG\r\n"


def test_ten_requests_in_one_packet(server: Server) -> None:
    client = server.client()
    client.socket.sendall(b"".join(request("ECHO", n) for n in range(10)))
    assert [client.receive() for _ in range(10)] == [b"$1\r\n%d\r\n" % n for n in range(10)]


def test_request_in_two_packets(server: Server) -> None:
    client = server.client()
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    whole = request("SET", "k", "value")
    client.socket.sendall(whole[:20])
    assert server.client()("PING") == b"+PONG\r\n"
    client.socket.sendall(whole[20:])
    assert client.receive() == b"+OK\r\n"


def test_two_clients(server: Server) -> None:
    first, second = server.client(), server.client()
    assert first("SET", "k", "1") == b"+OK\r\n"
    assert second("GET", "k") == b"$1\r\n1\r\n"
    assert first("PING") == b"+PONG\r\n"


def test_malformed_request_closes_only_its_connection(server: Server) -> None:
    bad, good = server.client(), server.client()
    bad.socket.sendall(b"*1\r\n$x\r\n")
    assert bad.receive().startswith(b"-ERR Protocol error")
    assert bad.stream.read() == b""
    assert good("PING") == b"+PONG\r\n"


def test_sigterm_exits_with_zero(server: Server) -> None:
    server.client()("SET", "k", "v")
    assert server.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_restart_keeps_the_data(server: Server, how: signal.Signals) -> None:
    assert server.client()("SET", "k", "v") == b"+OK\r\n"
    server.stop(how)
    server.start()
    assert server.client()("GET", "k") == b"$1\r\nv\r\n"


@pytest.mark.skipif(shutil.which("redis-cli") is None, reason="redis-cli is not installed")
def test_redis_cli(server: Server) -> None:
    command = ["redis-cli", "-p", str(server.port)]
    script = "SET k v\nGET k\nMGET k none\n"
    done = subprocess.run(command, input=script, capture_output=True, text=True, timeout=10)
    assert done.stdout.split() == ["OK", "v", "v"]
