"""What `grade submit` does: take the source, prepare, grade, report."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from grader.cli.progress import open_progress
from grader.cli.settings import Settings, read_settings
from grader.cli.wiring import open_engine, sandbox_images, services_on
from grader.errors import EXIT_BELOW_PASS_MARK, EXIT_PASSED, InfraError, Rejected
from grader.intake import Access
from grader.model.grade import Grade, Phase
from grader.model.verdict import Status
from grader.packs import find_pack
from grader.pipeline import Plan, grade
from grader.report.formats import make_folder, write_reports
from grader.report.json import grade_json
from grader.report.terminal import print_summary, print_timings
from grader.stages.source import take_for


@dataclass(frozen=True, slots=True)
class Request:
    """The command line of `grade submit`, read."""

    source: str
    assignment: str
    output: Path | None
    ref: str | None
    worktree: bool
    formats: tuple[str, ...]
    as_json: bool
    seed: int | None
    fresh_build: bool
    timings: bool = False


def submit_once(request: Request) -> int:
    """Grade, write the reports, print the summary, and return the exit code."""
    settings = read_settings()
    place = request.output or Path("grade-reports")
    make_folder(place)  # before the work, which would be lost with nowhere to write it
    result = _grade(request, settings)
    folder = request.output or place / f"{result.assignment.id}-{result.id[:8]}"
    if request.as_json:
        click.echo(grade_json(result))
    else:
        print_summary(result, Console(highlight=False))
    if request.timings:
        print_timings(result, Console(highlight=False, stderr=request.as_json))
    for path in write_reports(result, folder, request.formats):
        click.echo(f"report: {path}", err=request.as_json)
    return exit_code(result)


def exit_code(result: Grade) -> int:
    """0 or 1 by the pass mark; a submission that does not build is below it."""
    match result.status:
        case Status.GRADED:
            passed = result.score is not None and result.score.passed
            return EXIT_PASSED if passed else EXIT_BELOW_PASS_MARK
        case Status.BUILD_FAILED:
            return EXIT_BELOW_PASS_MARK
        case Status.REJECTED:
            return Rejected.exit_code
        case Status.INFRA_ERROR:
            return InfraError.exit_code


def _grade(request: Request, settings: Settings) -> Grade:
    pack = find_pack(request.assignment, settings.assignment_roots)
    phases: list[Phase] = []
    with open_progress(sys.stderr) as progress:
        with _timed("intake", phases):
            progress.phase("intake")
            source = take_for(
                pack,
                request.source,
                scratch=settings.state,
                ref=request.ref,
                worktree=request.worktree,
                access=Access(environment=settings.environment),
            )
            for notice in source.submission.notices:
                progress.notice(notice)
        with open_engine(settings) as engine:
            with _timed("images", phases):
                progress.phase("images")
                images = sandbox_images(engine, pack, settings, progress.image_line)
                services = services_on(engine, images, settings)
            plan = Plan(
                pack=pack,
                source=source,
                images=images,
                seed=secrets.randbits(63) if request.seed is None else request.seed,
                fresh_build=request.fresh_build,
                phases=tuple(phases),
            )
            return grade(plan, services, progress)


@contextmanager
def _timed(name: str, phases: list[Phase]) -> Iterator[None]:
    began = time.monotonic()
    yield
    phases.append(Phase(name=name, seconds=round(time.monotonic() - began, 3)))
