"""The one module that turns a candidate's text into something a sink may show.

Every sink first gets `visible`: control characters, escape sequences, bidirectional overrides and
other invisible characters become readable `\\x1b`-style text, so that what a person sees is what
is there. Each sink then adds its own quoting.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from markupsafe import Markup, escape

from grader.model.untrusted import Untrusted

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SUSPECT = re.compile(r"[^\n\t -~]")
_BLANK = {
    *"\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0",
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}
"""Letters and marks that Unicode calls printable and that show nothing, fillers and selectors."""


def visible(text: str) -> str:
    """`text` with every character that does not show itself written as `\\xNN` or `\\uNNNN`."""
    return _SUSPECT.sub(lambda found: _visible_character(found[0]), text)


@lru_cache(maxsize=4096)
def _visible_character(character: str) -> str:
    if character not in _BLANK and unicodedata.category(character) not in _HIDDEN_CATEGORIES:
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
