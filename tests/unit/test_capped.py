"""Hostile streams are kept in bounds and reported honestly."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.untrusted import Untrusted
from grader.sandbox.capped import CappedBuffer


@given(st.lists(st.binary(max_size=300), max_size=30), st.integers(3, 400))
def test_it_keeps_head_and_tail_and_counts_everything(parts: list[bytes], keep: int) -> None:
    buffer, everything = CappedBuffer(keep), b"".join(parts)
    for part in parts:
        buffer.add(part)
    value = buffer.value()
    assert value.total_bytes == len(everything)
    assert value.truncated == (len(everything) > keep)
    assert value == Untrusted.of(everything, keep)


def test_what_was_cut_is_said_between_head_and_tail() -> None:
    value = Untrusted.of(b"a" * 50 + b"b" * 50, keep=30)
    assert value.text == "a" * 20 + "\n[... 70 bytes not kept ...]\n" + "b" * 10


@pytest.mark.parametrize("show", [str, format, "{}".format], ids=["str", "format", "f-string"])
def test_untrusted_text_refuses_to_be_printed(show: Callable[[object], str]) -> None:
    with pytest.raises(TypeError, match="escape"):
        show(Untrusted.of(b"x"))
