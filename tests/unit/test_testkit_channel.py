"""The wire: lines of JSON, answers matched to requests, and nothing longer than a line."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from grader.testkit.channel import LINE_LIMIT, BrokenChannel, Channel, encode, read_messages
from grader.testkit.problems import InfraFault


class Host:
    """The other ends of a channel's two pipes."""

    def __init__(self) -> None:
        self.source, self._to_channel = os.pipe()
        self._from_channel, self.sink = os.pipe()
        self.received = read_messages(self._from_channel)

    def say(self, **message: object) -> None:
        self.write(json.dumps(message).encode() + b"\n")

    def write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._to_channel, data) :]

    def hang_up(self) -> None:
        os.close(self._to_channel)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def lost() -> SimpleQueue[str]:
    return SimpleQueue()


@pytest.fixture
def events() -> SimpleQueue[dict[str, Any]]:
    return SimpleQueue()


@pytest.fixture
def channel(
    host: Host, lost: SimpleQueue[str], events: SimpleQueue[dict[str, Any]]
) -> Iterator[Channel]:
    channel = Channel(host.source, host.sink, lost.put)
    channel.serve(events.put)
    yield channel
    channel.close()


def test_answers_find_their_requests_in_any_order(host: Host, channel: Channel) -> None:
    pending = [channel.request("usage", cell=f"c{number}") for number in range(3)]
    asked = [next(host.received) for _ in pending]
    assert [each["cell"] for each in asked] == ["c0", "c1", "c2"]
    for message in reversed(asked):
        host.say(reply=message["request"], value={"of": message["cell"]})
    assert [each.value(5)["of"] for each in pending] == ["c0", "c1", "c2"]


def test_an_error_is_a_fault_of_ours(host: Host, channel: Channel) -> None:
    pending = channel.request("start")
    host.say(reply=next(host.received)["request"], error="no more memory", kind="infra")
    with pytest.raises(InfraFault, match="'start': no more memory"):
        pending.value(5)


def test_no_answer_is_a_fault_of_ours(channel: Channel) -> None:
    with pytest.raises(InfraFault, match="did not answer 'start' within"):
        channel.request("start").value(0.01)


def test_events_and_unknown_answers(
    host: Host, channel: Channel, events: SimpleQueue[dict[str, Any]]
) -> None:
    host.say(reply=999, value={})
    host.say(event="exited", cell="c1")
    assert events.get(timeout=5) == {"event": "exited", "cell": "c1"}


def test_many_threads_send_whole_lines(host: Host, channel: Channel) -> None:
    def send(number: int) -> None:
        for count in range(50):
            channel.send({"thread": number, "count": count, "padding": "x" * 3000})

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    received = [next(host.received) for _ in range(200)]
    for number in range(4):
        counts = [each["count"] for each in received if each["thread"] == number]
        assert counts == list(range(50))
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not json\n", "not JSON"),
        (b"[1]\n", "not a JSON object"),
        (b"x" * (LINE_LIMIT + 1) + b"\n", "longer than"),
        (b"x" * LINE_LIMIT, "longer than"),
    ],
    ids=["text", "list", "long", "endless"],
)
def test_a_host_that_talks_nonsense_is_lost(
    host: Host, channel: Channel, lost: SimpleQueue[str], data: bytes, reason: str
) -> None:
    host.write(data)
    assert reason in lost.get(timeout=5)


def test_a_host_that_hangs_up_is_lost(host: Host, channel: Channel, lost: SimpleQueue[str]) -> None:
    host.hang_up()
    assert lost.get(timeout=5) == "the host closed the channel"


def test_hello_is_read_before_anything_is_served(host: Host) -> None:
    channel = Channel(host.source, host.sink, lambda _: None)
    host.say(hello={"seed": 1})
    assert channel.first() == {"hello": {"seed": 1}}
    host.hang_up()
    with pytest.raises(BrokenChannel):
        channel.first()


def test_a_line_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="a line holds"):
        encode({"text": "x" * LINE_LIMIT})
