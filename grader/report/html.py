"""The report for a browser: one file that asks for nothing else and runs no script."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from grader import escape
from grader.model.grade import Grade
from grader.model.untrusted import Untrusted
from grader.report.excerpt import Ration
from grader.report.view import report_view

MOST_BYTES = 5_000_000


def render(grade: Grade, most_bytes: int = MOST_BYTES) -> str:
    """HTML of at most `most_bytes` bytes: where a grade is larger, evidence is cut, with a note.

    The ration is smaller than the file, since markup around the evidence takes room too; should
    that not do, the report is made again with less.
    """
    ration = most_bytes * 7 // 10
    while True:
        page = _template().render(view=report_view(grade, Ration(ration)))
        if len(page.encode("utf-8")) <= most_bytes or ration < 10_000:
            return page
        ration //= 2


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html.j2")


def _shown(value: object) -> Markup:
    """What every `{{ }}` of the templates goes through, so that none can forget to escape."""
    match value:
        case Markup():
            return value
        case str() | Untrusted():
            return escape.html(value)
        case int():
            return escape.html(str(value))
    raise TypeError(f"a template shows text, not {type(value).__name__}")
