"""Random command scripts, drawn from the seed of the run, and replies made comparable."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

Command = tuple[bytes, ...]

KEYS = (b"a", b"b", b"A", b"", b"key with spaces", b"\r\n", b"\0\xff")
EDGES = (0, 1, 2**31, 2**32, 2**53, 2**61, 2**62, 2**63 - 1)
TRAPS = (
    *(b"0x10", b"1_000", b"+5", b" 5", b"5 ", b"", b"007", b"-0", b"-", b"1e3", b"0b1", b"0o7"),
    *(b"9223372036854775808", b"-9223372036854775809", b"5\n", b"5\0", b"\xd9\xa3", b"0u5", b"--1"),
)
UNKNOWN = (b"FAUX", b"get ", b"SETT", b"", b"\xff\xfe", b"del\r\n", b"x" * 200)


def generate(theme: str, rng: random.Random, length: int) -> list[Command]:
    """`length` commands; the same generator state gives the same script."""
    make = THEMES[theme]
    return [(_any_case(rng, name), *rest) for name, *rest in (make(rng) for _ in range(length))]


def comparable(reply: bytes) -> bytes:
    """A reply without what the brief leaves open: the end of an unknown command's error."""
    unknown = re.match(rb"-ERR unknown command '[^\r\n]*?'(?=,|\r\n)", reply)
    return unknown[0] if unknown else reply


def _strings(rng: random.Random) -> Command:
    key = rng.choice(KEYS)
    options: tuple[Command, ...] = ((), (), (b"NX",), (b"xx",), (b"NX", b"XX"), (b"MAYBE",))
    return rng.choice(
        (
            (b"SET", key, _value(rng), *rng.choice(options)),
            (b"GET", key),
            (b"APPEND", key, _value(rng)),
            (b"STRLEN", key),
            (b"DEL", *_some(rng, KEYS)),
            (b"EXISTS", *_some(rng, KEYS)),
        )
    )


def _integers(rng: random.Random) -> Command:
    key = rng.choice(KEYS)
    return rng.choice(
        (
            (b"SET", key, _number(rng)),
            (b"GET", key),
            (b"INCR", key),
            (b"DECR", key),
            (b"INCRBY", key, _number(rng)),
            (b"DECRBY", key, _number(rng)),
            (b"APPEND", key, rng.choice((b"0", b"7", b"-", b" "))),
            (b"DEL", key),
        )
    )


def _many(rng: random.Random) -> Command:
    keys = _some(rng, KEYS)
    pairs = tuple(part for key in keys for part in (key, _value(rng)))
    return rng.choice(
        (
            (b"MSET", *pairs),
            (b"MSET", *pairs, *rng.choice(((), (b"odd",)))),
            (b"MGET", *keys),
            (b"DEL", *keys),
            (b"EXISTS", *keys),
            (b"DBSIZE",),
            (b"FLUSHALL",) if rng.random() < 0.2 else (b"DBSIZE",),
        )
    )


def _mistakes(rng: random.Random) -> Command:
    words = tuple(_value(rng) for _ in range(rng.randrange(4)))
    one_key = rng.choice((b"GET", b"INCR", b"DECR", b"STRLEN", b"ECHO"))
    return rng.choice(
        (
            (rng.choice(UNKNOWN), *words),
            (one_key, *words),
            (rng.choice((b"INCRBY", b"DECRBY", b"APPEND")), *words),
            (rng.choice((b"MGET", b"MSET", b"DEL", b"EXISTS")), *words),
            (b"PING", *words),
            (b"DBSIZE", *words[:2]),
            (b"SET", *words[:2]),
            (b"SET", rng.choice(KEYS), _number(rng)),
        )
    )


def _everything(rng: random.Random) -> Command:
    return rng.choice((_strings, _integers, _many, _mistakes))(rng)


THEMES: Mapping[str, Callable[[random.Random], Command]] = {
    "strings": _strings,
    "integers": _integers,
    "many keys": _many,
    "mistakes": _mistakes,
    "everything": _everything,
}


def _value(rng: random.Random) -> bytes:
    return rng.choice((b"", b"v", b"17", b"\r\n", rng.randbytes(rng.randrange(1, 60))))


def _number(rng: random.Random) -> bytes:
    if rng.random() < 0.25:
        return rng.choice(TRAPS)
    near = rng.choice(EDGES) + rng.randrange(-2, 3)
    return b"%d" % (near if rng.random() < 0.5 else -near)


def _some(rng: random.Random, keys: tuple[bytes, ...]) -> Command:
    return tuple(rng.choice(keys) for _ in range(rng.randrange(1, 6)))


def _any_case(rng: random.Random, name: bytes) -> bytes:
    return rng.choice((name, name, name.lower(), name.title()))
