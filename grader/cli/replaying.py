"""What `grade replay` does: read the grade, prepare, run the one case, show it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from grader.cli.progress import open_progress
from grader.cli.settings import read_settings
from grader.cli.wiring import open_engine, sandbox_images, services_on
from grader.errors import EXIT_BELOW_PASS_MARK, EXIT_PASSED, UsageError
from grader.model.grade import Grade
from grader.model.verdict import Verdict
from grader.packs import find_pack
from grader.replay import differences, find_case, replay
from grader.report.evidence import print_case
from grader.report.json import load_grade


def replay_once(grade_file: Path, words: str, assignment: str | None, *, as_json: bool) -> int:
    """Run the case, print it, and return the exit code."""
    settings = read_settings()
    grade = _read(grade_file)
    case = find_case(grade, words)
    pack = find_pack(assignment or grade.assignment.id, settings.assignment_roots)
    with open_progress(sys.stderr) as progress, open_engine(settings) as engine:
        images = sandbox_images(engine, pack, settings, progress.image_line)
        for sentence in differences(grade, pack, images):
            progress.notice(sentence)
        services = services_on(engine, images, settings)
        result = replay(grade, case, pack, images, services, progress)
    if as_json:
        click.echo(result.model_dump_json(indent=2))
    else:
        print_case(result, grade.limits, Console(highlight=False))
    return EXIT_PASSED if result.verdict is Verdict.PASSED else EXIT_BELOW_PASS_MARK


def _read(path: Path) -> Grade:
    file = path / "grade.json" if path.is_dir() else path
    try:
        return load_grade(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "no-grade",
            f"{file} cannot be read as a grade",
            hint="give the grade.json that grade submit wrote",
        ) from error
