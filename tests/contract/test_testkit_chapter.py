"""The chapter "Write your first suite" keeps its word: its example runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contract.local_control import ROOT, LocalControl
from tests.contract.local_result import Result, Terms

CHAPTER = ROOT / "docs" / "writing-a-suite.md"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The chapter's Python blocks, each in the file that its first line names."""
    for path, text in re.findall(r"```python\n# (\S+)\n(.*?)```", CHAPTER.read_text(), re.DOTALL):
        file = tmp_path / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    (tmp_path / "echo.py").chmod(0o755)
    return tmp_path


def run(pack: Path, only: tuple[str, ...] | None = None) -> Result:
    program = (str(pack / "echo.py"),)
    return LocalControl(Terms(suite=pack / "suite", program=program, only=only)).run()


def test_the_example_passes(pack: Path) -> None:
    result = run(pack)
    assert result.all_passed
    for case in result.executed or ():
        assert f"  {case}\n" in CHAPTER.read_text()


def test_the_broken_example_fails_as_printed(pack: Path) -> None:
    program = pack / "echo.py"
    program.write_text(program.read_text().replace("write(line)\n\n", "write(line.upper())\n\n"))
    only = "test_echo.py::test_a_silent_client_delays_nobody"
    result = run(pack, (only,))
    case = result.finished[only]
    assert case["outcome"] == "failed"
    for name in ("message", "expected", "seen"):
        assert f"    {name:<9}{case[name]['text']}\n" in CHAPTER.read_text()
