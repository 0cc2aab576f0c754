"""What a report shows of a case: escaped bytes, bounded excerpts, expectations, transcripts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from grader.testkit import InfraFault, Mismatch, expect
from grader.testkit import transcript as transcripts
from grader.testkit.excerpt import Excerpt, show
from grader.testkit.transcript import Transcript


@pytest.fixture(autouse=True)
def transcript() -> Transcript:
    return transcripts.begin()


def texts(transcript: Transcript) -> list[str]:
    return [step.text.text for step in transcript.steps()]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"+OK\r\n", r"+OK\r\n"),
        (b"", "(no bytes)"),
        (b"\x00\x1b[31m\xff\x7f", r"\x00\x1b[31m\xff\x7f"),
        (b"\\n\t", r"\\n\t"),
        (bytearray(b"a\n"), r"a\n"),
        ("two\nlines", "two\nlines"),
        ("", "(empty text)"),
        (None, "None"),
        (("a", b"b"), "('a', b'b')"),
    ],
)
def test_values_are_shown_as_a_person_reads_them(value: object, shown: str) -> None:
    assert show(value) == shown


def test_a_long_text_keeps_its_head_and_tail() -> None:
    excerpt = Excerpt.of("h" * 60 + "t" * 60, keep=60)
    assert excerpt.text == "h" * 40 + "\n[... 60 bytes not kept ...]\n" + "t" * 20
    assert (excerpt.total_bytes, excerpt.truncated) == (120, True)
    assert Excerpt.of("\udc80").wire() == {"text": "?", "total_bytes": 1, "truncated": False}


@pytest.mark.parametrize(
    ("seen", "condition"),
    [
        (b"+OK\r\n", {"equals": b"+OK\r\n"}),
        (None, {"equals": None}),
        (b"-ERR unknown command 'x'\r\n", {"matches": r"^-ERR unknown"}),
        (b"-ERR\r\n", {"matches": re.compile("^-err", re.IGNORECASE)}),
        ("port=1", {"matches": r"port=\d+$"}),
        (b"ab", {"matches": b"b$"}),
        (0.5, {"within": (0, 1)}),
        ((1, 2), {"contains": 2}),
        (b"abc", {"contains": b"bc"}),
        (4, {"satisfies": (lambda n: n % 2 == 0, "an even number")}),
    ],
)
def test_what_holds_is_returned_and_recorded(
    transcript: Transcript, seen: Any, condition: dict[str, Any]
) -> None:
    assert expect("it", seen, **condition) is seen
    (step,) = transcript.steps()
    assert step.kind == "check"
    assert step.text.text.startswith("it: ")


@pytest.mark.parametrize(
    ("seen", "condition", "expected", "shown"),
    [
        (b"+PONG\r\n", {"equals": b"+OK\r\n"}, r"+OK\r\n", r"+PONG\r\n"),
        (b"", {"equals": b"$0\r\n\r\n"}, r"$0\r\n\r\n", "(no bytes)"),
        (b"+OK\r\n", {"matches": "^-ERR"}, "to match ^-ERR", r"+OK\r\n"),
        (7, {"within": (0, 1.5)}, "from 0 to 1.5", "7"),
        (None, {"within": (0, 1)}, "from 0 to 1", "None"),
        ("7", {"within": (0, 1)}, "from 0 to 1", "7"),
        ([1], {"contains": 2}, "to contain 2", "[1]"),
        (b"a", {"contains": "a"}, "to contain a", "a"),
        (3, {"satisfies": (lambda n: n % 2 == 0, "an even number")}, "an even number", "3"),
        (None, {"matches": "x"}, "to match x", "None"),
    ],
)
def test_what_does_not_hold_is_a_mismatch(
    transcript: Transcript, seen: Any, condition: dict[str, Any], expected: str, shown: str
) -> None:
    with pytest.raises(Mismatch) as caught:
        expect("it", seen, **condition)
    assert (caught.value.expected.text, caught.value.seen.text) == (expected, shown)
    assert str(caught.value) == f"it: expected {expected}, saw {shown}"
    assert texts(transcript) == ["not as expected: it"]


def test_long_values_are_shown_around_their_first_difference() -> None:
    common = bytes(range(256)) * 1000
    with pytest.raises(Mismatch) as caught:
        expect("the value", common + b"x" * 9000, equals=common + b"yes")
    assert caught.value.expected.text.startswith(r"[255936 before] \xc0\xc1")
    assert caught.value.expected.text.endswith(r"\xffyes (length 256003)")
    assert caught.value.seen.text.endswith("xxx [8552 after] (length 265000)")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("conditions", [{}, {"equals": 1, "contains": 1}, {"matches": "("}])
def test_a_wrong_expectation_is_the_suites_fault(conditions: dict[str, Any]) -> None:
    with pytest.raises(InfraFault):
        expect("it", "text", **conditions)


def test_a_transcript_keeps_its_first_and_last_steps(transcript: Transcript) -> None:
    for number in range(1000):
        transcript.note(str(number))
    shown = texts(transcript)
    assert shown[:120] == [str(number) for number in range(120)]
    assert shown[120] == "[... 800 steps not kept ...]"
    assert shown[121:] == [str(number) for number in range(920, 1000)]


def test_bytes_in_a_transcript_are_cut(transcript: Transcript) -> None:
    transcript.add_bytes("send", b"a" * 10_000_000, "[1] ")
    (step,) = transcript.steps()
    assert step.text.total_bytes == 10_000_000
    assert step.text.truncated
    assert len(step.text.text) < 5000
