"""Fixtures of camelkv's hidden suite."""

from __future__ import annotations

import pytest
from client import Client, start

from grader.testkit import Launcher, Program


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "redis_shared: the brief promises here what Redis does too; see oracle/"
    )


@pytest.fixture
def server(candidate: Launcher) -> Program:
    """The program, started on an empty data folder."""
    return start(candidate)


@pytest.fixture
def client(server: Program) -> Client:
    """A connection to `server`."""
    return Client.of(server)
