"""kill -9, restart, torn and damaged logs, and full disks."""

from __future__ import annotations

import random

import pytest
from client import ARGUMENTS, LONG_PATIENCE, Client, check_refuses_to_start, start, start_again
from four_writers import FourWriters
from load import write_until
from resp import NIL, OK, array, bulk, encode, integer

from grader.testkit import Disconnected, Launcher, Program, ProgramExited, expect

shared = pytest.mark.redis_shared
both_modes = pytest.mark.parametrize("fsync", ["always", "everysec"])

LOG = "camelkv.log"
MEBIBYTE = 1024 * 1024
STOPS_WITHIN = 8.0
"""The brief says 5 s; the rest is for a busy machine to tell us about the exit."""


@shared
@both_modes
def test_every_command_survives_kill(candidate: Launcher, fsync: str) -> None:
    """What every writing command did is there after kill -9

    Brief: "With `--fsync always` or `--fsync everysec`, an acknowledged write survives `kill -9` of
    the server."
    """
    server = start(candidate, "--fsync", fsync)
    client = Client.of(server)
    client.check("MSET", "gone", "1", "kept", "2", gives=OK)
    client.check("FLUSHALL", gives=OK)
    client.check("MSET", "a", "1", "b", "2", "c", "3", gives=OK)
    client.check("SET", "a", "over", gives=OK)
    client.check("SET", "a", "not", "NX", gives=NIL)
    client.check("SET", "new", "x", "NX", gives=OK)
    client.check("SET", "new", "y", "XX", gives=OK)
    client.check("DEL", "b", "none", gives=integer(1))
    client.check("APPEND", "c", "4", gives=integer(2))
    client.check("APPEND", "text", "first", gives=integer(5))
    client.check("INCR", "c", gives=integer(35))
    client.check("DECRBY", "n", 2**63 - 1, gives=integer(1 - 2**63))
    client.check("DECR", "n", gives=integer(-(2**63)))
    server.kill()
    client = Client.of(start_again(server))
    client.check("DBSIZE", gives=integer(5))
    client.check("MGET", "a", "b", "c", gives=array(bulk("over"), NIL, bulk("35")))
    client.check("MGET", "new", "text", "n", gives=array(bulk("y"), bulk("first"), bulk(-(2**63))))
    client.check("MGET", "gone", "kept", gives=array(NIL, NIL))


@shared
def test_flushall_survives(server: Program) -> None:
    """After FLUSHALL and kill -9 nothing from before comes back

    Brief: "With `--fsync always` or `--fsync everysec`, an acknowledged write survives `kill -9` of
    the server."
    """
    client = Client.of(server)
    for number in range(200):
        client.check("SET", f"k{number}", number, gives=OK)
    client.check("FLUSHALL", gives=OK)
    client.check("SET", "after", "flush", gives=OK)
    server.kill()
    client = Client.of(start_again(server))
    client.check("DBSIZE", gives=integer(1))
    client.check("MGET", "after", "k7", gives=array(bulk("flush"), NIL))


@shared
def test_binary_data_survives(server: Program, rng: random.Random) -> None:
    """Keys and values of any bytes and many sizes survive kill -9 unchanged

    Brief: "Keys and values are binary-safe: any byte is allowed in them, CR, LF and NUL included,
    and both may be empty."
    """
    tricky = (b"", b"\n", b"\r\n", b"\0", b"*1\r\n$4\r\nPING\r\n", bytes(range(256)))
    sizes = (0, 1, 255, 256, 4096, 65535, 65536, 5 * MEBIBYTE)
    data = {key: key + b"!" for key in tricky} | {b"%d" % n: rng.randbytes(n) for n in sizes}
    client = Client.of(server, LONG_PATIENCE)
    for key, value in data.items():
        client.check("SET", key, value, gives=OK)
    server.kill()
    client = Client.of(start_again(server), LONG_PATIENCE)
    client.check("DBSIZE", gives=integer(len(data)))
    for key, value in data.items():
        client.check("GET", key, gives=bulk(value))


@shared
@pytest.mark.time_limit(90)
@both_modes
def test_kill_under_load(candidate: Launcher, rng: random.Random, fsync: str) -> None:
    """Killed at random moments of heavy writing, the server loses nothing acknowledged

    Brief: "What survives is a whole number of writes in the order they were executed: never half a
    value, never half an `MSET`, never a later write without an earlier one."
    """
    server = start(candidate, "--fsync", fsync)
    load = FourWriters()
    for turn in range(4):
        writers = load.writers(server)
        write_until(writers, rng.randrange(50, 3000), server.kill)
        server = start_again(server)
        load.check_survivors(Client.of(server, LONG_PATIENCE), turn, writers)


@shared
def test_restarts_change_nothing(server: Program) -> None:
    """Three restarts leave the data as it was: nothing is executed twice

    Brief: "Its format is yours; the server reads it at the start and must accept what an earlier
    run of the same program left."
    """
    client = Client.of(server)
    client.check("INCRBY", "n", 5, gives=integer(5))
    client.check("APPEND", "text", "abc", gives=integer(3))
    client.check("MSET", "a", "1", "b", "2", gives=OK)
    client.check("DEL", "a", gives=integer(1))
    for turn in range(1, 4):
        server = start_again(server)
        client = Client.of(server)
        client.check("MGET", "n", "text", "a", gives=array(bulk(4 + turn), bulk("abc"), NIL))
        client.check("DBSIZE", gives=integer(3))
        client.check("INCR", "n", gives=integer(5 + turn))


@shared
def test_killed_while_it_starts(candidate: Launcher, rng: random.Random) -> None:
    """Killed while it recovers, the server recovers the same data the next time

    Brief: "Being killed during recovery costs nothing: the next start recovers the same data."
    """
    server = start(candidate)
    client = Client.of(server, LONG_PATIENCE)
    values = [rng.randbytes(100) for _ in range(20_000)]
    requests = b"".join(encode("SET", number % 5000, v) for number, v in enumerate(values))
    client.send_raw(requests)
    replies = client.connection.receive(len(OK) * len(values))
    expect("replies to 20,000 SETs", replies, equals=OK * len(values))
    server.kill()
    for _ in range(3):
        server = candidate.start(*ARGUMENTS, data=server.data, wait=None)
        server.kill()
    client = Client.of(start_again(server), LONG_PATIENCE)
    client.check("DBSIZE", gives=integer(5000))
    client.check("MGET", *range(5000), gives=array(*map(bulk, values[15_000:])))


@shared
@pytest.mark.parametrize("fsync", ["always", "everysec", "never"])
def test_sigterm(candidate: Launcher, fsync: str) -> None:
    """SIGTERM stops the server with code 0 within 5 s, and everything acknowledged is kept

    Brief: "After a clean stop with SIGTERM every acknowledged write is there again, whatever
    `--fsync` says."
    """
    server = start(candidate, "--fsync", fsync)
    client, half = Client.of(server), Client.of(server)
    half.send_raw(encode("SET", "half", "v")[:-4])
    for number in range(1, 301):
        client.check("APPEND", "text", "0123456789", gives=integer(10 * number))
    server.terminate()
    expect("exit code after SIGTERM", server.wait(STOPS_WITHIN).code, equals=0)
    client = Client.of(start_again(server))
    client.check("GET", "text", gives=bulk("0123456789" * 300))
    client.check("EXISTS", "half", "text", gives=integer(1))


@shared
@pytest.mark.time_limit(60)
def test_sigterm_under_load(candidate: Launcher, rng: random.Random) -> None:
    """Stopped with SIGTERM in the middle of writing, the server keeps what it acknowledged

    Brief: "After a clean stop with SIGTERM every acknowledged write is there again, whatever
    `--fsync` says."
    """
    server = start(candidate, "--fsync", "never")
    load = FourWriters()
    for turn in range(2):
        writers = load.writers(server)
        write_until(writers, rng.randrange(50, 2000), server.terminate)
        expect("exit code after SIGTERM", server.wait(STOPS_WITHIN).code, equals=0)
        server = start_again(server)
        load.check_survivors(Client.of(server, LONG_PATIENCE), turn, writers)


def test_torn_record(server: Program, rng: random.Random) -> None:
    """A log that ends inside its last record loses that record, says so once, and goes on

    Brief: "A last record that is incomplete, because the file ends inside it, is dropped with one
    line on stderr, and the server starts with all records before it."
    """
    client = Client.of(server)
    for turn, cut in enumerate((0.0, 1.0, 0.5, rng.random())):
        client.check("SET", f"whole {turn}", rng.randbytes(30), gives=OK)
        before = server.data.size(LOG)
        client.check("SET", "torn", rng.randbytes(60), gives=OK)
        server.kill()
        length = server.data.size(LOG) - before
        expect(f"bytes that a SET adds to {LOG}", length, within=(10, 10_000))
        server.data.truncate(LOG, before + 1 + round(cut * (length - 2)))
        server = start_again(server)
        client = Client.of(server)
        client.check("GET", "torn", gives=NIL)
        client.check("DBSIZE", gives=integer(turn + 1))
        server.stderr.wait_for(r"\S.*\n", within=LONG_PATIENCE)


def test_torn_record_is_removed(server: Program) -> None:
    """What is written after a torn record was dropped is found again at the next start

    Brief: "The torn record is removed for good: what is written after that start is found again at
    the next one."
    """
    client = Client.of(server)
    client.check("INCRBY", "n", 10, gives=integer(10))
    client.check("SET", "torn", "x" * 500, gives=OK)
    server.kill()
    server.data.truncate(LOG, server.data.size(LOG) - 250)
    server = start_again(server)
    client = Client.of(server)
    client.check("INCR", "n", gives=integer(11))
    client.check("SET", "after", "y" * 50, gives=OK)
    server.kill()
    server = start_again(server)
    client = Client.of(server)
    client.check("MGET", "n", "torn", "after", gives=array(bulk("11"), NIL, bulk("y" * 50)))


def test_torn_first_record(server: Program) -> None:
    """A log that holds nothing but a torn record is an empty data set

    Brief: "A last record that is incomplete, because the file ends inside it, is dropped with one
    line on stderr, and the server starts with all records before it."
    """
    client = Client.of(server)
    client.check("SET", "only", "x" * 100, gives=OK)
    server.kill()
    server.data.truncate(LOG, server.data.size(LOG) - 50)
    client = Client.of(start_again(server))
    client.check("DBSIZE", gives=integer(0))
    client.check("SET", "only", "again", gives=OK)
    client.check("GET", "only", gives=bulk("again"))


def test_torn_mset(server: Program) -> None:
    """Of a torn MSET nothing is left, not even its first pairs

    Brief: "What survives is a whole number of writes in the order they were executed: never half a
    value, never half an `MSET`, never a later write without an earlier one."
    """
    client = Client.of(server)
    client.check("SET", "k3", "before", gives=OK)
    pairs = [word for number in range(10) for word in (f"k{number}", f"{number}" * 100)]
    client.check("MSET", *pairs, gives=OK)
    server.kill()
    server.data.truncate(LOG, server.data.size(LOG) - 20)
    client = Client.of(start_again(server))
    client.check("DBSIZE", gives=integer(1))
    client.check("MGET", "k0", "k3", "k9", gives=array(NIL, bulk("before"), NIL))


@pytest.mark.parametrize("damaged", ["first", "middle", "last but one"])
def test_damaged_record(
    candidate: Launcher, server: Program, rng: random.Random, damaged: str
) -> None:
    """A changed byte before the last record stops the start, and the message says where

    Brief: "A damaged record with more records after it makes the server exit with code 74 before it
    listens, with one line on stderr that names the byte offset of that record in decimal digits."
    """
    client = Client.of(server)
    client.check("SET", "a", "first", gives=OK)
    starts = []
    for number in range(9):
        starts.append(server.data.size(LOG))
        client.check("SET", f"k{number}", rng.randbytes(1000), gives=OK)
    record = {"first": 0, "middle": 4, "last but one": 7}[damaged]
    server.kill()
    server.data.flip_byte(LOG, starts[record] + 500)
    refusing = candidate.start(*ARGUMENTS, data=server.data, wait=None)
    stderr = check_refuses_to_start(refusing, 74, "a damaged log")
    named = rf"(?<![0-9]){starts[record]}(?![0-9])"
    expect("stderr, which names the offset of the record", stderr, matches=named)


def test_damaged_last_record(candidate: Launcher, server: Program) -> None:
    """A last record that is whole but changed is dropped or refused, and never served

    Brief: "A complete last record whose checksum does not match may be treated either way."
    """
    client = Client.of(server)
    client.check("SET", "k", "old", gives=OK)
    client.check("SET", "k", "good" * 100, gives=OK)
    server.kill()
    server.data.flip_byte(LOG, server.data.size(LOG) - 200)
    again = candidate.start(*ARGUMENTS, data=server.data, wait=None)
    try:
        again.stdout.wait_for("^ready", within=LONG_PATIENCE)
    except ProgramExited:
        expect("exit code", again.wait(LONG_PATIENCE).code, equals=74)
    else:
        Client.of(again).check("GET", "k", gives=bulk("old"))


def test_log_only_grows(server: Program) -> None:
    """What is in the log stays as it is, while the server runs and when it starts again

    Brief: "The log is the one file `camelkv.log` in `DIR`, and the server only ever appends to it,
    apart from cutting off a torn end."
    """
    before = b""
    for turn in range(1, 4):
        client = Client.of(server)
        client.check("SET", "k", f"{turn}" * 100, gives=OK)
        client.check("DEL", "k", gives=integer(1))
        client.check("INCR", "n", gives=integer(turn))
        now = server.data.read(LOG)
        grew = (lambda log, old=before: len(log) > len(old) and log.startswith(old), "to grow")
        expect(f"{LOG} after turn {turn}", now, satisfies=grew)
        before = now
        server = start_again(server)


def test_full_disk(server: Program) -> None:
    """With a full disk a write is refused, or the server exits; no acknowledged write is lost

    Brief: "After such a failure the server either answers writes with an error that starts with
    `-MISCONF` and goes on serving reads, or exits with code 74; NOTES.md says which."
    """
    client = Client.of(server, LONG_PATIENCE)
    for number in range(50):
        client.check("SET", f"k{number}", f"value {number}", gives=OK)
    server.data.fill()
    expected = {f"k{number}": f"value {number}" for number in range(50)}
    try:
        client.check_start("SET", "big", "x" * 100_000, gives=b"-MISCONF")
        client.check("GET", "k7", gives=bulk("value 7"))
        server.data.release()
        if client.ask("SET", "after", "release") == OK:
            expected["after"] = "release"
    except Disconnected:
        expect("exit code", server.wait(LONG_PATIENCE).code, equals=74)
    server.kill()
    server.data.release()
    client = Client.of(start_again(server), LONG_PATIENCE)
    client.check("MGET", *expected, gives=array(*map(bulk, expected.values())))
    client.check("SET", "big", "small", gives=OK)
    client.check("GET", "big", gives=bulk("small"))


def test_disk_that_fills_up(server: Program) -> None:
    """When the disk fills up under a pipeline, exactly what was acknowledged is safe

    Brief: "If writing or synchronising the log fails, the write it was for is never acknowledged."
    """
    client = Client.of(server, LONG_PATIENCE)
    client.check("SET", "first", "kept", gives=OK)
    server.data.fill(leave=256 * 1024)
    values = [f"{number};" * 4000 for number in range(60)]
    replies: list[bytes] = []
    try:
        client.send_raw(b"".join(encode("SET", f"k{n}", v) for n, v in enumerate(values)))
        for _ in values:
            replies.append(client.reply())
            expect("reply to SET", replies[-1], matches=rb"\A(\+OK|-MISCONF[^\r\n]*)\r\n\Z")
    except Disconnected:
        expect("exit code", server.wait(LONG_PATIENCE).code, equals=74)
    expect("acknowledged writes", replies.count(OK), within=(0, len(values) - 1))
    server.kill()
    server.data.release()
    client = Client.of(start_again(server), LONG_PATIENCE)
    client.check("GET", "first", gives=bulk("kept"))
    for number, value in enumerate(values):
        safe = replies[number : number + 1] == [OK]
        allowed = (bulk(value),) if safe else (bulk(value), NIL)
        words = "to be there" if safe else "to be whole or not there"
        seen = client.ask("GET", f"k{number}")
        expect(f"value {number}", seen, satisfies=(allowed.__contains__, words))
