"""The control channel: what the host accepts from the examiner."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import InfraError
from grader.stages import wire


def encode(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_start_request_is_read() -> None:
    line = encode(
        {"request": 1, "op": "start", "role": "candidate", "slot": 0, "arguments": ["--port", "1"]}
    )
    message = wire.read(line)
    assert isinstance(message, wire.Start)
    assert message.arguments == ("--port", "1")


def test_an_event_is_read() -> None:
    message = wire.read(encode({"event": "finished", "executed": ["a"]}))
    assert message == wire.Finished(event="finished", executed=("a",))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        encode({"op": "start", "request": 1, "role": "grader", "slot": 0, "arguments": []}),
        encode({"op": "signal", "request": 1, "cell": "c1", "signal": "NOPE"}),
        encode({"op": "reboot", "request": 1}),
        encode({"event": "case_finished", "id": "a", "outcome": "excellent", "duration": 0}),
        encode({"event": "case_finished", "id": "a", "outcome": "passed", "duration": -1}),
    ],
)
def test_anything_else_is_our_fault_and_says_so(line: bytes) -> None:
    with pytest.raises(InfraError) as caught:
        wire.read(line)
    assert caught.value.code == "examiner-message"


@given(st.binary(max_size=200))
def test_no_bytes_get_past_the_reader_as_another_exception(line: bytes) -> None:
    with contextlib.suppress(InfraError):
        wire.read(line)
