"""Numbers and sentences: what the reports say in so many words."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model.grade import Score
from grader.model.limits import RunLimits
from grader.model.results import Stop
from grader.model.verdict import Status, Verdict
from grader.report.numbers import count, number, share, when
from grader.report.programs import ended
from grader.report.wording import VERDICTS, Tone, headline, status_sentence, tally
from tests.builders import case_result, grade, program, score


@pytest.mark.parametrize(
    ("value", "below", "written"),
    [
        (62.5, None, "62.5"),
        (100.0, None, "100"),
        (0.0, None, "0"),
        (33.333, None, "33.3"),
        (59.97, 60.0, "59.97"),
        (59.9999, 60.0, "59.9999"),
        (59.9999999999, 60.0, "59.9999"),
        (60.0, 60.0, "60"),
        (59.94, 60.0, "59.9"),
    ],
)
def test_rounding_never_reaches_what_the_value_does_not(
    value: float, below: float | None, written: str
) -> None:
    assert number(value, below=below) == written


def test_counts_shares_and_times() -> None:
    assert [count(1, "case"), count(1204, "case")] == ["1 case", "1,204 cases"]
    assert [share(1, 3), share(5, 4), share(1, 0)] == ["33.3", "100", "0"]
    assert when("2025-11-24T21:14:05+01:00") == "2025-11-24 20:14:05 UTC"
    assert when("last Tuesday") == "last Tuesday"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (score(62.5), "62.5 of 100 points, pass mark 60: passed"),
        (score(59.96), "59.96 of 100 points, pass mark 60: not passed"),
        (score(57.0, out_of=92), "57 of 92 points (62 %), pass mark 60 %: passed"),
        (score(0.0), "0 of 100 points, pass mark 60: not passed"),
    ],
)
def test_headline_of_a_score(given: Score, sentence: str) -> None:
    assert headline(grade(score=given)).sentence == sentence


@pytest.mark.parametrize(
    ("status", "sentence", "tone"),
    [
        (Status.BUILD_FAILED, "Not examined: the build failed", Tone.BAD),
        (Status.REJECTED, "Not examined: rejected at intake", Tone.BAD),
        (Status.INFRA_ERROR, "Not graded: a fault on our side", Tone.OPEN),
    ],
)
def test_headline_without_a_score(status: Status, sentence: str, tone: Tone) -> None:
    shown = headline(grade(status=status, score=None))
    assert (shown.sentence, shown.tone) == (sentence, tone)


def test_a_fault_of_ours_is_said_to_be_ours() -> None:
    sentence = status_sentence(grade(status=Status.INFRA_ERROR, score=None, attempts=3))
    assert "on our side after 3 attempts" in sentence
    assert "says nothing about the submission" in sentence


def test_tally_keeps_what_does_not_count_apart() -> None:
    verdicts = (Verdict.PASSED, Verdict.PASSED, Verdict.CRASHED, Verdict.FAILED, Verdict.NOT_RUN)
    cases = tuple(case_result(verdict=verdict) for verdict in verdicts)
    assert tally(cases) == "2 of 4 cases passed; 1 failed, 1 crashed. Not counted: 1 not run."
    assert tally(()) == "No case was run."


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words_and_a_tone_that_fits_its_weight(verdict: Verdict) -> None:
    words = VERDICTS[verdict]
    assert words.word == verdict.value.replace("_", " ")
    assert (words.tone is Tone.OPEN) == (not verdict.counts)
    assert (words.tone is Tone.GOOD) == (verdict is Verdict.PASSED)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"exit_code": 74}, "exit 74"),
        (
            {"signal": 9, "stopped": Stop.EXAMINER},
            "killed by signal 9 (by the examiner, as planned)",
        ),
        ({"signal": 11}, "killed by signal 11 (SIGSEGV)"),
        ({"signal": 40}, "killed by signal 40"),
        (
            {"signal": 9, "out_of_memory": True},
            "killed by signal 9 (SIGKILL; out of memory, limit 512 MiB)",
        ),
        (
            {"signal": 9, "stopped": Stop.WALL_TIME},
            "killed by signal 9 (ran longer than 2 min)",
        ),
        (
            {"signal": 9, "stopped": Stop.OUTPUT},
            "killed by signal 9 (printed more than 1 MiB)",
        ),
        (
            {"exit_code": 2, "process_limit_hits": 3},
            "exit 2 (refused a new process 3 times, limit 128)",
        ),
        ({"stopped": Stop.CLEANUP}, "stopped (at the end of the case, as planned)"),
        ({}, "end not recorded"),
    ],
)
def test_how_a_program_ended(end: dict[str, Any], words: str) -> None:
    assert ended(program(**end), RunLimits()) == words


@pytest.mark.parametrize("stop", Stop)
def test_every_reason_to_stop_a_cell_has_words(stop: Stop) -> None:
    assert "(" in ended(program(stopped=stop, signal=9), RunLimits())
