"""No text of a candidate's changes what a report is: same elements, nothing fetched, no escapes."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from grader.report.html import render
from grader.report.terminal import print_summary
from tests.golden.hostile import PAYLOADS, hostile
from tests.golden.page import Page

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ANY_TEXT = st.text(st.characters(exclude_categories=()), min_size=1, max_size=60)
TEXT = st.sampled_from(sorted(PAYLOADS.values())) | ANY_TEXT


def harmless(payload: str) -> str:
    """Text of the same shape: as long, and with blanks and lines where the payload has them."""
    return re.sub(r"\S", "x", payload)


def summary(payload: str, *, colour: bool) -> str:
    sink = io.StringIO()
    console = Console(
        file=sink, width=200, force_terminal=colour, color_system="standard" if colour else None
    )
    print_summary(hostile(payload), console)
    return sink.getvalue()


@settings(max_examples=30)
@given(TEXT)
def test_the_page_has_the_same_elements_as_with_harmless_text(payload: str) -> None:
    page = Page(render(hostile(payload)))
    assert page.structure == Page(render(hostile(harmless(payload)))).structure


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_the_page_links_to_nothing_outside_itself(payload: str) -> None:
    page = Page(render(hostile(payload)))
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "iframe", "img", "object", "b"})
    assert not [name for _, each in page.elements for name in each if name.startswith("on")]
    assert page.values("src") == []
    assert {href[0] for href in page.values("href") if href != "data:,"} == {"#"}


def test_payloads_are_shown_not_swallowed() -> None:
    page = Page(render(hostile(PAYLOADS["script"])))
    shown = [data for data in page.text if PAYLOADS["script"] in data]
    assert len(shown) > 20


@settings(max_examples=20)
@given(TEXT)
def test_a_plain_summary_holds_no_control_character(payload: str) -> None:
    assert not set(summary(payload, colour=False)) & set(map(chr, [*range(10), *range(11, 32)]))


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_a_coloured_summary_holds_only_our_colours(payload: str) -> None:
    shown = summary(payload, colour=True)
    assert COLOUR.search(shown)
    rest = COLOUR.sub("", shown)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", rest)


def test_rich_markup_is_printed_as_it_is() -> None:
    assert PAYLOADS["markup"] in summary(PAYLOADS["markup"], colour=False)
