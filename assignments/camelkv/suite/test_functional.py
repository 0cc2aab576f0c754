"""Commands, integers, errors, the memory limit, start and stop."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import resp
import scripts
from client import ARGUMENTS, LONG_PATIENCE, Client, check_refuses_to_start, start
from load import crowd
from real_redis import replies_of_redis
from resp import (
    NIL,
    NOT_AN_INTEGER,
    OK,
    OOM,
    OVERFLOW,
    PONG,
    SYNTAX_ERROR,
    array,
    bulk,
    integer,
    wrong_arity,
)

from grader.testkit import Launcher, Program, expect

shared = pytest.mark.redis_shared

HIGHEST, LOWEST = 2**63 - 1, -(2**63)

NOT_INTEGERS = (
    *("0x10", "0b1", "0o7", "0u7", "1_000", "+5", " 5", "5 ", "5\n", "5\r\n", "5\0", ""),
    *("007", "-007", "00", "-0", "-", "--5", "1.0", "1e3", "5L", "ten"),
    *("9223372036854775808", "-9223372036854775809", "18446744073709551616"),
)

ARITY_ERRORS: tuple[tuple[str, ...], ...] = (
    ("PING", "a", "b"),
    ("ECHO",),
    ("ECHO", "a", "b"),
    ("GET",),
    ("GET", "a", "b"),
    ("SET",),
    ("SET", "a"),
    ("DEL",),
    ("EXISTS",),
    ("INCR",),
    ("INCR", "a", "1"),
    ("DECR",),
    ("INCRBY", "a"),
    ("DECRBY", "a", "1", "2"),
    ("APPEND", "a"),
    ("APPEND", "a", "b", "c"),
    ("STRLEN",),
    ("MGET",),
    ("MSET",),
    ("MSET", "a"),
    ("MSET", "a", "1", "b"),
    ("DBSIZE", "a"),
)


@shared
def test_set_and_get(client: Client) -> None:
    """SET stores a value and GET returns it

    Brief: "| `GET key` | the value, or `$-1` when there is none |"
    """
    client.check("GET", "colour", gives=NIL)
    client.check("SET", "colour", "green", gives=OK)
    client.check("GET", "colour", gives=bulk("green"))
    client.check("SET", "colour", "a dark red", gives=OK)
    client.check("GET", "colour", gives=bulk("a dark red"))


@shared
def test_set_nx(client: Client) -> None:
    """SET NX stores only where there is no key

    Brief: "| `SET key value NX` | `+OK`, or `$-1` and no change when the key exists |"
    """
    client.check("SET", "lock", "first", "NX", gives=OK)
    client.check("SET", "lock", "second", "NX", gives=NIL)
    client.check("GET", "lock", gives=bulk("first"))
    client.check("DEL", "lock", gives=integer(1))
    client.check("SET", "lock", "third", "NX", gives=OK)
    client.check("GET", "lock", gives=bulk("third"))


@shared
def test_set_xx(client: Client) -> None:
    """SET XX stores only where there is a key

    Brief: "| `SET key value XX` | `+OK`, or `$-1` and no change when the key does not exist |"
    """
    client.check("SET", "page", "first", "XX", gives=NIL)
    client.check("GET", "page", gives=NIL)
    client.check("EXISTS", "page", gives=integer(0))
    client.check("SET", "page", "", gives=OK)
    client.check("SET", "page", "second", "XX", gives=OK)
    client.check("GET", "page", gives=bulk("second"))


@shared
def test_set_with_other_options(client: Client) -> None:
    """SET refuses NX together with XX, and options it does not know

    Brief: "`SET` with both `NX` and `XX`, or with any other option, is answered
    `-ERR syntax error`."
    """
    client.check("SET", "k", "kept", gives=OK)
    client.check("SET", "k", "lost", "NX", "XX", gives=SYNTAX_ERROR)
    client.check("SET", "k", "lost", "XX", "NX", gives=SYNTAX_ERROR)
    client.check("SET", "k", "lost", "SOMETIMES", gives=SYNTAX_ERROR)
    client.check("SET", "k", "lost", "", gives=SYNTAX_ERROR)
    client.check("GET", "k", gives=bulk("kept"))


@shared
def test_del(client: Client) -> None:
    """DEL removes keys and counts those that were there

    Brief: "how many of the keys were removed; a key named twice counts once"
    """
    client.check("MSET", "a", "1", "b", "2", "c", "3", gives=OK)
    client.check("DEL", "a", "nothing", "b", "a", gives=integer(2))
    client.check("MGET", "a", "b", "c", gives=array(NIL, NIL, bulk("3")))
    client.check("DEL", "a", gives=integer(0))


@shared
def test_exists(client: Client) -> None:
    """EXISTS counts every mention of a key that is there

    Brief: "how many of the keys exist; a key named twice counts twice"
    """
    client.check("EXISTS", "a", gives=integer(0))
    client.check("MSET", "a", "1", "b", "", gives=OK)
    client.check("EXISTS", "a", "b", "nothing", "a", gives=integer(3))


@shared
def test_incr_and_decr(client: Client) -> None:
    """INCR and DECR count from 0 where there is no key, and store decimal text

    Brief: "A missing key counts as 0 for `INCR`, `DECR`, `INCRBY` and `DECRBY`."
    """
    client.check("INCR", "up", gives=integer(1))
    client.check("INCR", "up", gives=integer(2))
    client.check("DECR", "down", gives=integer(-1))
    client.check("GET", "down", gives=bulk("-1"))
    client.check("INCRBY", "by", "40", gives=integer(40))
    client.check("DECRBY", "less", "7", gives=integer(-7))
    client.check("APPEND", "by", "0", gives=integer(3))
    client.check("INCR", "by", gives=integer(401))
    client.check("STRLEN", "by", gives=integer(3))


@shared
def test_incrby_and_decrby(client: Client) -> None:
    """INCRBY and DECRBY take amounts of either sign

    Brief: "| `INCRBY key n` / `DECRBY key n` | the new integer |"
    """
    client.check("SET", "n", "100", gives=OK)
    client.check("INCRBY", "n", "-30", gives=integer(70))
    client.check("DECRBY", "n", "-5", gives=integer(75))
    client.check("DECRBY", "n", "80", gives=integer(-5))
    client.check("INCRBY", "n", "0", gives=integer(-5))
    client.check("INCRBY", "n", "5", gives=integer(0))
    client.check("GET", "n", gives=bulk("0"))


@shared
def test_integers_have_64_bits(client: Client) -> None:
    """Integers go on past 2^62, where OCaml's own int ends, to both ends of 64 bits

    Brief: "Integers are signed 64-bit: from -9223372036854775808 to 9223372036854775807."
    """
    for power in (30, 31, 32, 53, 61, 62):
        client.check("SET", "n", 2**power - 1, gives=OK)
        client.check("INCR", "n", gives=integer(2**power))
        client.check("INCRBY", "n", 2**power - 1, gives=integer(2 ** (power + 1) - 1))
        client.check("SET", "n", -(2**power), gives=OK)
        client.check("DECR", "n", gives=integer(-(2**power) - 1))
        client.check("INCRBY", "n", 1 - 2**power, gives=integer(-(2 ** (power + 1))))
    client.check("GET", "n", gives=bulk(LOWEST))
    client.check("INCRBY", "n", HIGHEST, gives=integer(-1))


@shared
def test_overflow(client: Client) -> None:
    """A result beyond 64 bits is refused and changes nothing

    Brief: "When the result would not fit in 64 bits the reply is
    `-ERR increment or decrement would overflow`, and nothing changes."
    """
    client.check("SET", "high", HIGHEST, gives=OK)
    client.check("INCR", "high", gives=OVERFLOW)
    client.check("INCRBY", "high", HIGHEST, gives=OVERFLOW)
    client.check("DECRBY", "high", -1, gives=OVERFLOW)
    client.check("GET", "high", gives=bulk(HIGHEST))
    client.check("DECR", "high", gives=integer(HIGHEST - 1))
    client.check("SET", "low", LOWEST, gives=OK)
    client.check("DECR", "low", gives=OVERFLOW)
    client.check("INCRBY", "low", LOWEST, gives=OVERFLOW)
    client.check("GET", "low", gives=bulk(LOWEST))
    client.check("INCRBY", "low", HIGHEST, gives=integer(-1))


@shared
def test_decrby_of_the_lowest_integer(client: Client) -> None:
    """DECRBY of the lowest integer, which has no opposite, is refused

    Brief: "`DECRBY key -9223372036854775808` is answered `-ERR decrement would overflow`."
    """
    client.check("SET", "n", "-1", gives=OK)
    client.check("DECRBY", "n", LOWEST, gives=b"-ERR decrement would overflow\r\n")
    client.check("DECRBY", "none", LOWEST, gives=b"-ERR decrement would overflow\r\n")
    client.check("MGET", "n", "none", gives=array(bulk("-1"), NIL))
    client.check("DECRBY", "n", HIGHEST, gives=integer(LOWEST))


@shared
def test_values_that_are_not_integers(client: Client) -> None:
    """Text that merely looks like an integer is not counted from

    Brief: "The text of an integer is decimal digits with an optional `-` in front, and nothing
    else: no `+`, spaces, `_`, `0x`, leading zeros, `-0` or empty text."
    """
    for text in NOT_INTEGERS:
        client.check("SET", "n", text, gives=OK)
        client.check("INCR", "n", gives=NOT_AN_INTEGER)
        client.check("DECRBY", "n", "5", gives=NOT_AN_INTEGER)
        client.check("GET", "n", gives=bulk(text))


@shared
def test_arguments_that_are_not_integers(client: Client) -> None:
    """Text that merely looks like an integer is not an amount

    Brief: "Where a value or an argument is not such an integer the reply is
    `-ERR value is not an integer or out of range`, and nothing changes."
    """
    client.check("SET", "n", "1", gives=OK)
    for text in NOT_INTEGERS:
        client.check("INCRBY", "n", text, gives=NOT_AN_INTEGER)
        client.check("DECRBY", "missing", text, gives=NOT_AN_INTEGER)
    client.check("MGET", "n", "missing", gives=array(bulk("1"), NIL))


@shared
def test_append_and_strlen(client: Client) -> None:
    """APPEND adds at the end and STRLEN counts bytes

    Brief: "| `APPEND key value` | the new length of the value; a missing key is created |"
    """
    client.check("STRLEN", "text", gives=integer(0))
    client.check("APPEND", "text", "ab", gives=integer(2))
    client.check("APPEND", "text", "", gives=integer(2))
    client.check("APPEND", "text", b"\r\n\0", gives=integer(5))
    client.check("APPEND", "text", "caf\u00e9", gives=integer(10))
    client.check("STRLEN", "text", gives=integer(10))
    client.check("GET", "text", gives=bulk(b"ab\r\n\0caf\xc3\xa9"))
    client.check("APPEND", "empty", "", gives=integer(0))
    client.check("EXISTS", "empty", gives=integer(1))


@shared
def test_mget_and_mset(client: Client) -> None:
    """MSET sets all its pairs, and MGET answers in the order of its keys

    Brief: "| `MSET key value [key value ...]` | `+OK`; of a key named twice the last value stays |"
    """
    client.check("MSET", "a", "1", "b", "2", "a", "3", gives=OK)
    expected = array(bulk("2"), NIL, bulk("3"), bulk("2"))
    client.check("MGET", "b", "nothing", "a", "b", gives=expected)
    client.check("DBSIZE", gives=integer(2))


@shared
def test_a_thousand_keys_at_once(client: Client, rng: random.Random) -> None:
    """MSET, MGET, EXISTS and DEL take 1,000 keys in one request

    Brief: "an array with, for each key in order, its value or `$-1`"
    """
    keys = [b"key:%d:" % number + rng.randbytes(6) for number in range(1000)]
    values = [rng.randbytes(rng.randrange(40)) for _ in keys]
    pairs = [part for pair in zip(keys, values, strict=True) for part in pair]
    client.check("MSET", *pairs, gives=OK)
    client.check("DBSIZE", gives=integer(1000))
    client.check("MGET", *keys, gives=array(*map(bulk, values)))
    client.check("EXISTS", *keys, gives=integer(1000))
    client.check("DEL", *keys[:999], gives=integer(999))
    client.check("MGET", *keys[998:], gives=array(NIL, bulk(values[999])))


@shared
def test_mset_with_odd_arguments(client: Client) -> None:
    """MSET with a key that has no value sets nothing at all

    Brief: "A command with the wrong number of arguments is answered
    `-ERR wrong number of arguments for '<name>' command`, with the name in lower case."
    """
    client.check("SET", "a", "kept", gives=OK)
    client.check("MSET", "a", "lost", "b", "2", "c", gives=wrong_arity("mset"))
    client.check("MGET", "a", "b", "c", gives=array(bulk("kept"), NIL, NIL))


@shared
def test_dbsize_and_flushall(client: Client) -> None:
    """DBSIZE counts the keys and FLUSHALL removes them

    Brief: "| `FLUSHALL` | `+OK`, and no key is left |"
    """
    client.check("DBSIZE", gives=integer(0))
    client.check("MSET", "a", "1", "b", "2", "c", "3", gives=OK)
    client.check("SET", "a", "again", gives=OK)
    client.check("DBSIZE", gives=integer(3))
    client.check("DEL", "a", gives=integer(1))
    client.check("DBSIZE", gives=integer(2))
    client.check("FLUSHALL", gives=OK)
    client.check("DBSIZE", gives=integer(0))
    client.check("MGET", "b", "c", gives=array(NIL, NIL))
    client.check("INCR", "b", gives=integer(1))


@shared
def test_ping_and_echo(client: Client) -> None:
    """PING and ECHO return their message unchanged

    Brief: "| `PING message` | the message, as a bulk string |"
    """
    client.check("ECHO", "hello", gives=bulk("hello"))
    client.check("ECHO", "", gives=bulk(""))
    client.check("ECHO", bytes(range(256)), gives=bulk(bytes(range(256))))
    client.check("PING", "are you there", gives=bulk("are you there"))
    client.check("PING", b"\r\n", gives=bulk(b"\r\n"))
    client.check("PING", gives=PONG)


@shared
def test_case_of_names(client: Client) -> None:
    """Names of commands and options may be written in any case; keys may not

    Brief: "Command names and options such as `NX` are case-insensitive."
    """
    client.check("set", "k", "lower", gives=OK)
    client.check("sEt", "K", "UPPER", "nX", gives=OK)
    client.check("SET", "k", "again", "xx", gives=OK)
    client.check("mGeT", "k", "K", gives=array(bulk("again"), bulk("UPPER")))
    client.check("iNcRbY", "n", "3", gives=integer(3))
    client.check("dbsize", gives=integer(3))


@shared
def test_binary_keys_and_values(client: Client, rng: random.Random) -> None:
    """Keys and values may hold any byte, and what looks like protocol is only data

    Brief: "Keys and values are binary-safe: any byte is allowed in them, CR, LF and NUL included,
    and both may be empty."
    """
    every = bytes(range(256))
    tricky = (every, b"\r\n", b"\0", b"a\0b", b"a\0c", b"$3\r\nfoo\r\n", b"+OK\r\n", b"\xff\xfe")
    values = [rng.randbytes(300) + key for key in tricky]
    for key, value in zip(tricky, values, strict=True):
        client.check("SET", key, value, gives=OK)
    for key, value in zip(tricky, values, strict=True):
        client.check("GET", key, gives=bulk(value))
    client.check("DBSIZE", gives=integer(len(tricky)))
    client.check("DEL", b"a\0b", gives=integer(1))
    client.check("EXISTS", b"a\0b", b"a\0c", b"a", gives=integer(1))


@shared
def test_empty_keys_and_values(client: Client) -> None:
    """The empty key is a key and the empty value is a value

    Brief: "Keys and values are binary-safe: any byte is allowed in them, CR, LF and NUL included,
    and both may be empty."
    """
    client.check("SET", "", "value of the empty key", gives=OK)
    client.check("GET", "", gives=bulk("value of the empty key"))
    client.check("SET", "k", "", gives=OK)
    client.check("GET", "k", gives=bulk(""))
    client.check("STRLEN", "k", gives=integer(0))
    client.check("EXISTS", "k", "", gives=integer(2))
    client.check("SET", "k", "again", "NX", gives=NIL)
    client.check("DEL", "", gives=integer(1))
    client.check("GET", "", gives=NIL)


@shared
def test_wrong_number_of_arguments(client: Client) -> None:
    """Every command checks how many arguments it was given

    Brief: "A command with the wrong number of arguments is answered
    `-ERR wrong number of arguments for '<name>' command`, with the name in lower case."
    """
    client.check("SET", "a", "1", gives=OK)
    for parts in ARITY_ERRORS:
        client.check(*parts, gives=wrong_arity(parts[0].lower()))
    client.check("gEt", gives=wrong_arity("get"))
    client.check("GET", "a", gives=bulk("1"))


@shared
def test_unknown_commands(client: Client) -> None:
    """An unknown command is an error, and the connection goes on

    Brief: "An unknown command is answered with a line that starts with
    `-ERR unknown command '<name>'`, and the connection stays open."
    """
    client.check("SET", "k", "v", gives=OK)
    client.check_start("FAUX", "k", gives=b"-ERR unknown command 'FAUX'")
    client.check_start("getx", gives=b"-ERR unknown command 'getx'")
    client.check_start("", gives=b"-ERR unknown command ''")
    client.check("GET", "k", gives=bulk("v"))


@shared
def test_unknown_names_in_errors(client: Client) -> None:
    """An unknown name cannot break the framing of its own error

    Brief: "The name in that error is cut to its first 128 bytes, and CR and LF in it are replaced
    by spaces."
    """
    client.check_start("x" * 300, gives=b"-ERR unknown command '" + b"x" * 128 + b"'")
    client.check_start(b"a\r\n+OK", gives=b"-ERR unknown command 'a  +OK'")
    client.check("ECHO", "still in step", gives=bulk("still in step"))


def test_hello_is_unknown(client: Client) -> None:
    """HELLO, with which RESP3 would begin, is an unknown command

    Brief: "RESP3 is not part of this assignment: `HELLO` is an unknown command like any other."
    """
    client.check_start("HELLO", "3", gives=b"-ERR unknown command 'HELLO'")
    client.check("SET", "k", "v", gives=OK)
    client.check("GET", "k", gives=bulk("v"))


@shared
@pytest.mark.parametrize("theme", sorted(scripts.THEMES))
def test_same_replies_as_redis(
    candidate: Launcher, rng: random.Random, scratch: Path, theme: str
) -> None:
    """A random script of commands gets the replies that Redis gives

    Brief: "compares replies with those of a real Redis 8.0 wherever this brief does not say
    otherwise"
    """
    script = scripts.generate(theme, rng, length=400)
    expected = replies_of_redis(script, scratch)  # Redis has ended before the program starts
    client = Client.of(start(candidate))
    for number, (command, reply) in enumerate(zip(script, expected, strict=True)):
        seen = scripts.comparable(client.ask(*command))
        expect(f"command {number}, {resp.show(command)}", seen, equals=reply)


def test_memory_limit_is_exact(candidate: Launcher) -> None:
    """Writes are allowed up to the memory limit, to the byte, and not beyond

    Brief: "A write after which the sum is exactly `BYTES` is allowed."
    """
    client = Client.of(start(candidate, "--maxmemory", "1000"))
    client.check("SET", "k", "v" * 899, gives=OK)
    client.check("SET", "12345", "v" * 96, gives=OOM)
    client.check("EXISTS", "12345", gives=integer(0))
    client.check("SET", "12345", "v" * 95, gives=OK)
    client.check("APPEND", "k", "v", gives=OOM)
    client.check("STRLEN", "k", gives=integer(899))
    client.check("SET", "k", "w" * 900, gives=OOM)
    client.check("SET", "k", "w" * 899, gives=OK)
    client.check("GET", "k", gives=bulk("w" * 899))


def test_memory_limit_covers_every_write(candidate: Launcher) -> None:
    """No command writes past the memory limit, and none that fails changes anything

    Brief: "With `--maxmemory BYTES`, a write after which the bytes of all keys and values would
    sum to more than `BYTES` is answered `-OOM command not allowed when used memory > 'maxmemory'.`
    and changes nothing."
    """
    client = Client.of(start(candidate, "--maxmemory", "100"))
    client.check("MSET", "n", "9", "k", "v" * 97, gives=OK)
    client.check("INCR", "n", gives=OOM)
    client.check("DECRBY", "n", "19", gives=OOM)
    client.check("INCR", "m", gives=OOM)
    client.check("MSET", "n", "1", "x", "", gives=OOM)
    client.check("SET", "k", "v" * 98, "XX", gives=OOM)
    client.check("MGET", "n", "k", "x", "m", gives=array(bulk("9"), bulk("v" * 97), NIL, NIL))
    client.check("DECR", "n", gives=integer(8))


def test_memory_limit_lets_space_be_freed(candidate: Launcher) -> None:
    """At the memory limit reads, DEL and FLUSHALL go on, and freed space is used again

    Brief: "Reads, `DEL` and `FLUSHALL` go on working at the memory limit, and the space they free
    can be used again."
    """
    client = Client.of(start(candidate, "--maxmemory", "200"))
    client.check("MSET", "a", "1" * 99, "b", "2" * 99, gives=OK)
    client.check("SET", "c", "", gives=OOM)
    client.check("MGET", "a", "b", gives=array(bulk("1" * 99), bulk("2" * 99)))
    client.check("DEL", "a", gives=integer(1))
    client.check("SET", "c", "3" * 99, gives=OK)
    client.check("SET", "c", "3" * 100, gives=OOM)
    client.check("SET", "c", "", gives=OK)
    client.check("APPEND", "c", "4" * 99, gives=integer(99))
    client.check("FLUSHALL", gives=OK)
    client.check("SET", "d", "5" * 199, gives=OK)
    client.check("INCR", "d", gives=NOT_AN_INTEGER)


def test_memory_limit_counts_what_is_there(candidate: Launcher) -> None:
    """What was overwritten or deleted counts no more

    Brief: "With `--maxmemory BYTES`, a write after which the bytes of all keys and values would
    sum to more than `BYTES` is answered `-OOM command not allowed when used memory > 'maxmemory'.`
    and changes nothing."
    """
    client = Client.of(start(candidate, "--maxmemory", "10000"))
    for number in range(100):
        client.check("SET", f"k{number % 3}", "v" * (3000 + number), gives=OK)
        client.check("MSET", "t", "x" * 500, "t", "short", gives=OK)
        client.check("DEL", "t", gives=integer(1))
    client.check("DBSIZE", gives=integer(3))


@shared
def test_append_beyond_the_largest_value(server: Program) -> None:
    """APPEND refuses to make a value longer than a bulk string may be

    Brief: "An `APPEND` that would make a value longer than 64 MiB is answered
    `-ERR string exceeds maximum allowed size (proto-max-bulk-len)`, and nothing changes."
    """
    mebibyte = 1024 * 1024
    client = Client.of(server, LONG_PATIENCE)
    client.check("SET", "big", b"x" * (34 * mebibyte), gives=OK)
    refusal = b"-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n"
    client.check("APPEND", "big", b"y" * (31 * mebibyte), gives=refusal)
    client.check("STRLEN", "big", gives=integer(34 * mebibyte))
    client.check("APPEND", "big", "z", gives=integer(34 * mebibyte + 1))


@shared
def test_ready_line(candidate: Launcher) -> None:
    """The server says on stdout that it is ready, and nothing else

    Brief: "When the server accepts connections it prints the line `ready port=N` on stdout, with
    its port for `N`."
    """
    program = candidate.start(*ARGUMENTS, wait="ready")
    client = Client.of(program)
    client.check("SET", "k", "v", gives=OK)
    client.check_start("NONSENSE", gives=b"-ERR ")
    client.check("GET", "k", gives=bulk("v"))
    program.kill()
    expect("stdout", program.stdout.text(), equals=f"ready port={program.port}\n")


@shared
@pytest.mark.parametrize("address", ["127.0.0.2", "::1", "0.0.0.0"])
def test_bind(candidate: Launcher, address: str) -> None:
    """--bind chooses the address to listen on

    Brief: "| `--bind ADDR` | the IPv4 or IPv6 address to listen on | `127.0.0.1` |"
    """
    program = start(candidate, "--bind", address)
    reached = "127.0.0.1" if address == "0.0.0.0" else address
    expect("address listened on", program.address[0], equals=reached)
    client = Client.of(program)
    client.check("SET", "k", "v", gives=OK)
    client.check("GET", "k", gives=bulk("v"))
    if address == "0.0.0.0":
        with crowd(("127.0.0.3", program.port), 1) as (other,):
            expect("GET k by another address", other.ask("GET", "k"), equals=bulk("v"))


USAGE_ERRORS: tuple[tuple[str, ...], ...] = (
    (*ARGUMENTS, "--colour", "green"),
    ("--dir", "{data}"),
    ("--port", "{port}"),
    ("--port", "0", "--dir", "{data}"),
    ("--port", "65536", "--dir", "{data}"),
    (*ARGUMENTS, "--fsync", "sometimes"),
    (*ARGUMENTS, "--max-clients", "several"),
)


def test_usage_errors(candidate: Launcher, server: Program) -> None:
    """A wrong command line exits with 64 and says why; a right one serves

    Brief: "A usage error (unknown option, missing option, bad value) exits with code 64 and a
    message on stderr."
    """
    Client.of(server).check("SET", "k", "v", gives=OK)
    server.kill()
    for arguments in USAGE_ERRORS:
        failed = candidate.start(*arguments, data=server.data, wait=None)
        check_refuses_to_start(failed, 64, " ".join(arguments))


def test_unusable_data_folders(candidate: Launcher, server: Program) -> None:
    """A data folder that is missing, or is not a folder, exits with 74 and says why

    Brief: "A data folder that is missing, is not a folder, or cannot be written exits with code 74
    and a message on stderr."
    """
    Client.of(server).check("SET", "k", "v", gives=OK)
    server.kill()
    server.data.write("plain", b"not a folder")
    for folder in ("{data}/plain", "{data}/missing", "/proc"):
        arguments = ("--port", "{port}", "--dir", folder)
        failed = candidate.start(*arguments, data=server.data, wait=None)
        check_refuses_to_start(failed, 74, f"--dir {folder}")
