"""Many clients, slow ones, broken ones, and no lost update."""

from __future__ import annotations

import random
import socket
import time
from contextlib import ExitStack, suppress

import pytest
from client import LONG_PATIENCE, Client, start
from load import Stream, crowd, until_closed_by_server
from resp import NIL, OK, TOO_MANY_CLIENTS, bulk, encode, integer

from grader.testkit import Disconnected, Launcher, Program, expect

shared = pytest.mark.redis_shared

MEBIBYTE = 1024 * 1024
OPEN_FILES = 4096


@shared
def test_two_clients_interleaved(server: Program) -> None:
    """Two clients see each other's writes as soon as they are acknowledged

    Brief: "Many clients are served at once, and an idle or half-finished client delays nobody."
    """
    one, two = Client.of(server), Client.of(server)
    for number in range(20):
        one.check("SET", "turn", f"one {number}", gives=OK)
        two.check("GET", "turn", gives=bulk(f"one {number}"))
        two.check("APPEND", "turn", "!", gives=integer(len(f"one {number}!")))
        one.check("GET", "turn", gives=bulk(f"one {number}!"))


@shared
def test_no_lost_increment(server: Program) -> None:
    """50 clients that count at once count exactly, and no two get the same number

    Brief: "Each command is atomic: no client sees a half-done `MSET`, and concurrent `INCR`s never
    lose a count."
    """
    with crowd(server.address, 50) as clients:
        seen: set[bytes] = set()
        for _ in range(20):
            for client in clients:
                client.send("INCR", "n")
            seen.update(client.reply() for client in clients)
        for client in clients:
            client.send_raw(encode("INCR", "n") * 40)
        seen.update(client.reply() for client in clients for _ in range(40))
        expect("different replies to INCR", len(seen), equals=3000)
        expect("replies to INCR", seen == {integer(n) for n in range(1, 3001)}, equals=True)
    Client.of(server).check("GET", "n", gives=bulk("3000"))


@shared
def test_one_winner(server: Program) -> None:
    """Of many clients that SET NX the same key exactly one wins

    Brief: "| `SET key value NX` | `+OK`, or `$-1` and no change when the key exists |"
    """
    with crowd(server.address, 40) as clients:
        for turn in range(10):
            for number, client in enumerate(clients):
                client.send("SET", f"lock {turn}", number, "NX")
            replies = [client.reply() for client in clients]
            expect(f"winners of turn {turn}", replies.count(OK), equals=1)
            expect(f"others of turn {turn}", replies.count(NIL), equals=39)
            winner = bulk(replies.index(OK))
            expect(f"GET in turn {turn}", clients[0].ask("GET", f"lock {turn}"), equals=winner)


@shared
def test_mset_is_whole(server: Program) -> None:
    """No client sees half of another's MSET

    Brief: "Each command is atomic: no client sees a half-done `MSET`, and concurrent `INCR`s never
    lose a count."
    """
    keys = [f"part {number}" for number in range(100)]
    with crowd(server.address, 10) as clients:
        writers, readers = clients[:5], clients[5:]
        writers[0].send("MSET", *(word for key in keys for word in (key, "first")))
        expect("reply to MSET", writers[0].reply(), equals=OK)
        for turn in range(20):
            for number, writer in enumerate(writers):
                value = f"{turn} of writer {number}"
                writer.send("MSET", *(word for key in keys for word in (key, value)))
            for reader in readers:
                reader.send("MGET", *keys)
            for reader in readers:
                values = reader.reply().split(b"\r\n")[2::2]
                expect("different values in one MGET", len(set(values)), equals=1)
            for writer in writers:
                expect("reply to MSET", writer.reply(), equals=OK)


@shared
def test_many_pipelines(server: Program, rng: random.Random) -> None:
    """50 clients that pipeline at once each get their own replies, in order

    Brief: "Replies come in the order of the requests of that connection."
    """
    with crowd(server.address, 50) as clients:
        pending: list[tuple[Stream, bytes]] = []
        for number, client in enumerate(clients):
            values = [rng.randbytes(rng.randrange(40)).hex() for _ in range(100)]
            client.send_raw(
                b"".join(encode("SET", number, v) + encode("GET", number) for v in values)
            )
            pending.append((client, b"".join(OK + bulk(value) for value in values)))
        for number, (client, expected) in enumerate(pending):
            seen = b"".join(client.reply() for _ in range(200))
            expect(f"replies to client {number}", seen, equals=expected)


@shared
def test_half_a_request(server: Program) -> None:
    """Clients that stop in the middle of a request delay nobody, and can finish it later

    Brief: "Many clients are served at once, and an idle or half-finished client delays nobody."
    """
    request = encode("SET", "late", "v" * 50)
    halves = [Client.of(server) for _ in range(10)]
    for number, half in enumerate(halves):
        half.send_raw(request[: 1 + 5 * number])
    other = Client.of(server)
    for number in range(1, 51):
        other.check("INCR", "n", gives=integer(number))
    other.check("EXISTS", "late", gives=integer(0))
    for number, half in enumerate(halves):
        half.send_raw(request[1 + 5 * number :])
        half.check_next(f"reply to SET, cut at byte {1 + 5 * number}", gives=OK)
    other.check("GET", "late", gives=bulk("v" * 50))


@shared
def test_leaving_in_the_middle_of_a_request(server: Program) -> None:
    """A request that a client never finished is not executed, and harms nobody

    Brief: "A client that resets its connection, or leaves in the middle of a request or a reply,
    affects no one else."
    """
    other = Client.of(server)
    other.check("SET", "k", "kept", gives=OK)
    request = encode("SET", "k", "lost")
    for cut in range(1, len(request)):
        with crowd(server.address, 1) as (leaver,):
            leaver.send_raw(request[:cut])
        other.check("GET", "k", gives=bulk("kept"))


@shared
def test_resets(server: Program) -> None:
    """Clients that reset their connection while replies are due affect nobody

    Brief: "A client that resets its connection, or leaves in the middle of a request or a reply,
    affects no one else."
    """
    other = Client.of(server)
    other.check("SET", "big", b"x" * MEBIBYTE, gives=OK)
    for turn in range(1, 61):
        with crowd(server.address, 1) as (leaver,):
            leaver.send_raw(encode("GET", "big") * 4 + encode("SET", "half", "v")[:9])
            if turn % 3:
                leaver.socket.recv(1 if turn % 3 == 1 else 100_000)
            leaver.reset()
        other.check("INCR", "turns", gives=integer(turn))
    other.check("STRLEN", "big", gives=integer(MEBIBYTE))


@shared
def test_leaving_in_the_middle_of_a_reply(server: Program) -> None:
    """Clients that leave while the server writes to them affect nobody

    Brief: "The server never exits because of something a client sent or because a client went
    away."
    """
    other = Client.of(server)
    other.check("SET", "big", b"x" * MEBIBYTE, gives=OK)
    for turn in range(1, 31):
        with crowd(server.address, 2) as (closer, leaver):
            closer.send_raw(encode("GET", "big") * 8)
            closer.close()
            leaver.send_raw(encode("GET", "big") * 8)
            leaver.socket.shutdown(socket.SHUT_WR)
            other.check("EXISTS", "big", gives=integer(1))
            # The server has seen the end of this stream; a reset then makes its next write fail
            # with EPIPE, and with SIGPIPE where that is not ignored. send(2)
            leaver.reset()
        other.check("INCR", "turns", gives=integer(turn))
    other.check("STRLEN", "big", gives=integer(MEBIBYTE))


@shared
@pytest.mark.time_limit(60)
def test_slow_reader(server: Program) -> None:
    """A client that asks for 768 MiB of replies and reads none delays nobody

    Brief: "A client that sends requests and does not read the replies never delays other clients."
    """
    other = Client.of(server, LONG_PATIENCE)
    value = b"x" * MEBIBYTE
    other.check("SET", "big", value, gives=OK)
    with ExitStack() as streams:
        for _ in range(3):
            (slow,) = streams.enter_context(crowd(server.address, 1))
            with suppress(ConnectionError):  # the server may close it as soon as it likes
                slow.send_raw(encode("GET", "big") * 256)
        for number in range(1, 201):
            other.check("INCR", "n", gives=integer(number))
        other.check("GET", "big", gives=bulk(value))


@pytest.mark.time_limit(60)
def test_silent_reader_is_closed(server: Program) -> None:
    """A client for which more than 32 MiB pile up, and which reads nothing, is closed

    Brief: "A client for which more than 32 MiB of replies have piled up, and which reads nothing,
    is closed within 10 s."
    """
    other = Client.of(server, LONG_PATIENCE)
    value = b"x" * MEBIBYTE
    other.check("SET", "big", value, gives=OK)
    with crowd(server.address, 1) as (silent,):
        silent.send("MGET", *["big"] * 64)
        closed = until_closed_by_server(silent, within=30.0)
        expect("the connection of the silent client was closed", closed, equals=True)
    other.check("GET", "big", gives=bulk(value))


@shared
def test_slow_reader_goes_on(server: Program) -> None:
    """A client that reads slowly gets everything

    Brief: "A client that does read is never closed for being slow, and a single reply larger than
    32 MiB is delivered."
    """
    other = Client.of(server)
    value = bytes(range(256)) * 2048
    other.check("SET", "big", value, gives=OK)
    with crowd(server.address, 1) as (slow,):
        slow.send_raw(encode("GET", "big") * 24)
        for number in range(1, 25):
            other.check("INCR", "n", gives=integer(number))
            expect(f"reply {number} to the slow client", slow.reply(), equals=bulk(value))


@shared
@pytest.mark.time_limit(60)
def test_many_idle_clients(candidate: Launcher) -> None:
    """1,500 clients are connected and idle while 50 others work

    Brief: "1,500 idle clients may be connected while 50 others work, so descriptors above 1,024
    must work too."
    """
    server = start(candidate, open_files=OPEN_FILES)
    with crowd(server.address, 1500, LONG_PATIENCE) as idle, crowd(server.address, 50) as active:
        for turn in range(1, 11):
            for client in active:
                client.send("INCR", "n")
            replies = {client.reply() for client in active}
            expected = {integer(n) for n in range(50 * turn - 49, 50 * turn + 1)}
            expect(f"replies of turn {turn}", replies == expected, equals=True)
        for number in (0, 700, 1100, 1499):
            expect(f"GET by idle client {number}", idle[number].ask("GET", "n"), equals=bulk(500))


@shared
@pytest.mark.time_limit(60)
def test_churn(server: Program) -> None:
    """3,000 clients come and go, one after the other

    Brief: "A closed connection gives back its descriptor and its memory, whichever side closed it
    and however."
    """
    for number in range(1, 3001):
        with crowd(server.address, 1) as (client,):
            seen = client.ask("INCR", "n")
        if seen != integer(number):
            expect(f"INCR of client {number}", seen, equals=integer(number))
    Client.of(server).check("GET", "n", gives=bulk("3000"))


@shared
def test_descriptors_come_back(candidate: Launcher) -> None:
    """With 128 descriptors 600 clients come and go, in every way there is

    Brief: "A closed connection gives back its descriptor and its memory, whichever side closed it
    and however."
    """
    server = start(candidate, open_files=128)
    other = Client.of(server)
    for number in range(1, 151):
        with ExitStack() as streams:
            closer, resetter, quitter, breaker = streams.enter_context(crowd(server.address, 4))
            closer.send_raw(encode("SET", "k", "v")[:-3])
            expect("reply to INCR", resetter.ask("INCR", "resets"), equals=integer(number))
            resetter.send_raw(encode("MGET", *["resets"] * 100) * 10)
            resetter.reset()
            expect("reply to QUIT", quitter.ask("QUIT"), equals=OK)
            expect("end after QUIT", quitter.socket.recv(1), equals=b"")
            expect(
                "error", breaker.ask_raw(b"*1\r\n+PING\r\n")[:20], equals=b"-ERR Protocol error:"
            )
    other.check("EXISTS", "k", "resets", gives=integer(1))


@shared
@pytest.mark.time_limit(60)
def test_out_of_descriptors(candidate: Launcher) -> None:
    """Without a free descriptor the connected go on, and later new clients are served again

    Brief: "When the process has no file descriptor left, connected clients are served on, and new
    ones are accepted again once descriptors are free."
    """
    server = start(candidate, open_files=64)
    first = Client.of(server)
    first.check("SET", "k", "v", gives=OK)
    for turn in range(1, 4):
        with ExitStack() as pressing:
            for _ in range(120):
                press = pressing.enter_context(socket.socket())
                press.setblocking(False)
                press.connect_ex(server.address)  # nobody may be there to accept it
            for number in range(20):
                first.check("SET", "n", number, gives=OK)
                first.check("GET", "n", gives=bulk(number))
        _check_welcome(server, "GET", "k", gives=bulk("v"))
        first.check("INCR", "turns", gives=integer(turn))


def test_max_clients(candidate: Launcher) -> None:
    """A client too many is told so and closed, until others have left

    Brief: "A client beyond `--max-clients` is answered `-ERR max number of clients reached` and
    closed; it works again once others have left."
    """
    server = start(candidate, "--max-clients", "3")
    clients = [Client.of(server) for _ in range(3)]
    for number, client in enumerate(clients, start=1):
        client.check("INCR", "n", gives=integer(number))
    for _ in range(3):
        extra = Client.of(server)
        extra.check_next("reply to a client too many", gives=TOO_MANY_CLIENTS)
        extra.check_closed("a client too many")
        extra.close()
    clients[0].check("GET", "n", gives=bulk("3"))
    clients[1].check("QUIT", gives=OK)
    clients[1].check_closed("after QUIT")
    clients[1].close()
    _check_welcome(server, "GET", "n", gives=bulk("3"))
    clients[2].check("INCR", "n", gives=integer(4))


def _check_welcome(server: Program, *request: str, gives: bytes) -> None:
    """A new client must get this reply, if not at once, then soon: clients that left may be counted
    for a moment after they have gone, which is not for these cases to judge."""
    until = time.monotonic() + LONG_PATIENCE
    reply = b""
    while reply != gives and time.monotonic() < until:
        with crowd(server.address, 1) as (client,), suppress(ConnectionError, Disconnected):
            reply = client.ask(*request)
    expect("reply to a new client", reply, equals=gives)
