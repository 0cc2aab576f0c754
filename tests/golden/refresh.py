"""Write the goldens anew: `python -m tests.golden.refresh`. Read the diff before committing it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from grader.model.grade import Grade
from grader.report.html import render
from grader.report.json import grade_json
from grader.report.schema import grade_schema
from grader.report.terminal import print_summary
from tests.golden.grades import GRADES

HERE = Path(__file__).parent
SCHEMA = HERE.parents[1] / "docs" / "schemas" / "grade.schema.json"


def summary(grade: Grade, width: int = 80) -> str:
    """What a terminal without colour shows, without the blanks that fill up table cells."""
    sink = io.StringIO()
    print_summary(grade, Console(file=sink, width=width, color_system=None, force_terminal=False))
    return "".join(f"{line.rstrip()}\n" for line in sink.getvalue().splitlines())


RENDERERS: dict[str, Callable[[Grade], str]] = {
    "html": render,
    "json": grade_json,
    "txt": summary,
}


def golden(name: str, suffix: str) -> Path:
    return HERE / f"{name}.{suffix}"


def refresh() -> None:
    for name, make in GRADES.items():
        for suffix, renderer in RENDERERS.items():
            golden(name, suffix).write_text(renderer(make()), encoding="utf-8")
    SCHEMA.parent.mkdir(parents=True, exist_ok=True)
    SCHEMA.write_text(grade_schema(), encoding="utf-8")


if __name__ == "__main__":
    refresh()
