"""The server sends back what it receives."""

from __future__ import annotations

import random

import pytest

from grader.testkit import Launcher, expect

pytestmark = pytest.mark.criterion("echo")


@pytest.mark.points(2)
def test_every_byte_comes_back(candidate: Launcher, rng: random.Random) -> None:
    """Every byte comes back in order

    Brief: "It sends back every byte it receives, unchanged and in order."
    """
    sent = bytes(range(256)) + rng.randbytes(2000)
    client = candidate.start().connect()
    client.send(sent)
    expect("the bytes that come back", client.receive(len(sent)), equals=sent)


def test_a_silent_client_delays_nobody(candidate: Launcher) -> None:
    """A silent client delays nobody

    Brief: "a client that stays silent does not delay another"
    """
    server = candidate.start()
    silent = server.connect()
    busy = server.connect()
    busy.send(b"hello\n")
    expect("the reply to the second client", busy.receive(6), equals=b"hello\n")
    silent.close()
