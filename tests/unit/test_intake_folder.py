"""Plain folders on disk."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import GradeError, Rejected, UsageError
from grader.intake import IntakeLimits
from tests.unit.intake_repos import PROJECT, Taker, write_files


@pytest.fixture
def take(tmp_path: Path) -> Taker:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Taker(scratch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "folder", {"dune-project": PROJECT, "lib/a.ml": b"a"})


def test_a_symlink_to_the_folder_may_be_typed(take: Taker, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(folder)
    assert take(tmp_path / "alias").submission.digest == take(folder).submission.digest


def test_special_files_are_refused_and_never_opened(take: Taker, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(Rejected, match="'pipe' is a named pipe") as caught:
        take(folder)
    assert caught.value.code == "source-special"
    (folder / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "lib" / "socket"))
        with pytest.raises(Rejected, match="'lib/socket' is a socket"):
            take(folder)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../../etc/passwd", ".."])
def test_symlinks_are_not_followed_out(take: Taker, folder: Path, target: str) -> None:
    (folder / "lib" / "link").symlink_to(target if target != ".." else "../..")
    with pytest.raises(Rejected) as caught:
        take(folder)
    assert caught.value.code == "source-link"
    assert "root:" not in caught.value.render()


def test_hard_links_are_just_files(take: Taker, folder: Path) -> None:
    (folder / "lib" / "b.ml").hardlink_to(folder / "lib" / "a.ml")
    assert take(folder).submission.files == 3


def test_limits_hold_without_reading(take: Taker, folder: Path) -> None:
    with (folder / "sparse").open("wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(Rejected, match="'sparse' is larger than 16 MiB"):
        take(folder)
    (folder / "sparse").unlink()
    deep = folder
    for _ in range(40):
        deep = deep / "d"
    deep.mkdir(parents=True)
    with pytest.raises(Rejected, match="nested more than 32 deep"):
        take(folder)
    with pytest.raises(Rejected, match="more than 1 files"):
        take(folder, limits=IntakeLimits(files=1, depth=50))


def test_generated_and_other_folders_are_left_out(take: Taker, folder: Path) -> None:
    noise = {"_opam/bin/ocaml": b"x", "_build/x": b"x", "vendor/y/.git/config": b"x", ".hg/z": b""}
    write_files(folder, noise)
    (folder / ".git").mkdir()
    os.mkfifo(folder / "_build" / "rpc")
    assert take(folder).submission.files == 2


def test_an_empty_folder_and_one_without_a_project(take: Taker, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Rejected) as caught:
        take(tmp_path / "empty")
    assert caught.value.code == "source-empty"
    with pytest.raises(Rejected) as caught:
        take(write_files(tmp_path / "no", {"a.ml": b"", "dune-project/x": b""}))
    assert caught.value.code == "source-not-dune"


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of an ordinary user's, with that user at work in it even where the tests are root's:
    root may read everything."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, 65534, 65534)
        os.seteuid(65534)
        yield Path(name)
        os.seteuid(0)


@pytest.mark.parametrize("closed", ["lib", "lib/a.ml", ".git"])
def test_what_may_not_be_read_is_named(take: Taker, nobody: Path, closed: str) -> None:
    write_files(nobody, {"dune-project": PROJECT, "lib/a.ml": b"", ".git/HEAD": b""})
    (nobody / closed).chmod(0)
    with pytest.raises(UsageError, match="cannot be read: Permission denied") as caught:
        take(nobody)
    (nobody / closed).chmod(0o700)
    assert caught.value.code == "source-unreadable"


def test_a_folder_of_the_system_is_refused_in_peace(take: Taker) -> None:
    with pytest.raises(GradeError):
        take("/proc/self", limits=IntakeLimits(files=50))
