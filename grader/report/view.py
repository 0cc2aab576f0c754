"""A grade as its readers see it: every word, rounding and order is settled here.

The view belongs to no sink. Text of the candidate's stays `Untrusted` in it, and each sink passes
everything, ours too, through `grader.escape`. Templates and tables only lay out.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from grader.model.grade import Grade
from grader.model.quantity import show_bytes, show_seconds
from grader.model.results import BuildResult, Reason
from grader.model.verdict import Status
from grader.report import facts as small_print
from grader.report.cases import COST, CaseView, case_view
from grader.report.criteria import (
    LINES,
    CriterionView,
    Place,
    ReviewedView,
    criterion_views,
    reviewed_views,
    worths,
)
from grader.report.excerpt import Excerpt, Ration, clip, few
from grader.report.facts import Fact, LimitView, PhaseView
from grader.report.first import LossView, loss_views, losses
from grader.report.numbers import share
from grader.report.wording import VERDICTS, Headline, Tone, headline, status_sentence

LOG_SHOWN = 96_000


@dataclass(frozen=True, slots=True)
class ScaleView:
    """The score as a length: both in percent of what could be earned."""

    share: str
    mark: str
    mark_words: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    code: str
    message: str
    details: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True)
class BuildView:
    sentence: str
    command: str
    facts: tuple[Fact, ...]
    log: Excerpt | None
    failed: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    assignment: str
    title: str
    headline: Headline
    sentence: str
    scale: ScaleView | None
    byline: tuple[Fact, ...]
    reason: ReasonView | None
    losses: tuple[LossView, ...]
    notices: tuple[str, ...]
    criteria: tuple[CriterionView, ...]
    reviewed: tuple[ReviewedView, ...]
    build: BuildView | None
    submission: tuple[Fact, ...]
    record: tuple[Fact, ...]
    environment_notes: tuple[str, ...]
    limits: tuple[LimitView, ...]
    phases: tuple[PhaseView, ...]


def report_view(grade: Grade, ration: Ration | None = None) -> ReportView:
    """`ration` bounds the evidence in bytes of HTML; failed cases are served before passed ones."""
    room = ration or Ration()
    build = _build(grade.build, grade.status, room) if grade.build else None
    found = losses(grade.criteria)
    leading = {place for loss in found for place in loss.shown}
    cases = _cases(grade, leading, room)
    head, pack = headline(grade), grade.assignment
    return ReportView(
        assignment=clip(pack.title),
        title=clip(f"{pack.id}: {head.sentence}"),
        headline=head,
        sentence=status_sentence(grade),
        scale=_scale(grade),
        byline=small_print.byline(grade.submission),
        reason=_reason(grade.reason or (grade.build.reason if grade.build else None)),
        losses=loss_views(found, cases),
        notices=few(grade.submission.notices) if grade.submission else (),
        criteria=criterion_views(grade.criteria, cases),
        reviewed=reviewed_views(grade.criteria),
        build=build,
        submission=small_print.submission_facts(grade.submission) if grade.submission else (),
        record=small_print.record_facts(grade),
        environment_notes=small_print.environment_notes(grade),
        limits=small_print.limit_views(grade.limits),
        phases=small_print.phase_views(grade),
    )


def _cases(grade: Grade, leading: set[Place], room: Ration) -> dict[Place, CaseView]:
    """Views by place. Those to look at first are made first, then other failures, then the rest."""
    places = [
        (place, index)
        for place, line in enumerate(grade.criteria[:LINES])
        for index in range(len(line.cases))
    ]
    numbers = {place: count for count, place in enumerate(places, start=1)}

    def rank(place: Place) -> int:
        if place in leading:
            return 0
        tone = VERDICTS[grade.criteria[place[0]].cases[place[1]].verdict].tone
        return {Tone.BAD: 1, Tone.OPEN: 2}.get(tone, 3)

    worth = [worths(line) for line in grade.criteria]
    views = {}
    for place in sorted(places, key=rank):
        if not room.spend(COST):
            break
        views[place] = case_view(
            grade.criteria[place[0]].cases[place[1]],
            number_in_report=numbers[place],
            worth=worth[place[0]][place[1]],
            opened=place in leading,
            limits=grade.limits,
            ration=room,
        )
    return views


def _scale(grade: Grade) -> ScaleView | None:
    if grade.score is None:
        return None
    mark = grade.score.pass_mark
    words = headline(grade).mark
    return ScaleView(share(grade.score.percent, 100), share(mark, 100), words)


def _reason(reason: Reason | None) -> ReasonView | None:
    if reason is None:
        return None
    return ReasonView(
        clip(reason.code, 60), clip(reason.message, 2000), few(reason.details), clip(reason.hint)
    )


def _build(build: BuildResult, status: Status, room: Ration) -> BuildView:
    took = show_seconds(build.wall_time)
    if build.artifact is None:
        sentence = f"The build ended without a program after {took}."
    elif build.cached:
        sentence = f"Taken from the build cache; the build took {took} when it was made."
    else:
        sentence = f"Built in {took}."
    rows = [Fact("Image", clip(build.image), exact=True)]
    if build.artifact is not None:
        rows.append(Fact("Program", show_bytes(build.artifact.size)))
        rows.append(Fact("Digest", clip(build.artifact.digest), exact=True))
    return BuildView(
        sentence=sentence,
        command=clip(shlex.join(build.command[:100]), 2000),
        facts=tuple(rows),
        log=room.excerpt(build.log, LOG_SHOWN) if build.log.text else None,
        failed=status is Status.BUILD_FAILED,
    )
