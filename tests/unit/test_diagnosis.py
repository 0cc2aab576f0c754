"""Builds that dune gives up, explained to somebody who has not met this sandbox."""

from __future__ import annotations

import pytest

from grader.model.untrusted import Untrusted
from grader.stages.diagnosis import explain, newer_language, wanted_language
from tests.docker.sources import tar_of

ARTIFACT = "bin/program.exe"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("(lang dune 3.20)\n(name x)\n", (3, 20)),
        ("(lang dune 3.0)", (3, 0)),
        ("( lang dune 3.20)\n", None),
        ("; (lang dune 3.20)\n(lang dune 3.1)\n", None),
        ("(lang dune 3.20.1)\n", None),
        ("(lang dune 99999.1)\n", None),
        ("(name x)\n(lang dune 3.20)\n", None),
        ("", None),
    ],
)
def test_only_the_first_line_as_dune_accepts_it_is_believed(
    text: str, language: tuple[int, int] | None
) -> None:
    assert wanted_language(tar_of({"README": "x", "dune-project": text})) == language


def test_the_language_of_a_part_is_not_that_of_the_project() -> None:
    assert wanted_language(tar_of({"vendor/dune-project": "(lang dune 3.20)\n"})) is None


def test_what_is_no_tar_asks_for_nothing() -> None:
    assert wanted_language(b"tar") is None


def test_a_newer_language_is_said_with_the_one_to_write() -> None:
    reason = newer_language("3.20", "3.17.2")
    assert reason.code == "build-dune-lang"
    assert "3.20" in reason.message
    assert "dune 3.17.2 knows versions up to 3.17" in reason.message
    assert "(lang dune 3.17)" in reason.hint


@pytest.mark.parametrize(
    ("log", "code", "words"),
    [
        ('Error: Library "core" not found.\n-> required by x\n', "build-missing-library", "core"),
        (
            'Error: Library "eio" not found.\nError: Library "eio" not found.\n'
            'Error: Library "core.unix" not found.\n',
            "build-missing-library",
            "libraries eio, core.unix",
        ),
        (
            "Error: Version 3.20 of the dune language is not supported.\n",
            "build-dune-lang",
            "version 3.20",
        ),
        ("Error: Don't know how to build bin/program.exe\n", "build-no-artifact", ARTIFACT),
    ],
)
def test_what_dune_said_chooses_the_explanation(log: str, code: str, words: str) -> None:
    reason = explain(Untrusted.of(log.encode()), ARTIFACT, "3.17.2")
    assert reason is not None
    assert reason.code == code
    assert words in reason.message


@pytest.mark.parametrize(
    "log",
    [
        "",
        'said: Error: Library "core" not found.\n',
        'Error: Library "\x1b[2J" not found.\n',
        f'Error: Library "{"x" * 200}" not found.\n',
        "Error: Don't know how to build bin/other.exe\n",
    ],
)
def test_any_other_log_explains_nothing(log: str) -> None:
    assert explain(Untrusted.of(log.encode()), ARTIFACT, "3.17.2") is None
