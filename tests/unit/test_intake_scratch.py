"""Intake without room on our own disk: nobody's submission is to blame."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.errors import StoreError
from tests.unit.intake_repos import PROJECT, Taker, write_files


def test_a_scratch_folder_that_cannot_be_used_is_our_storage_and_not_a_bug(
    tmp_path: Path,
) -> None:
    folder = write_files(tmp_path / "folder", {"dune-project": PROJECT})
    subprocess.run(["git", "-C", folder, "init", "-q"], check=True)
    with pytest.raises(StoreError, match="GRADE_STATE") as caught:
        Taker(tmp_path / "gone")(folder)
    assert caught.value.code == "state-folder"
