"""RESP2 as the brief defines it: requests out, whole replies in.

Replies stay raw bytes, framing included, so that a case compares exactly what was on the wire.
Format: https://redis.io/docs/latest/develop/reference/protocol-spec/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

OK = b"+OK\r\n"
PONG = b"+PONG\r\n"
NIL = b"$-1\r\n"

NOT_AN_INTEGER = b"-ERR value is not an integer or out of range\r\n"
OVERFLOW = b"-ERR increment or decrement would overflow\r\n"
SYNTAX_ERROR = b"-ERR syntax error\r\n"

OOM = b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
TOO_MANY_CLIENTS = b"-ERR max number of clients reached\r\n"

Part = bytes | str | int


class BadReply(AssertionError):
    """The program sent bytes that are not a RESP2 reply."""


def encode(*parts: Part) -> bytes:
    """One request: an array of bulk strings."""
    return b"*%d\r\n" % len(parts) + b"".join(bulk(part) for part in parts)


def bulk(part: Part) -> bytes:
    """A bulk string; text and integers are sent as their UTF-8 and decimal bytes."""
    data = part if isinstance(part, bytes) else str(part).encode()
    return b"$%d\r\n%b\r\n" % (len(data), data)


def integer(value: int) -> bytes:
    return b":%d\r\n" % value


def array(*items: bytes) -> bytes:
    """An array of replies that are already encoded."""
    return b"*%d\r\n" % len(items) + b"".join(items)


def wrong_arity(name: str) -> bytes:
    return b"-ERR wrong number of arguments for '%b' command\r\n" % name.encode()


def read_reply(line: Callable[[], bytes], exactly: Callable[[int], bytes]) -> bytes:
    """The raw bytes of the next whole reply.

    `line()` returns bytes up to and including the next CRLF, `exactly(n)` returns n bytes. Raises
    BadReply where the bytes break RESP2: an unknown type, a length that is not plain decimal, a
    bulk string without its final CRLF.
    """
    head = line()
    kind, rest = head[:1], head[1:-2]
    if kind in (b"+", b"-"):
        return _checked(head, b"\r" not in rest and b"\n" not in rest)
    if kind == b":":
        return _checked(head, re.fullmatch(rb"0|-?[1-9][0-9]*", rest) is not None)
    if kind not in (b"$", b"*"):
        raise BadReply(f"not a RESP2 reply: {head[:80]!r}")
    if rest == b"-1":
        return head
    size = int(_checked(rest, re.fullmatch(rb"0|[1-9][0-9]{0,8}", rest) is not None))
    if kind == b"*":
        return head + b"".join(read_reply(line, exactly) for _ in range(size))
    body = exactly(size + 2)
    if not body.endswith(b"\r\n"):
        raise BadReply(f"a bulk string of {size} bytes does not end in CRLF: {body[-12:]!r}")
    return head + body


def show(parts: Sequence[Part]) -> str:
    """A request as a person types it, cut to fit a line."""
    words = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    shown = [repr(word[:40])[2:-1] + "..." * (len(word) > 40) or "''" for word in words[:8]]
    return " ".join(shown) + (f" ... ({len(words)} words)" if len(words) > 8 else "")


def _checked(data: bytes, valid: bool) -> bytes:
    if not valid:
        raise BadReply(f"not a RESP2 reply: {data[:80]!r}")
    return data
