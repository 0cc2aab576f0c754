"""The words of the reports: outcomes, verdicts, and the sentences that explain them."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import NamedTuple, assert_never

from grader.model.grade import Grade, Score
from grader.model.results import CaseResult
from grader.model.verdict import Status, Verdict
from grader.report.numbers import count, number


class Tone(StrEnum):
    """How a result is marked: by a shape and a word, and by colour only beside them."""

    GOOD = "good"
    PART = "part"
    BAD = "bad"
    OPEN = "open"


class Words(NamedTuple):
    word: str
    meaning: str
    tone: Tone


VERDICTS: dict[Verdict, Words] = {
    Verdict.PASSED: Words("passed", "The program did what the case asks.", Tone.GOOD),
    Verdict.FAILED: Words("failed", "The program did something else than expected.", Tone.BAD),
    Verdict.CRASHED: Words("crashed", "The program ended when it should have run on.", Tone.BAD),
    Verdict.TIMED_OUT: Words("timed out", "The program took longer than allowed.", Tone.BAD),
    Verdict.MEMORY_EXCEEDED: Words(
        "memory exceeded", "The program used more memory than allowed.", Tone.BAD
    ),
    Verdict.OUTPUT_EXCEEDED: Words(
        "output exceeded", "The program printed more than allowed.", Tone.BAD
    ),
    Verdict.PROCESS_LIMIT: Words(
        "process limit", "The program wanted more processes or threads than allowed.", Tone.BAD
    ),
    Verdict.SKIPPED: Words(
        "skipped", "The suite left this case out; it does not count.", Tone.OPEN
    ),
    Verdict.NOT_RUN: Words(
        "not run", "This case could not be set up here; it does not count.", Tone.OPEN
    ),
    Verdict.INFRA_ERROR: Words(
        "infra error", "Our side failed, not the program; it does not count.", Tone.OPEN
    ),
}


class Headline(NamedTuple):
    """`figure` and `rest` make the large line, `outcome` the word beside it."""

    figure: str
    rest: str
    mark: str
    outcome: str
    tone: Tone

    @property
    def sentence(self) -> str:
        start = " ".join(part for part in (self.figure, self.rest) if part)
        return f"{start}{', ' + self.mark if self.mark else ''}: {self.outcome}"


def headline(grade: Grade) -> Headline:
    """The answer: `62.5 of 100 points, pass mark 60: passed`."""
    match grade.status:
        case Status.GRADED:
            if grade.score is None:
                return Headline("", "Graded", "", "no score", Tone.OPEN)
            return _scored(grade.score)
        case Status.BUILD_FAILED:
            return Headline("", "Not examined", "", "the build failed", Tone.BAD)
        case Status.REJECTED:
            return Headline("", "Not examined", "", "rejected at intake", Tone.BAD)
        case Status.INFRA_ERROR:
            return Headline("", "Not graded", "", "a fault on our side", Tone.OPEN)
    assert_never(grade.status)


def _scored(score: Score) -> Headline:
    outcome, tone = ("passed", Tone.GOOD) if score.passed else ("not passed", Tone.BAD)
    below = None if score.passed else score.pass_mark
    if score.out_of == 100:
        rest = "of 100 points"
        figure = number(score.points, below=below)
        return Headline(figure, rest, f"pass mark {number(score.pass_mark)}", outcome, tone)
    percent = number(score.percent, below=below)
    rest = f"of {number(score.out_of)} points ({percent} %)"
    figure = number(score.points, below=score.out_of)
    return Headline(figure, rest, f"pass mark {number(score.pass_mark)} %", outcome, tone)


def status_sentence(grade: Grade) -> str:
    """What happened, for somebody who reads one sentence."""
    match grade.status:
        case Status.GRADED:
            return tally(tuple(case for line in grade.criteria for case in line.cases))
        case Status.BUILD_FAILED:
            return "The submission did not build, so no case was run and no points were given."
        case Status.REJECTED:
            return "The submission was refused before anything of it was built or run."
        case Status.INFRA_ERROR:
            tries = count(grade.attempts, "attempt")
            return (
                f"Grading broke down on our side after {tries}. This says nothing about the "
                "submission: mend the cause below and grade it again."
            )
    assert_never(grade.status)


def tally(cases: tuple[CaseResult, ...]) -> str:
    """`21 of 24 cases passed; 2 failed, 1 crashed. Not counted: 1 not run.`"""
    counted = [case for case in cases if case.verdict.counts]
    if not cases:
        return "No case was run."
    passed = sum(case.verdict is Verdict.PASSED for case in counted)
    wrong = _amounts([case for case in counted if case.verdict is not Verdict.PASSED])
    text = f"{passed:,} of {count(len(counted), 'case')} passed" + (f"; {wrong}." if wrong else ".")
    open_ones = _amounts([case for case in cases if not case.verdict.counts])
    return f"{text} Not counted: {open_ones}." if open_ones else text


def _amounts(cases: list[CaseResult]) -> str:
    amounts = Counter(case.verdict for case in cases)
    return ", ".join(
        f"{amounts[each]:,} {VERDICTS[each].word}" for each in Verdict if each in amounts
    )
