"""The chapter on intake names every error and every default there is."""

from __future__ import annotations

import re
from pathlib import Path

from grader.intake import IntakeLimits
from grader.model.quantity import show_bytes

ROOT = Path(__file__).parents[2]


def test_every_error_code_is_explained() -> None:
    chapter = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    modules = (ROOT / "grader" / "intake").glob("*.py")
    raised = {
        code
        for module in modules
        for code in re.findall(
            r'(?:Rejected|UsageError|InfraError|kind)\(\s*"([a-z-]+)"', module.read_text()
        )
    }
    assert len(raised) > 15
    assert raised == {code for code in raised if f"`{code}`" in chapter}
    explained = set(re.findall(r"`((?:source|no)-[a-z-]+)`", chapter))
    assert explained <= raised


def test_the_defaults_are_as_told() -> None:
    chapter = (ROOT / "docs" / "intake.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", chapter, re.MULTILINE))
    limits = IntakeLimits()
    assert told == {
        "files": str(limits.files),
        "total_bytes": show_bytes(limits.total_bytes),
        "file_bytes": show_bytes(limits.file_bytes),
        "depth": str(limits.depth),
        "path_bytes": str(limits.path_bytes),
        "fetch_seconds": f"{limits.fetch_seconds:.0f} s",
    }
