"""Framing, pipelining, binary data, malformed requests and stock clients."""

from __future__ import annotations

import importlib
import random

import pytest
from client import LONG_PATIENCE, PATIENCE, Client
from resp import OK, PONG, array, bulk, encode, integer

from grader.testkit import Program, expect, run

shared = pytest.mark.redis_shared

MEBIBYTE = 1024 * 1024

MALFORMED = (
    pytest.param(
        (b"PING\r\n", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\0\x01\0\r\n", b"$4\r\nPING\r\n"),
        id="not an array",
    ),
    pytest.param((b"*\r\n", b"*two\r\n", b"*1 \r\n", b"* 1\r\n"), id="count", marks=shared),
    pytest.param((b"*+1\r\n", b"*0x1\r\n", b"*1_0\r\n"), id="OCaml's counts", marks=shared),
    pytest.param((b"*-1\r\n", b"*-0\r\n"), id="negative count"),
    pytest.param((b"*1\n$4\r\n", b"*1\r\n$4\nPING\r\n"), id="bare LF"),
    pytest.param(
        (b"*99999999999999999999\r\n", b"*18446744073709551617\r\n"),
        id="count beyond 64 bits",
        marks=shared,
    ),
    pytest.param((b"*1048577\r\n", b"*4611686018427387905\r\n"), id="too many elements"),
    pytest.param((b"*" + b"1" * 80, b"*1\r\n$" + b"4" * 80), id="endless length"),
    pytest.param(
        (b"*1\r\n:1\r\n", b"*1\r\n+PING\r\n", b"*1\r\n*1\r\n", b"*1\r\n\r\n"),
        id="not a bulk string",
        marks=shared,
    ),
    pytest.param(
        (b"*1\r\n$\r\n", b"*1\r\n$4a\r\n", b"*1\r\n$4 \r\n", b"*1\r\n$+4\r\n", b"*1\r\n$0x4\r\n"),
        id="length",
        marks=shared,
    ),
    pytest.param((b"*1\r\n$-1\r\n", b"*1\r\n$-4\r\n"), id="null bulk string", marks=shared),
    pytest.param(
        (b"*1\r\n$67108865\r\n", b"*1\r\n$18446744073709551620\r\n"),
        id="bulk string beyond 64 MiB",
        marks=shared,
    ),
    pytest.param(
        (b"*1\r\n$4\r\nPINGxx", b"*1\r\n$4\r\nPING\n\n", b"*1\r\n$2\r\nPING\r\n"),
        id="bulk string without CRLF",
    ),
)


@shared
def test_redis_cli(server: Program) -> None:
    """A session of redis-cli works

    Brief: "The last two lines exist so that redis-cli, redis-benchmark and client libraries start;
    a warning of theirs does no harm."
    """
    lines = (
        'SET greeting "hello world"',
        "GET greeting",
        "GET nothing",
        "SET n 41",
        "INCR n",
        'APPEND greeting "\\r\\n\\x00!"',
        "MGET n nothing n",
        "DBSIZE",
        "DEL greeting n",
        "DBSIZE",
    )
    host, port = server.address
    session = "".join(f"{line}\n" for line in lines).encode()
    done = run(["redis-cli", "-h", host, "-p", str(port)], input=session, within=LONG_PATIENCE)
    expected = b"OK\nhello world\n\nOK\n42\n15\n42\n\n42\n2\n2\n0\n"
    expect("stdout of redis-cli", done.stdout, equals=expected)
    expect("exit code of redis-cli", done.code, equals=0)


@shared
def test_redis_cli_shows_errors(server: Program) -> None:
    """redis-cli shows errors, and goes on with the next command

    Brief: "An unknown command is answered with a line that starts with
    `-ERR unknown command '<name>'`, and the connection stays open."
    """
    host, port = server.address
    session = b"SET n ten\nINCR n\nFAUX\nGET\nGET n\n"
    done = run(["redis-cli", "-h", host, "-p", str(port)], input=session, within=LONG_PATIENCE)
    shown = rb"\AOK\nERR value is not an integer or out of range\n\n?ERR unknown command 'FAUX'"
    expect("stdout of redis-cli", done.stdout, matches=shown)
    rest = rb"ERR wrong number of arguments for 'get' command\n\n?ten\n\Z"
    expect("stdout of redis-cli", done.stdout, matches=rest)


@shared
def test_redis_py(server: Program) -> None:
    """The client library redis-py works, pipelines included

    Brief: "The last two lines exist so that redis-cli, redis-benchmark and client libraries start;
    a warning of theirs does no harm."
    """
    redis = importlib.import_module("redis")
    host, port = server.address
    library = redis.Redis(host=host, port=port, protocol=2, socket_timeout=PATIENCE)
    expect("ping()", library.ping(), equals=True)
    expect("set(nx=True)", library.set("k", b"\x00\xff\r\n", nx=True), equals=True)
    expect("set(nx=True) again", library.set("k", b"other", nx=True), equals=None)
    expect("get()", library.get("k"), equals=b"\x00\xff\r\n")
    expect("incr()", [library.incr("n"), library.incr("n", 9)], equals=[1, 10])
    expect("decr()", library.decr("n", 3), equals=7)
    expect("mset()", library.mset({"a": 1, "b": "two"}), equals=True)
    expect("mget()", library.mget(["a", "missing", "b"]), equals=[b"1", None, b"two"])
    expect("append()", library.append("a", "23"), equals=3)
    pipeline = library.pipeline(transaction=False)
    for number in range(500):
        pipeline.set(f"p{number}", number)
        pipeline.get(f"p{number}")
    answers = [answer for number in range(500) for answer in (True, b"%d" % number)]
    expect("pipeline of 1,000 commands", pipeline.execute(), equals=answers)
    expect("dbsize()", library.dbsize(), equals=504)
    expect("delete()", library.delete("a", "b", "missing"), equals=2)
    expect("exists()", library.exists("a", "k", "k"), equals=2)
    library.close()


@shared
def test_redis_benchmark(server: Program) -> None:
    """redis-benchmark runs without an error, and what it wrote is there

    Brief: "A hidden suite talks to it over TCP, with plain sockets, redis-cli 8.0 and
    redis-benchmark"
    """
    host, port = server.address
    tests = ["-t", "set,get,incr,mset", "-P", "16", "-c", "20", "-n", "3200", "-q"]
    done = run(["redis-benchmark", "-h", host, "-p", str(port), *tests], within=LONG_PATIENCE)
    expect("exit code of redis-benchmark", done.code, equals=0)
    report = done.stdout + done.stderr
    for name in (b"SET", b"GET", b"INCR", b"MSET (10 keys)"):
        expect("report of redis-benchmark", report, contains=name + b": ")
    expect("errors of redis-benchmark", report.lower().count(b"error"), equals=0)
    client = Client.of(server)
    client.check("EXISTS", "counter:__rand_int__", "key:__rand_int__", gives=integer(2))
    client.check("STRLEN", "key:__rand_int__", gives=integer(3))


@shared
def test_one_byte_at_a_time(server: Program) -> None:
    """A request may come in single bytes

    Brief: "A request may arrive in any number of pieces, cut at any byte, with any pause between
    them."
    """
    slow, other = Client.of(server), Client.of(server)
    for byte in encode("SET", b"k\r\n", b"\r\nv\r\n") + encode("GET", b"k\r\n"):
        slow.send_raw(bytes([byte]))
        other.check("ECHO", "between", gives=bulk("between"))  # the byte before has been seen
    slow.check_next("reply to SET", gives=OK)
    slow.check_next("reply to GET", gives=bulk(b"\r\nv\r\n"))


@shared
def test_cut_at_every_byte(server: Program) -> None:
    """Two requests may be cut into two packets at any byte

    Brief: "One packet may hold many requests, and the end of one request and the start of another."
    """
    client, other = Client.of(server), Client.of(server)
    requests = encode("APPEND", "log", b"\r\n$1") + encode("GET", "log")
    value = b""
    for cut in range(1, len(requests)):
        client.send_raw(requests[:cut])
        other.check("ECHO", "between", gives=bulk("between"))
        client.send_raw(requests[cut:])
        value += b"\r\n$1"
        client.check_next(f"APPEND, cut at byte {cut}", gives=integer(len(value)))
        client.check_next(f"GET, cut at byte {cut}", gives=bulk(value))


@shared
def test_random_pieces(server: Program, rng: random.Random) -> None:
    """A stream of requests may be cut anywhere, again and again

    Brief: "One packet may hold many requests, and the end of one request and the start of another."
    """
    client = Client.of(server)
    values = [rng.randbytes(rng.randrange(200)) for _ in range(150)]
    stream = b"".join(encode("SET", "k", value) + encode("GET", "k") for value in values)
    while stream:
        size = rng.choice((1, 2, 3, 7, 50, 400, 3000))
        client.send_raw(stream[:size])
        stream = stream[size:]
    for number, value in enumerate(values):
        client.check_next(f"reply to SET number {number}", gives=OK)
        client.check_next(f"reply to GET number {number}", gives=bulk(value))


@shared
def test_pipelined_pings(server: Program) -> None:
    """2,000 requests in one packet are answered in order, however late the client reads

    Brief: "Replies come in the order of the requests of that connection."
    """
    client, other = Client.of(server), Client.of(server)
    requests = [encode("PING"), encode("INCR", "n"), encode("PING", "m"), encode("GET", "n")]
    client.send_raw(b"".join(requests) * 500)
    other.check("ECHO", "meanwhile", gives=bulk("meanwhile"))
    replies = [(PONG, integer(n), bulk("m"), bulk(n)) for n in range(1, 501)]
    expected = b"".join(reply for four in replies for reply in four)
    expect("2,000 replies", client.connection.receive(len(expected)), equals=expected)


@shared
def test_long_pipeline(server: Program) -> None:
    """A client may send 1 MiB of work before it reads the first reply

    Brief: "At least 1 MiB of replies may wait for a client before you stop reading its requests,
    so that a client may send a long pipeline first and read later."
    """
    client = Client.of(server, LONG_PATIENCE)
    client.check("SET", "n", 10_000_000, gives=OK)
    client.send_raw(encode("INCR", "n") * 50_000)
    expected = b"".join(integer(10_000_000 + number) for number in range(1, 50_001))
    expect("50,000 replies", client.connection.receive(len(expected)), equals=expected)


@shared
def test_large_values(server: Program, rng: random.Random) -> None:
    """Values of many sizes, up to 16 MiB, come back as they were sent

    Brief: "Keys and values are binary-safe: any byte is allowed in them, CR, LF and NUL included,
    and both may be empty."
    """
    client = Client.of(server, LONG_PATIENCE)
    for size in (4095, 4096, 4097, 16383, 16384, 16385, 65535, 65536, 65537, 16 * MEBIBYTE):
        value = rng.randbytes(size)
        client.check("SET", "big", value, gives=OK)
        client.check("STRLEN", "big", gives=integer(size))
        client.check("GET", "big", gives=bulk(value))


@shared
def test_large_replies_read_late(server: Program, rng: random.Random) -> None:
    """Replies far larger than the socket takes arrive whole, with others served meanwhile

    Brief: "A reply may be larger than the socket takes at once; the rest follows as the client
    reads."
    """
    client, other = Client.of(server, LONG_PATIENCE), Client.of(server, LONG_PATIENCE)
    value = rng.randbytes(5 * MEBIBYTE)
    other.check("SET", "big", value, gives=OK)
    for number in range(5):
        client.send("GET", "big")
        client.send("ECHO", number)
    other.check("STRLEN", "big", gives=integer(len(value)))
    for number in range(5):
        client.check_next(f"GET number {number}", gives=bulk(value))
        client.check_next(f"ECHO number {number}", gives=bulk(number))


def test_reply_beyond_the_mark(server: Program, rng: random.Random) -> None:
    """A single reply of more than 32 MiB is delivered

    Brief: "A client that does read is never closed for being slow, and a single reply larger than
    32 MiB is delivered."
    """
    client, other = Client.of(server, LONG_PATIENCE), Client.of(server, LONG_PATIENCE)
    value = rng.randbytes(3 * MEBIBYTE)
    client.check("SET", "big", value, gives=OK)
    client.send("MGET", *["big"] * 11)
    other.check("STRLEN", "big", gives=integer(len(value)))
    client.check_next("MGET of 33 MiB", gives=array(*[bulk(value)] * 11))
    client.check("GET", "big", gives=bulk(value))


@shared
def test_most_elements(server: Program) -> None:
    """A request may have 1,048,576 elements

    Brief: "A request has at most 1,048,576 elements; more is a protocol error as soon as the count
    is known."
    """
    client = Client.of(server, LONG_PATIENCE)
    client.check("SET", "k", "v", gives=OK)
    elements = 1_048_576
    request = b"*%d\r\n" % elements + bulk("EXISTS") + bulk("k") * (elements - 1)
    client.send_raw(request)
    client.check_next("EXISTS with 1,048,575 keys", gives=integer(elements - 1))


@shared
def test_empty_requests(server: Program) -> None:
    r"""An array of zero elements is skipped

    Brief: "An array of zero elements (`*0\r\n`) is skipped: it gets no reply, and the connection
    stays open."
    """
    client = Client.of(server)
    client.send_raw(b"*0\r\n" + encode("SET", "k", "v") + b"*0\r\n*0\r\n" + encode("GET", "k"))
    client.check_next("reply to SET", gives=OK)
    client.check_next("reply to GET", gives=bulk("v"))


@pytest.mark.parametrize("malformed", MALFORMED)
def test_malformed(server: Program, malformed: tuple[bytes, ...]) -> None:
    """A malformed request is refused, and ends its own connection only

    Brief: "Anything that is not such a request is answered `-ERR Protocol error: <reason>`, with a
    reason of your choice, and then that connection is closed."
    """
    other = Client.of(server)
    other.check("SET", "k", "v", gives=OK)
    for number, data in enumerate(malformed, start=1):
        broken = Client.of(server)
        broken.check("GET", "k", gives=bulk("v"))
        broken.send_raw(data)
        broken.check_protocol_error(f"reply to {data!r}")
        other.check("INCR", "n", gives=integer(number))


@shared
def test_requests_before_a_malformed_one(server: Program) -> None:
    """What came before a malformed request is answered, and what follows is not executed

    Brief: "Requests that came before the malformed one on that connection are still answered."
    """
    client = Client.of(server)
    good = encode("SET", "n", "41") + encode("INCR", "n") + encode("GET", "n")
    client.send_raw(good + b"*1\r\n+PING\r\n")
    client.check_next("reply to SET", gives=OK)
    client.check_next("reply to INCR", gives=integer(42))
    client.check_next("reply to GET", gives=bulk("42"))
    client.check_protocol_error("the malformed request")
    Client.of(server).check("GET", "n", gives=bulk("42"))


@shared
def test_quit(server: Program) -> None:
    """QUIT is answered and ends the connection; what was sent after it is not executed

    Brief: "Requests sent after `QUIT` on the same connection are not executed."
    """
    client, other = Client.of(server), Client.of(server)
    client.send_raw(encode("SET", "k", "v") + encode("quit") + encode("SET", "k", "after"))
    client.check_next("reply to SET", gives=OK)
    client.check_next("reply to QUIT", gives=OK)
    client.check_closed("after QUIT")
    other.check("GET", "k", gives=bulk("v"))
