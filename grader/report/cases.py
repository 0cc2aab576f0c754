"""One case as a reader sees it: what it asks, what happened, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.limits import Limits
from grader.model.quantity import show_seconds
from grader.model.results import CaseResult, Step
from grader.model.untrusted import Untrusted
from grader.model.verdict import Verdict
from grader.report.excerpt import Excerpt, Ration, clip, few, first_line
from grader.report.numbers import count, number
from grader.report.programs import ProgramView, program_view
from grader.report.wording import VERDICTS, Tone

COST = 3_000
"""Bytes of markup that a case takes beside the candidate's text, generously."""

STEPS, STEP_COST, STEP_SHOWN = 240, 150, 4_000
PROGRAMS, PROGRAM_COST = 20, 1_000
EVIDENCE_SHOWN = 16_000

_ENDED_BADLY = {
    Verdict.CRASHED,
    Verdict.MEMORY_EXCEEDED,
    Verdict.OUTPUT_EXCEEDED,
    Verdict.PROCESS_LIMIT,
}
"""Where the end of the program is the evidence."""

_STEP_WORDS = {"send": "sent", "receive": "received", "run": "ran"}
_ON_THE_WIRE = {"send", "receive"}


@dataclass(frozen=True, slots=True)
class StepView:
    at: str
    word: str
    text: Excerpt


@dataclass(frozen=True, slots=True)
class CaseView:
    """`reason` is the one line for lists; `opened` says that the report shows the case unfolded."""

    anchor: str
    id: str
    title: str
    word: str
    tone: Tone
    worth: str
    reason: Untrusted | None
    brief: str
    explanation: str
    expected: Excerpt | None
    seen: Excerpt | None
    message: Excerpt | None
    limits_hit: tuple[str, ...]
    programs: tuple[ProgramView, ...]
    programs_count: str
    programs_note: str
    programs_opened: bool
    steps: tuple[StepView, ...]
    steps_count: str
    steps_note: str
    took: str
    opened: bool


def case_view(
    result: CaseResult, *, number_in_report: int, worth: float, opened: bool, limits: Limits,
    ration: Ration,
) -> CaseView:  # fmt: skip
    """Evidence is rationed in the order of its weight: the difference first, transcripts last."""
    words = VERDICTS[result.verdict]
    shown = [_wire(text) if text else None for text in (result.expected, result.seen)]
    expected, seen = (ration.excerpt(text, EVIDENCE_SHOWN) for text in shown)
    message = ration.excerpt(_beyond_reason(result.message), EVIDENCE_SHOWN)
    runs = [run for run in result.programs[:PROGRAMS] if ration.spend(PROGRAM_COST)]
    steps = _steps(result.transcript, ration)
    return CaseView(
        anchor=f"case-{number_in_report}",
        id=clip(result.case.id, 200),
        title=clip(result.case.title, 200).rstrip("."),
        word=words.word,
        tone=words.tone,
        worth=_worth(worth, words.tone),
        reason=_reason(result),
        brief=clip(result.case.brief, 1000),
        explanation=clip(result.explanation, 2000) or words.meaning,
        expected=expected,
        seen=seen,
        message=message,
        limits_hit=few(result.limits_hit, 10),
        programs=tuple(program_view(run, limits.run, ration) for run in runs),
        programs_count=f"{len(result.programs):,}",
        programs_note=_rest(len(result.programs) - len(runs), "start"),
        programs_opened=opened and result.verdict in _ENDED_BADLY,
        steps=steps,
        steps_count=count(len(result.transcript), "step"),
        steps_note=_rest(len(result.transcript) - len(steps), "step"),
        took=show_seconds(result.duration),
        opened=opened,
    )


def _worth(worth: float, tone: Tone) -> str:
    if tone is Tone.OPEN:
        return "does not count"
    text = number(worth)
    return f"{text} {'point' if text == '1' else 'points'}"


def _reason(result: CaseResult) -> Untrusted | None:
    """One line that says why: the suite's message, else the difference, else the explanation."""
    if VERDICTS[result.verdict].tone is Tone.GOOD:
        return None
    if result.message is not None:
        return first_line(result.message)
    if result.expected is not None and result.seen is not None:
        expected, seen = first_line(result.expected, 80).text, first_line(result.seen, 80).text
        text = f"expected {expected}, seen {seen}"
    else:
        text = result.explanation or VERDICTS[result.verdict].meaning
    return first_line(Untrusted(text=text, total_bytes=len(text.encode("utf-8", "replace"))))


def _beyond_reason(message: Untrusted | None) -> Untrusted | None:
    """The message where it says more than the one line that is shown of it anyway."""
    if message is None or message.text.strip() == first_line(message).text:
        return None
    return message


def _steps(transcript: tuple[Step, ...], ration: Ration) -> tuple[StepView, ...]:
    kept = transcript
    if len(transcript) > STEPS:
        kept = transcript[: STEPS // 2] + transcript[-STEPS // 2 :]
    views = []
    for step in kept:
        if not ration.spend(STEP_COST):
            break
        text = _wire(step.text) if step.kind in _ON_THE_WIRE else step.text
        excerpt = ration.excerpt(text, STEP_SHOWN) or Excerpt(text)
        word = _STEP_WORDS.get(step.kind, clip(step.kind, 12))
        views.append(StepView(f"{step.at:.3f}", word, excerpt))
    return tuple(views)


def _wire(text: Untrusted) -> Untrusted:
    """The line ends of network protocols, written out and then broken: `PING\\r\\n`."""
    if "\r\n" not in text.text:
        return text
    lines = text.text.replace("\r\n", "\\r\\n\n").removesuffix("\n")
    return text.model_copy(update={"text": lines})


def _rest(amount: int, noun: str) -> str:
    return f"{count(amount, 'further ' + noun)} in grade.json" if amount > 0 else ""
