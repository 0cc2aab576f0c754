"""Which network addresses a repository may be fetched from."""

from __future__ import annotations

import ipaddress
import socket

from grader.errors import InfraError, Rejected
from grader.intake.notices import shown
from grader.intake.url import Address


def resolve(address: Address, private_hosts: bool) -> tuple[str, ...]:
    """The IP addresses of the host, all of them public unless `private_hosts`. Git is then held
    to these, so a second answer of the name server changes nothing. Raises Rejected
    (`source-host`), and InfraError where the name server does not answer.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise InfraError(
                "source-host",
                f"the name server does not answer for '{shown(address.host)}'",
                hint="check the network and try again",
            ) from None
        raise Rejected(
            "source-host",
            f"there is no host '{shown(address.host)}'",
            hint="check the spelling of the URL",
        ) from None
    except UnicodeError:
        raise Rejected("source-host", f"'{shown(address.host)}' is not a host name") from None
    numbers = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for number in numbers:
        if not private_hosts and not is_public(number):
            raise Rejected(
                "source-host",
                f"'{shown(address.host)}' is not a public host",
                details=(f"its address is {number}",),
                hint="submit a local clone by its path, or allow private hosts",
            )
    return numbers


def is_public(number: str) -> bool:
    """Whether an IP address is reachable from everywhere and is none of our own networks."""
    ip = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
