"""The data folder against what a candidate can put there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.testkit import DataFolder, Unavailable, UnsafePath
from grader.testkit.data_folder import wipe

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_bytes(b"secret")
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def folder(root: Path) -> DataFolder:
    return DataFolder(root)


def test_files_are_read_written_and_damaged(folder: DataFolder) -> None:
    folder.write("log", b"0123456789")
    folder.write("wal/segment/1", b"abc")
    assert folder.files() == ("log", "wal/segment/1")
    assert (folder.size(), folder.size("log")) == (13, 10)
    folder.truncate("log", -3)
    folder.flip_byte("log", 1)
    folder.flip_byte("log", -1)
    assert folder.read("log") == b"0\xce2345\xc9"
    folder.truncate("log", 2)
    assert folder.read("log", limit=1) == b"0"
    folder.write("log", b"new")
    assert folder.read("log") == b"new"
    with pytest.raises(IndexError):
        folder.flip_byte("log", 3)
    with pytest.raises(FileNotFoundError):
        folder.read("none")


def test_an_offset_before_the_file_is_refused(folder: DataFolder) -> None:
    folder.write("log", b"abc")
    with pytest.raises(IndexError):
        folder.flip_byte("log", -4)


OPERATIONS: dict[str, Callable[[DataFolder, str], object]] = {
    "read": lambda folder, name: folder.read(name),
    "write": lambda folder, name: folder.write(name, b"overwritten"),
    "truncate": lambda folder, name: folder.truncate(name, 0),
    "flip_byte": lambda folder, name: folder.flip_byte(name, 0),
    "size": lambda folder, name: folder.size(name),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        ("log", "/etc/passwd", "log"),
        ("log", "../outside/secret", "log"),
        ("log", "inside", "log"),
        ("wal", "../outside", "wal/secret"),
        ("wal", "/", "wal/etc/passwd"),
        ("log", "/proc/self/mem", "log"),
        ("log", "dangling", "log"),
    ],
)
def test_links_are_never_followed(
    folder: DataFolder, root: Path, operation: str, link: str, target: str, name: str
) -> None:
    (root / "inside").write_bytes(b"inside")
    (root / link).symlink_to(target)
    with pytest.raises(UnsafePath):
        OPERATIONS[operation](folder, name)
    assert (root.parent / "outside" / "secret").read_bytes() == b"secret"
    assert (root / "inside").read_bytes() == b"inside"
    assert folder.files() == ("inside",)
    assert not (root / "dangling").exists()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", ["../outside/secret", "/etc/passwd", "", ".", "a/../b", "a//b"])
def test_names_stay_inside(folder: DataFolder, operation: str, name: str) -> None:
    with pytest.raises(UnsafePath):
        OPERATIONS[operation](folder, name)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", ["fifo", "socket", "folder"])
def test_only_plain_files_are_opened(
    folder: DataFolder, root: Path, operation: str, kind: str
) -> None:
    with socket.socket(socket.AF_UNIX) as unix:
        match kind:
            case "fifo":
                os.mkfifo(root / "log")
            case "socket":
                unix.bind(str(root / "log"))
            case _:
                (root / "log").mkdir()
        with pytest.raises(UnsafePath):
            OPERATIONS[operation](folder, "log")
    assert folder.files() == ()


def test_a_loop_of_folders_or_too_many_files_end(folder: DataFolder, root: Path) -> None:
    deep = root
    for _ in range(40):
        deep /= "d"
        deep.mkdir()
    with pytest.raises(UnsafePath, match="deep"):
        folder.files()


def test_an_unbounded_volume_is_not_filled(
    folder: DataFolder, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.testkit.data_folder.BOUND", 0)
    with pytest.raises(Unavailable):
        folder.fill()
    assert list(root.iterdir()) == []


FILL = """
import os, sys
from pathlib import Path
from grader.testkit import DataFolder
root = Path(sys.argv[1])
folder = DataFolder(root)
taken = folder.fill(leave=1 << 20)
space = os.statvfs(root)
print(taken >> 20, space.f_bavail * space.f_frsize >> 20, folder.files(), folder.fill() >> 20)
try:
    folder.write("log", bytes(4096))
except OSError as error:
    print(os.strerror(error.errno))
folder.release()
folder.write("log", bytes(4096))
print(folder.size())
"""


def test_a_bounded_volume_is_filled_and_released(root: Path) -> None:
    """In a mount namespace of its own, so that nothing has to be unmounted."""
    mount = 'mount -t tmpfs -o size=8m none "$1" && exec "$2" -c "$3" "$1"'
    command = ["unshare", "--mount", "sh", "-c", mount, "sh", str(root), sys.executable, FILL]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if "Operation not permitted" in done.stderr:
        pytest.skip("mounting needs privileges that this user does not have")
    assert done.stdout.splitlines() == ["7 1 () 8", "No space left on device", "4096"], done.stderr


def test_wiping_leaves_nothing(root: Path) -> None:
    outside = root.parent / "outside"
    (root / "link").symlink_to(outside)
    (root / "dangling").symlink_to("nowhere")
    os.mkfifo(root / "fifo")
    (root / "locked").mkdir()
    (root / "locked" / "file").write_bytes(b"")
    here = os.open(root, os.O_RDONLY)
    for _ in range(500):  # deeper than any path may be long
        os.mkdir("d" * 20, dir_fd=here)
        deeper = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    wipe(root)
    assert list(root.iterdir()) == []
    assert [path.name for path in outside.iterdir()] == ["secret"]
