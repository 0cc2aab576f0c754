"""A write load whose effect on the data tells exactly how much of it survived."""

from __future__ import annotations

from collections.abc import Callable

from client import Client
from load import Writer
from resp import NIL, OK, array, bulk, encode, integer

from grader.testkit import Program, expect

Numbered = Callable[[int], bytes]


class FourWriters:
    """Four clients, each with a kind of write of its own that shows whether it is all there."""

    def __init__(self) -> None:
        self._reached = [0, 0, 0, 0]

    def writers(self, server: Program) -> list[Writer]:
        kinds: tuple[tuple[Numbered, Numbered], ...] = (
            (lambda _: encode("INCR", "counter"), integer),
            (lambda n: encode("APPEND", "list", _piece(n)), lambda n: integer(len(_piece(n)) * n)),
            (lambda n: encode("SET", f"key {n}", _value(n)), lambda _: OK),
            (lambda n: encode("MSET", "left", _value(n), "right", _value(n)), lambda _: OK),
        )
        return [
            Writer(server.address, request, reply, after)
            for (request, reply), after in zip(kinds, self._reached, strict=True)
        ]

    def check_survivors(self, client: Client, turn: int, writers: list[Writer]) -> None:
        """What is there must be what some number of writes leaves, between the number that was
        acknowledged and the number that was sent."""
        for writer in writers:
            expect(f"wrong answers in turn {turn}", writer.wrong, equals=None)
        counter, appended, keys, pair = writers
        found = [
            self._count(client),
            self._pieces(client),
            self._keys(client, keys),
            self._pair(client, pair),
        ]
        for name, writer, number in zip(
            ("INCRs", "APPENDs", "SETs", "MSETs"),
            (counter, appended, keys, pair),
            found,
            strict=True,
        ):
            expect(
                f"{name} there after kill {turn}", number, within=(writer.acknowledged, writer.sent)
            )
        self._reached = found

    def _count(self, client: Client) -> int:
        reply = client.ask("GET", "counter")
        return 0 if reply == NIL else int(reply.split(b"\r\n")[1])

    def _pieces(self, client: Client) -> int:
        reply = client.ask("GET", "list")
        number = reply.count(b">")
        whole = bulk(b"".join(map(_piece, range(1, number + 1)))) if number else NIL
        expect("the value made by APPEND", reply, equals=whole)
        return number

    def _keys(self, client: Client, writer: Writer) -> int:
        """How many of the keys are there; none may be missing before one that is."""
        names = [f"key {number}" for number in range(1, writer.sent + 2)]
        client.send("EXISTS", *names)
        number = int(client.reply()[1:-2])
        expected = [bulk(_value(n)) for n in range(1, number + 1)]
        missing = [NIL] * (len(names) - number)
        client.check("MGET", *names, gives=array(*expected, *missing))
        return number

    def _pair(self, client: Client, writer: Writer) -> int:
        reply = client.ask("MGET", "left", "right")
        values = {array(*[bulk(_value(n))] * 2): n for n in range(writer.after, writer.sent + 1)}
        values |= {array(NIL, NIL): 0}
        expect("both values of MSET", reply, satisfies=(values.__contains__, "to be of one MSET"))
        return values[reply]


def _piece(number: int) -> bytes:
    return b"<%08d>" % number


def _value(number: int) -> bytes:
    """A value of its own for each number, of lengths up to about 1,000 bytes."""
    return (b"%d;" % number) * (1 + number * 7 % 150)
