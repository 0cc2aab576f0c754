"""The engine's multiplexed output, taken apart frame by frame."""

from __future__ import annotations

import socket
import struct

import pytest

from grader.errors import InfraError
from grader.sandbox.stream import AttachedStream, Deadline, DeadlinePassed


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxI", stream, len(data)) + data


@pytest.fixture
def ends() -> tuple[socket.socket, AttachedStream]:
    engine, ours = socket.socketpair()
    return engine, AttachedStream(ours)


def test_frames_are_told_apart(ends: tuple[socket.socket, AttachedStream]) -> None:
    engine, stream = ends
    with engine:
        engine.sendall(frame(1, b"out") + frame(2, b"err") + frame(1, b""))
        engine.shutdown(socket.SHUT_WR)
        assert list(stream.frames(Deadline(10))) == [(1, b"out"), (2, b"err")]
    stream.close()


def test_a_large_frame_comes_in_pieces(ends: tuple[socket.socket, AttachedStream]) -> None:
    engine, stream = ends
    with engine:
        engine.sendall(frame(1, b"x" * 100_000))
        engine.shutdown(socket.SHUT_WR)
        pieces = [data for _, data in stream.frames(Deadline(10))]
    assert b"".join(pieces) == b"x" * 100_000
    assert max(map(len, pieces)) <= 1 << 16
    stream.close()


@pytest.mark.parametrize("cut", [1, 7, 8, 10])
def test_a_stream_cut_inside_a_frame_is_our_fault(
    ends: tuple[socket.socket, AttachedStream], cut: int
) -> None:
    engine, stream = ends
    with engine:
        engine.sendall(frame(1, b"abcdef")[:cut])
        engine.shutdown(socket.SHUT_WR)
        with pytest.raises(InfraError, match="inside a frame"):
            list(stream.frames(Deadline(10)))
    stream.close()


def test_silence_past_the_deadline_is_noticed(
    ends: tuple[socket.socket, AttachedStream],
) -> None:
    engine, stream = ends
    with engine, pytest.raises(DeadlinePassed):
        list(stream.frames(Deadline(0.01)))
    stream.close()


def test_sending_to_a_container_that_is_gone_is_our_fault(
    ends: tuple[socket.socket, AttachedStream],
) -> None:
    engine, stream = ends
    engine.close()
    with pytest.raises(InfraError, match="connection"):
        stream.send(b"x" * 10_000_000)
    stream.close()


def test_what_nobody_wants_is_thrown_away_and_counted(
    ends: tuple[socket.socket, AttachedStream],
) -> None:
    engine, stream = ends
    with engine:
        assert stream.discard(1000) == 0
        engine.sendall(frame(1, b"x" * 100))
        assert stream.discard(1000) == 108
        engine.sendall(b"x" * 150_000)
        assert 1 <= stream.discard(1) <= 1 << 16
    stream.close()
    assert stream.discard(1000) == 0
