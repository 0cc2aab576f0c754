"""A RESP2 client on one recorded connection, and how the program is started."""

from __future__ import annotations

import re
from typing import Self

import resp
from resp import Part

from grader.testkit import Connection, Launcher, Program, ProgramExited, expect

PATIENCE = 5.0
"""Seconds until silence counts as a hang; never a measure of speed."""

LONG_PATIENCE = 20.0
"""The same where much data moves, or where the program has to end or start."""

ARGUMENTS = ("--port", "{port}", "--dir", "{data}")


def start(candidate: Launcher, *options: str, open_files: int | None = None) -> Program:
    """The program on an empty data folder."""
    return candidate.start(*ARGUMENTS, *options, open_files=open_files)


def start_again(program: Program, *options: str) -> Program:
    """The program once more on the same data folder, after a SIGKILL if it still runs.

    It is ready when it says so: Redis listens earlier, and refuses commands until it has recovered.
    """
    return program.restart(*ARGUMENTS, *options, wait="ready", within=LONG_PATIENCE)


def check_refuses_to_start(program: Program, code: int, what: str) -> str:
    """The program, started without waiting, must exit with this code and a message on stderr, and
    never say that it is ready. Returns its stderr."""
    try:
        program.stdout.wait_for("^ready", within=LONG_PATIENCE)
    except ProgramExited:
        expect(f"exit code with {what}", program.wait(LONG_PATIENCE).code, equals=code)
    expect(f"stdout with {what}", program.stdout.text(), equals="")
    return expect(f"stderr with {what}", program.stderr.text(), matches=r"\S")


class Client:
    """One connection. Replies are raw bytes (see `resp`)."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @classmethod
    def of(cls, program: Program, patience: float = PATIENCE) -> Self:
        return cls(program.connect(timeout=patience))

    def send(self, *parts: Part) -> None:
        self.send_raw(resp.encode(*parts))

    def send_raw(self, data: bytes) -> None:
        self.connection.send(data)

    def reply(self) -> bytes:
        """The next whole reply."""
        return resp.read_reply(self._line, self.connection.receive)

    def ask(self, *parts: Part) -> bytes:
        self.send(*parts)
        return self.reply()

    def check(self, *parts: Part, gives: bytes) -> None:
        """Send one command; its reply must be these bytes."""
        expect(f"reply to {resp.show(parts)}", self.ask(*parts), equals=gives)

    def check_start(self, *parts: Part, gives: bytes) -> None:
        """Send one command; its reply must be one line that begins with these bytes."""
        pattern = rb"\A%b[^\r\n]*\r\n\Z" % re.escape(gives)
        expect(f"reply to {resp.show(parts)}", self.ask(*parts), matches=pattern)

    def check_next(self, what: str, gives: bytes) -> None:
        """The next reply, to something sent before, must be these bytes."""
        expect(what, self.reply(), equals=gives)

    def check_protocol_error(self, what: str) -> None:
        """The next reply must be a protocol error, and then the server must close."""
        expect(what, self.reply(), matches=rb"\A-ERR Protocol error: [^\r\n]+\r\n\Z")
        self.check_closed(what)

    def check_closed(self, what: str) -> None:
        """The server must close this connection, and send nothing more before."""
        expect(f"{what}: bytes before the end", self.connection.receive_all(), equals=b"")

    def close(self) -> None:
        self.connection.close()

    def _line(self) -> bytes:
        return self.connection.receive_until(b"\r\n")
