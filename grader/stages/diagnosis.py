"""Why a project cannot be built here, where a stranger would not see it from dune's exit code."""

from __future__ import annotations

import re

from grader.errors import Rejected
from grader.intake.tar import read
from grader.model.results import Reason
from grader.model.untrusted import Untrusted
from grader.sandbox.build_cell import Language, language_of

_FIRST_LINE = re.compile(rb"\(lang\s+dune\s+(\d{1,4})\.(\d{1,4})\s*\)\s*(?:\n|\Z)")
_NO_LIBRARY = re.compile(r'^Error: Library "([A-Za-z0-9_.-]{1,80})" not found\.', re.MULTILINE)
_NO_LANGUAGE = re.compile(
    r"^Error: Version (\d{1,4}\.\d{1,4}) of the dune language is not supported\.", re.MULTILINE
)
_NO_RULE = re.compile(r"^Error: Don't know how to build ([A-Za-z0-9_./-]{1,200})$", re.MULTILINE)
_NAMED = 5


def wanted_language(source: bytes) -> Language | None:
    """What the first line of the tar's own `dune-project` asks for.

    `None` where it is not of the one form that dune accepts there: dune itself says so better.
    """
    try:
        project = next((each for each in read(source) if each.path == b"dune-project"), None)
    except Rejected:
        return None
    line = _FIRST_LINE.match(project.data) if project is not None else None
    return (int(line[1]), int(line[2])) if line else None


def newer_language(wanted: str, dune: str) -> Reason:
    """`wanted` is `3.20`; `dune` is what the sandbox's dune calls itself, empty if unknown."""
    best = language_of(dune)
    known = "" if best is None else f"{best[0]}.{best[1]}"
    return Reason(
        code="build-dune-lang",
        message=f"the project asks for version {wanted} of the dune language,"
        + (f" and dune {dune} knows versions up to {known}" if known else " which dune refused"),
        hint=f"begin dune-project with (lang dune {known or '3.0'})",
    )


def explain(log: Untrusted, artifact: str, dune: str) -> Reason | None:
    """A better reason for a build that dune gave up, if its log shows one.

    The log is the candidate's word. It only chooses the explanation of a failure that already
    happened: no log makes a failed build a success, or a limit that was hit go away.
    """
    languages = _NO_LANGUAGE.findall(log.text)
    if languages:
        return newer_language(languages[0], dune)
    libraries = tuple(dict.fromkeys(_NO_LIBRARY.findall(log.text)))[:_NAMED]
    if libraries:
        return Reason(
            code="build-missing-library",
            message=f"neither the sandbox nor the project has the {_libraries(libraries)}",
            details=("what the project uses of others must be part of the sandbox or of itself",),
            hint="use a library that `ocamlfind list` shows in `grade sandbox shell ocaml`",
        )
    if artifact in _NO_RULE.findall(log.text):
        return no_artifact(artifact)
    return None


def no_artifact(artifact: str) -> Reason:
    return Reason(
        code="build-no-artifact",
        message=f"nothing in the project makes {artifact}",
        hint=f"add an executable that dune builds as {artifact}",
    )


def _libraries(names: tuple[str, ...]) -> str:
    return ("library " if len(names) == 1 else "libraries ") + ", ".join(names)
