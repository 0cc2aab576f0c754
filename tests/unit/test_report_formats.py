"""Writing reports: whole files or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import StoreError, UsageError
from grader.report.formats import FORMATS, write_reports
from grader.report.html import render
from grader.report.json import load_grade
from tests.builders import grade


def test_reports_are_written_under_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    paths = write_reports(grade(), folder, tuple(FORMATS))
    assert [path.name for path in paths] == ["report.html", "grade.json"]
    assert sorted(folder.iterdir()) == sorted(paths)
    assert paths[0].read_text(encoding="utf-8") == render(grade())
    assert load_grade(paths[1].read_text(encoding="utf-8")) == grade()


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "grade.json").write_text("old")
    write_reports(grade(), tmp_path, ("json", "json"))
    assert load_grade((tmp_path / "grade.json").read_text()) == grade()


def test_an_unknown_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        write_reports(grade(), tmp_path, ("json", "pdf"))
    assert caught.value.code == "unknown-format"
    assert "html, json" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_a_store_error(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(StoreError) as caught:
        write_reports(grade(), in_the_way / "reports", ("json",))
    assert caught.value.code == "report-not-written"


def test_a_failed_write_leaves_no_draft_behind(tmp_path: Path) -> None:
    (tmp_path / "grade.json").mkdir()
    with pytest.raises(StoreError):
        write_reports(grade(), tmp_path, ("json",))
    assert [path.name for path in tmp_path.iterdir()] == ["grade.json"]
