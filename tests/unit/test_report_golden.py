"""The four goldens: refreshed by `make goldens`, read as diffs."""

from __future__ import annotations

import pytest

from tests.golden.grades import GRADES
from tests.golden.refresh import RENDERERS, golden


@pytest.mark.parametrize("suffix", RENDERERS)
@pytest.mark.parametrize("name", GRADES)
def test_golden(name: str, suffix: str) -> None:
    expected = golden(name, suffix).read_text(encoding="utf-8")
    assert RENDERERS[suffix](GRADES[name]()) == expected, "if this is meant: make goldens"
