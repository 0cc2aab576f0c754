"""Who listens, read from `/proc/net/tcp` and `tcp6`.

A connection made to find out would be the one that a naive server accepts.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
LISTEN = "0A"
FIRST_PORT, LAST_PORT = 20_000, 29_999
"""Ports for programs: below the range that the kernel gives to outgoing connections."""

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address


def parse(table: str) -> Iterator[tuple[Address, int]]:
    """Address and port of every listening socket in the text of a table (proc_pid_net(5))."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[3] == LISTEN:
            address, _, port = fields[1].rpartition(":")
            yield _address(address), int(port, 16)


def address_of(port: int, tables: tuple[Path, ...] = TABLES) -> str | None:
    """Where to connect to whatever listens on `port`, or `None` when nothing does."""
    found = [address for table in tables for address, at in parse(_text(table)) if at == port]
    if not found:
        return None
    preferred = min(found, key=lambda address: (address.version, not address.is_unspecified))
    if preferred.is_unspecified:
        return "127.0.0.1" if preferred.version == 4 else "::1"
    return str(preferred)


def free_port(after: int) -> int:
    """The first port after `after`, going round the range, that nobody is bound to."""
    span = LAST_PORT - FIRST_PORT + 1
    for step in range(1, span + 1):
        port = FIRST_PORT + (after - FIRST_PORT + step) % span
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if address_of(port) is None:
            return port
    raise OSError("no port is free")


def _address(digits: str) -> Address:
    # The kernel prints each 32-bit word of the address in the machine's byte order, little-endian.
    raw = bytes.fromhex(digits)
    words = (raw[start : start + 4][::-1] for start in range(0, len(raw), 4))
    return ipaddress.ip_address(b"".join(words))


def _text(table: Path) -> str:
    try:
        return table.read_text()
    except FileNotFoundError:  # a kernel without IPv6
        return ""
