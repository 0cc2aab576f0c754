"""The formats that reports are written in, by name. Importing this imports no renderer."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import StoreError, UsageError

if TYPE_CHECKING:
    from grader.model.grade import Grade


@dataclass(frozen=True, slots=True)
class Format:
    """A file name, and the function that makes its text from a grade."""

    file_name: str
    render: Callable[[Grade], str]


def _html(grade: Grade) -> str:
    from grader.report.html import render

    return render(grade)


def _json(grade: Grade) -> str:
    from grader.report.json import grade_json

    return grade_json(grade)


FORMATS = {
    "html": Format("report.html", _html),
    "json": Format("grade.json", _json),
}


def make_folder(folder: Path) -> None:
    """See that reports can be written into `folder`; StoreError where they cannot."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as problem:
        raise _not_written("a report", folder, problem) from problem


def write_reports(grade: Grade, folder: Path, formats: tuple[str, ...]) -> tuple[Path, ...]:
    """Write each format into `folder`, which is made where it is missing; return the paths.

    A file appears whole or not at all. Raises UsageError for a format that is not there and
    StoreError where the folder cannot be written; nothing is written in the first case.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise UsageError(
            "unknown-format",
            f"there is no report format {unknown[0]!r}",
            hint=f"choose from {', '.join(FORMATS)}",
        )
    chosen = [FORMATS[name] for name in dict.fromkeys(formats)]
    return tuple(_write(folder / each.file_name, each.render(grade)) for each in chosen)


def _write(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("x", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as problem:
        raise _not_written(f"the report {path.name}", path, problem) from problem
    return path


def _not_written(what: str, path: Path, problem: OSError) -> StoreError:
    return StoreError(
        "report-not-written",
        f"{what} could not be written",
        details=(f"{path}: {problem.strerror or problem}",),
        hint="choose another folder with -o, or free some space",
    )


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last through a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
