"""The small print: what was taken in, what it ran on, which limits held, where the time went."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.grade import Grade
from grader.model.limits import Limits
from grader.model.quantity import show_bytes, show_seconds
from grader.model.submission import SourceKind, Submission
from grader.model.untrusted import Untrusted
from grader.report.excerpt import clip, few, first_line
from grader.report.numbers import count, share, when

_SOURCES = {
    SourceKind.GIT_PATH: "local git repository",
    SourceKind.GIT_URL: "git URL",
    SourceKind.FOLDER: "plain folder",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value; `exact` values are digests, names and the like."""

    label: str
    value: Untrusted | str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class LimitView:
    label: str
    build: str
    run: str


@dataclass(frozen=True, slots=True)
class PhaseView:
    name: str
    took: str
    share: str


def byline(submission: Submission | None) -> tuple[Fact, ...]:
    """Who and what, for the head of the report."""
    if submission is None:
        return ()
    facts = []
    if submission.author is not None:
        facts.append(Fact("Author", first_line(submission.author, 80)))
    if submission.commit is not None:
        facts.append(Fact("Commit", submission.commit[:12], exact=True))
    if submission.subject is not None:
        facts.append(Fact("Subject", first_line(submission.subject, 80)))
    facts.append(Fact("Received", when(submission.received_at)))
    return tuple(facts)


def submission_facts(submission: Submission) -> tuple[Fact, ...]:
    label, size = first_line(submission.label, 400), show_bytes(submission.size)
    facts = [
        Fact("Source", label, exact=True),
        Fact("Kind", _SOURCES[submission.kind]),
        Fact("Commit", clip(submission.commit or "none: taken as it lay there"), exact=True),
    ]
    if submission.ref is not None:
        facts.append(Fact("Ref", first_line(submission.ref), exact=True))
    if submission.author is not None:
        facts.append(Fact("Author", first_line(submission.author)))
    if submission.subject is not None:
        facts.append(Fact("Subject", first_line(submission.subject)))
    if submission.committed_at is not None:
        facts.append(Fact("Committed", f"{when(submission.committed_at)}, by the author's clock"))
    return (
        *facts,
        Fact("Received", f"{when(submission.received_at)}, by ours"),
        Fact("Content", f"{count(submission.files, 'file')}, {size}"),
        Fact("Digest", clip(submission.digest), exact=True),
    )


def record_facts(grade: Grade) -> tuple[Fact, ...]:
    pack, ran = grade.assignment, grade.environment
    facts = [
        Fact("Grade", clip(grade.id), exact=True),
        Fact("Assignment", clip(f"{pack.id} {pack.version}")),
        Fact("Pack digest", clip(pack.digest), exact=True),
        Fact("Seed", str(grade.seed), exact=True),
        Fact("Attempts", f"{grade.attempts:,}"),
        Fact("Started", when(grade.started_at)),
        Fact("Finished", when(grade.finished_at)),
        Fact("Grader", clip(f"grade {ran.grader_version}")),
    ]
    named = (("Engine", ran.engine), ("Kernel", ran.kernel), ("Cgroups", ran.cgroup))
    facts += [Fact(label, clip(value)) for label, value in named if value]
    if ran.architecture:
        facts.append(Fact("Architecture", clip(ran.architecture)))
    images = sorted(ran.images.items())[:20]
    facts += [Fact(f"Image: {clip(role, 40)}", clip(image), exact=True) for role, image in images]
    return tuple(facts)


def environment_notes(grade: Grade) -> tuple[str, ...]:
    return few(grade.environment.notes)


def limit_views(limits: Limits) -> tuple[LimitView, ...]:
    build, run, suite = limits.build, limits.run, limits.suite
    return (
        LimitView("Wall time", show_seconds(build.wall_time), show_seconds(run.wall_time)),
        LimitView("Cpu time", "", show_seconds(run.cpu_time)),
        LimitView("Memory with scratch files", show_bytes(build.memory), show_bytes(run.memory)),
        LimitView("Cpus", f"{build.cpus:g}", f"{run.cpus:g}"),
        LimitView("Processes and threads", f"{build.processes:,}", f"{run.processes:,}"),
        LimitView("Open files", "", f"{run.open_files:,}"),
        LimitView("Scratch files", show_bytes(build.scratch), show_bytes(run.scratch)),
        LimitView("Data volume", "", show_bytes(run.data)),
        LimitView("Output", show_bytes(build.output), show_bytes(run.output)),
        LimitView("Artifact", show_bytes(build.artifact), ""),
        LimitView("One case", "", show_seconds(suite.case_time)),
        LimitView("Whole suite", "", show_seconds(suite.wall_time)),
    )


def phase_views(grade: Grade) -> tuple[PhaseView, ...]:
    whole = sum(phase.seconds for phase in grade.phases)
    return tuple(
        PhaseView(clip(phase.name, 60), show_seconds(phase.seconds), share(phase.seconds, whole))
        for phase in grade.phases[:40]
    )
