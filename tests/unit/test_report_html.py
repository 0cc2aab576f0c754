"""The page as a document: self-contained, bounded, in order, legible."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

import grader.report
from grader.model.results import CaseResult
from grader.model.verdict import Verdict
from grader.report.html import MOST_BYTES, render
from tests.builders import case_result, grade, line, program, score, step
from tests.golden.grades import GRADES
from tests.golden.page import Page

TEMPLATES = Path(grader.report.__file__).parent / "templates"
PAGES = {name: render(make()) for name, make in GRADES.items()}

every_page = pytest.mark.parametrize("source", PAGES.values(), ids=PAGES)


@every_page
def test_the_policy_forbids_scripts_and_requests(source: str) -> None:
    policies = [
        each["content"]
        for tag, each in Page(source).elements
        if tag == "meta" and each.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    assert "<script" not in source
    assert not re.search(r"@import|url\(|https?:", source)


@every_page
def test_headings_come_in_order(source: str) -> None:
    levels = [int(tag[1]) for tag, _ in Page(source).elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@every_page
def test_ids_are_unique_and_every_link_arrives(source: str) -> None:
    page = Page(source)
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    targets = {href[1:] for href in page.values("href") if href.startswith("#")}
    named = set(page.values("aria-labelledby"))
    assert targets | named <= set(ids)


@every_page
def test_every_element_is_closed(source: str) -> None:
    void = ("<meta", "<link")
    opened = [tag for tag in Page(source).structure if not tag.startswith(void)]
    stack: list[str] = []
    for tag in opened:
        if not tag.startswith("</"):
            stack.append(tag[1:].split(" ")[0])
        else:
            assert stack.pop() == tag[2:-1]
    assert stack == []


def test_the_answer_is_in_the_title() -> None:
    assert "<title>camelkv: 62.5 of 100 points, pass mark 60: passed</title>" in PAGES["mixed"]


def test_templates_never_switch_escaping_off_and_quote_every_attribute() -> None:
    for path in TEMPLATES.glob("*.j2"):
        template = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", template), path.name
        assert not re.search(r"=\s*\{\{", template), path.name


def large_case(number: int, **changes: str) -> CaseResult:
    noise = '<&"\u202e\x00>' * 10_000
    return case_result(
        f"test_large.py::case_{number}", Verdict.FAILED,
        title=noise, brief=noise, message=noise, expected=noise, seen=noise,
        transcript=tuple(step(0.1, "receive", noise) for _ in range(3)) * 100,
        programs=(program(noise, stdout=noise, stderr=noise),) * 30,
        limits_hit=(noise,) * 30,
    )  # fmt: skip


@pytest.mark.parametrize("most", [300_000, 1_000_000])
def test_a_page_keeps_within_its_size_whatever_the_grade_holds(most: int) -> None:
    cases = (*map(large_case, range(4)), *[case_result()] * 3_000)
    record = grade(
        criteria=tuple(line(f"c{each}", *cases, earned=0.0) for each in range(5)), score=score(0.0)
    )
    source = render(record, most)
    assert most / 4 < len(source.encode()) <= most
    assert "further cases in grade.json" in source


def test_the_usual_size_is_far_below_the_largest() -> None:
    assert MOST_BYTES == 5_000_000
    assert len(PAGES["mixed"].encode()) < 200_000


PAIRS = [
    (ink, ground)
    for ground in ("ground", "paper", "well")
    for ink in ("ink", "quiet", "accent", "good", "bad", "part", "open")
] + [(tone, f"{tone}-wash") for tone in ("good", "bad", "open")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_has_the_contrast_of_wcag_aa(scheme: str, ink: str, ground: str) -> None:
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark))
    bright, dim = sorted((_luminance(colours[ink]), _luminance(colours[ground])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
