"""The report as a reader meets it: in a browser, on a phone, by keyboard, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from grader.report.html import render
from tests.golden.grades import GRADES
from tests.golden.hostile import PAYLOADS, hostile
from tests.golden.refresh import golden

pytestmark = pytest.mark.browser

Scheme = Literal["dark", "light"]

WIDE, PHONE = 1280, 360
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ELEMENTS = "document.querySelectorAll('*').length"

every_grade = pytest.mark.parametrize("name", GRADES)


@contextmanager
def opened(browser: Browser, path: Path, width: int, scheme: Scheme = "light") -> Iterator[Page]:
    """The page in a fresh context; afterwards it must have asked for and complained of nothing."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(5000)
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(path.as_uri())
    try:
        yield page
        assert [url for url in asked if url != path.as_uri() and not url.startswith("data:")] == []
        assert complaints == []
    finally:
        context.close()


@pytest.fixture(name="mixed")
def mixed_page(browser: Browser) -> Iterator[Page]:
    with opened(browser, golden("mixed", "html"), WIDE) as page:
        yield page


@every_grade
@pytest.mark.parametrize("width", [WIDE, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_quiet_and_fits_its_width(
    browser: Browser, name: str, width: int, scheme: Scheme
) -> None:
    with opened(browser, golden(name, "html"), width, scheme) as page:
        assert page.evaluate(OVERFLOW) <= 0
        page.evaluate(UNFOLD)
        assert page.evaluate(OVERFLOW) <= 0


def test_the_answer_and_the_criteria_are_on_the_first_screen(mixed: Page) -> None:
    headline = mixed.locator("h1")
    for words in ("62.5", "of 100 points", "passed"):
        assert words in headline.inner_text()
    box = headline.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 300
    table = mixed.locator("table.overview").bounding_box()
    assert table is not None
    assert table["y"] + table["height"] < 800


def test_one_click_leads_to_the_evidence_and_a_second_to_the_transcript(mixed: Page) -> None:
    mixed.get_by_role("link", name="Damage before the end of the log is refused").click()
    case = mixed.locator("details.case:target")
    assert case.get_by_text("exit 74, and the byte offset").is_visible()
    transcript = case.locator("details.more").filter(has_text="Transcript")
    step = transcript.get_by_text("byte 37 changed")
    assert not step.is_visible()
    transcript.locator("summary").click()
    assert step.is_visible()


def test_cases_fold_by_keyboard(mixed: Page) -> None:
    case = mixed.locator("details.case.good").first
    summary = case.locator("> summary")
    summary.focus()
    states = []
    for key in ("Enter", "Space"):
        mixed.keyboard.press(key)
        states.append(case.get_attribute("open") is not None)
    assert states == [True, False]


def test_the_first_tab_offers_to_skip_the_navigation(mixed: Page) -> None:
    mixed.keyboard.press("Tab")
    focused = mixed.locator(":focus")
    assert focused.inner_text() == "Skip to the results"
    box = focused.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    mixed.keyboard.press("Enter")
    assert mixed.evaluate("document.activeElement.tagName") == "MAIN"


def test_focus_can_be_seen(mixed: Page) -> None:
    mixed.keyboard.press("Tab")
    mixed.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert mixed.evaluate(outline) == "solid"


def test_the_navigation_stays_in_sight_on_a_wide_screen(mixed: Page) -> None:
    mixed.locator("#record").scroll_into_view_if_needed()
    box = mixed.locator("nav").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 100


def test_dark_mode_is_dark(browser: Browser) -> None:
    with opened(browser, golden("mixed", "html"), WIDE, "dark") as page:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(19, 21, 24)"


def test_print_unfolds_failed_cases_and_leaves_passed_ones_folded(mixed: Page) -> None:
    mixed.evaluate("document.querySelectorAll('details').forEach(each => { each.open = false })")
    failed = mixed.locator("details.case.bad .evidence").first
    passed = mixed.locator("details.case.good .evidence").first
    assert not failed.is_visible()
    mixed.emulate_media(media="print")
    assert failed.is_visible()
    assert not passed.is_visible()
    assert not mixed.locator("nav").is_visible()
    assert mixed.locator(".levels").first.is_visible()
    assert mixed.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@every_grade
def test_every_report_prints(browser: Browser, name: str) -> None:
    with opened(browser, golden(name, "html"), WIDE) as page:
        assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.fixture(name="written")
def page_writer(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, payload: str) -> Path:
        path = tmp_path / f"{name}.html"
        path.write_text(render(hostile(payload)), encoding="utf-8")
        return path

    return write


@pytest.fixture(name="elements", scope="module")
def elements_of_a_harmless_page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> int:
    path = tmp_path_factory.mktemp("harmless") / "report.html"
    path.write_text(render(hostile("harmless")), encoding="utf-8")
    with opened(browser, path, PHONE) as page:
        return int(page.evaluate(ELEMENTS))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_hostile_text_is_inert(
    browser: Browser, written: Callable[[str, str], Path], elements: int, payload: str
) -> None:
    with opened(browser, written("hostile", payload), PHONE) as page:
        page.evaluate(UNFOLD)
        assert page.evaluate(ELEMENTS) == elements
        assert page.evaluate(OVERFLOW) <= 0


def test_one_endless_word_scrolls_inside_its_box(
    browser: Browser, written: Callable[[str, str], Path]
) -> None:
    with opened(browser, written("wide", "W" * 5000), PHONE) as page:
        page.evaluate(UNFOLD)
        assert page.evaluate(OVERFLOW) <= 0
