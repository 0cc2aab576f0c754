"""Finding the case to run again, and saying what is not as it was."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import cast

import pytest
from rich.console import Console

from grader.errors import UsageError
from grader.model.grade import Grade
from grader.model.results import CaseResult
from grader.packs import Pack
from grader.pipeline import ImageIds
from grader.replay import differences, find_case
from grader.report.evidence import print_case
from tests.golden.grades import GRADES
from tests.golden.hostile import PAYLOADS, hostile

MIXED = GRADES["mixed"]()


def cases(grade: Grade) -> list[CaseResult]:
    return [result for line in grade.criteria for result in line.cases]


def test_a_case_is_found_by_its_id_or_by_a_part_that_fits_no_other() -> None:
    wanted = cases(MIXED)[0].case
    assert find_case(MIXED, wanted.id) == wanted
    assert find_case(MIXED, wanted.title) == wanted


def test_a_part_that_fits_several_lists_them() -> None:
    with pytest.raises(UsageError) as caught:
        find_case(MIXED, "test_")
    assert caught.value.code == "ambiguous-case"
    assert cases(MIXED)[0].case.id in caught.value.details


def test_an_unknown_case_names_the_nearest() -> None:
    wanted = cases(MIXED)[0].case.id
    with pytest.raises(UsageError) as caught:
        find_case(MIXED, wanted.replace("e", "3"))
    assert caught.value.code == "unknown-case"
    assert wanted in caught.value.details


@dataclass
class FakePack:
    digest: str


@pytest.mark.parametrize(
    ("digest", "examiner", "words"),
    [
        (MIXED.assignment.digest, MIXED.environment.images["examiner"], []),
        ("0" * 64, MIXED.environment.images["examiner"], ["the pack has changed"]),
        (MIXED.assignment.digest, "sha256:new", ["other images"]),
    ],
)
def test_what_changed_since_is_said(digest: str, examiner: str, words: list[str]) -> None:
    old = MIXED.environment.images
    images = ImageIds(build=old["build"], run=old["run"], examiner=examiner)
    said = list(differences(MIXED, cast(Pack, FakePack(digest)), images))
    assert len(said) == len(words)
    assert all(part in sentence for part, sentence in zip(words, said, strict=True))


@pytest.mark.parametrize("result", cases(MIXED), ids=lambda result: result.case.id)
def test_the_evidence_of_every_verdict_can_be_printed(result: CaseResult) -> None:
    console = Console(file=io.StringIO(), width=100)
    print_case(result, MIXED.limits, console)
    text = cast(io.StringIO, console.file).getvalue()
    assert result.case.title.rstrip(".") in text
    assert result.case.id in text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_stays_text(payload: str) -> None:
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    for result in cases(hostile(payload)):
        print_case(result, MIXED.limits, console)
    text = cast(io.StringIO, console.file).getvalue()
    assert not {character for character in text if ord(character) < 32} - {"\n", "\x1b"}
    assert "\x1b]" not in text
    assert "\x1b[2J" not in text
