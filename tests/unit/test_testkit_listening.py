"""Who listens, as the kernel's tables say."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from grader.testkit.listening import address_of, free_port, parse

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
V4 = HEAD + (
    "   0: 0100007F:4E20 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1\n"
    "   1: 00000000:4E21 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 2 1\n"
    "   2: 0100007F:4E22 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 3 1\n"
)
V6 = HEAD + (
    "   0: 00000000000000000000000001000000:4E23 00000000000000000000000000000000:0000 0A\n"
    "   1: 00000000000000000000000000000000:4E24 00000000000000000000000000000000:0000 0A\n"
    "   2: 00000000000000000000000000000000:4E20 00000000000000000000000000000000:0000 0A\n"
)


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, ...]:
    (tmp_path / "tcp").write_text(V4)
    (tmp_path / "tcp6").write_text(V6)
    return tmp_path / "tcp", tmp_path / "tcp6", tmp_path / "absent"


def test_only_listening_sockets_are_parsed() -> None:
    assert [(str(address), port) for address, port in parse(V4)] == [
        ("127.0.0.1", 20000),
        ("0.0.0.0", 20001),
    ]


@pytest.mark.parametrize(
    ("port", "address"),
    [
        (20000, "127.0.0.1"),
        (20001, "127.0.0.1"),
        (20002, None),
        (20003, "::1"),
        (20004, "::1"),
    ],
)
def test_where_to_connect(tables: tuple[Path, ...], port: int, address: str | None) -> None:
    assert address_of(port, tables) == address


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_real_listener_is_seen_without_a_connection(
    family: socket.AddressFamily, host: str
) -> None:
    with socket.socket(family) as listener:
        try:
            listener.bind((host, 0))
        except OSError:
            pytest.skip(f"this machine has no {host}")
        port = listener.getsockname()[1]
        assert address_of(port) is None
        listener.listen()
        assert address_of(port) == host
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_port_in_use_is_not_handed_out() -> None:
    first = free_port(20_000)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first))
        assert free_port(first - 1) > first
    assert free_port(29_999) >= 20_000
