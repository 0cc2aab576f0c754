"""The one module that turns a candidate's text into something a sink may show.

Every sink first gets `visible`: control characters, escape sequences, bidirectional overrides and
other invisible characters become readable `\\x1b`-style text, so that what a person sees is what
is there. Each sink then adds its own quoting.
"""

from __future__ import annotations

import unicodedata

from markupsafe import Markup, escape

from grader.model.untrusted import Untrusted

_KEPT = {"\n", "\t"}
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def visible(text: str) -> str:
    """`text` with every character that does not show itself written as `\\xNN` or `\\uNNNN`."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(_visible_character(character) for character in text)


def _visible_character(character: str) -> str:
    if character in _KEPT or character.isprintable():
        return character
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    point = ord(character)
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def terminal(text: Untrusted | str) -> str:
    """For a terminal or a log: no control character but newline and tab is left."""
    return visible(_plain(text))


def one_line(text: Untrusted | str, width: int = 200) -> str:
    """For a place that holds one line: newlines and tabs made visible, cut to `width`."""
    line = visible(_plain(text)).replace("\n", "\\n").replace("\t", "\\t")
    return line if len(line) <= width else line[: width - 1] + "…"


def html(text: Untrusted | str) -> Markup:
    """For element content and quoted attributes of HTML."""
    return escape(visible(_plain(text)))


def _plain(text: Untrusted | str) -> str:
    return text.text if isinstance(text, Untrusted) else text
