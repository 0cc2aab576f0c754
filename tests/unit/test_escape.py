"""The escaping module: what a person sees is what is there."""

from __future__ import annotations

import html as standard_html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import escape
from tests.builders import text

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, tab\tand\nnewline", "plain text, tab\tand\nnewline"),
        ("naïve ✓ 漢字 🐫", "naïve ✓ 漢字 🐫"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("nul \x00, del \x7f, return \r", r"nul \x00, del \x7f, return \x0d"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066\u2069\u200b\ufeff", r"\u2066\u2069\u200b\ufeff"),
        ("fillers \u3164\u115f\u2800", r"fillers \u3164\u115f\u2800"),
        ("selectors \ufe0f\U000e0100", r"selectors \ufe0f\U000e0100"),
        ("tags \U000e0041", r"tags \U000e0041"),
        ("surrogate \ud800", r"surrogate \ud800"),
        ("separator \u2028", r"separator \u2028"),
    ],
)
def test_what_does_not_show_itself_is_written_out(raw: str, shown: str) -> None:
    assert escape.visible(raw) == shown
    assert escape.terminal(text(raw)) == shown


@given(ANY_TEXT)
def test_no_character_stays_hidden(raw: str) -> None:
    for character in escape.visible(raw):
        assert character in "\n\t" or unicodedata.category(character)[0] != "C", repr(character)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_printable_ascii_is_left_alone(raw: str) -> None:
    assert escape.visible(raw) == raw


@given(ANY_TEXT)
def test_html_reads_back_as_the_visible_text(raw: str) -> None:
    shown = escape.html(text(raw))
    assert not set("<>\"'") & set(shown)
    assert standard_html.unescape(shown) == escape.visible(raw)


@given(ANY_TEXT, st.integers(min_value=1, max_value=60))
def test_one_line_is_one_line_of_at_most_its_width(raw: str, width: int) -> None:
    line = escape.one_line(raw, width)
    assert len(line) <= width
    assert not set("\n\t\r") & set(line)


def test_untrusted_text_cannot_be_formatted_by_accident() -> None:
    with pytest.raises(TypeError, match=r"grader\.escape"):
        f"{text('anything')}"
