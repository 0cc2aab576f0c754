"""A folder on disk, read through folder descriptors so that no symlink is ever followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.errors import UsageError
from grader.intake.member import Kind, Member
from grader.intake.notices import shown
from grader.intake.sieve import Sieve

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_SPECIAL = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def read_members(root: Path, sieve: Sieve) -> list[Member]:
    """Files and symlinks below `root`, sorted by path. Raises Rejected, and UsageError
    (`source-unreadable`) for what may not be read or changes while it is read.
    """
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise unreadable(root, error) from None
    try:
        return sorted(_walk(descriptor, b"", sieve), key=lambda member: member.path)
    finally:
        os.close(descriptor)


def _walk(folder: int, prefix: bytes, sieve: Sieve) -> Iterator[Member]:
    # `sieve` bounds the depth, and with it the descriptors held open here.
    with os.scandir(folder) as entries:
        for entry in entries:
            name = os.fsencode(entry.name)
            try:
                yield from _entry(folder, name, prefix + name, sieve)
            except OSError as error:
                raise unreadable(prefix + name, error) from None


def _entry(folder: int, name: bytes, path: bytes, sieve: Sieve) -> Iterator[Member]:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    match stat.S_IFMT(status.st_mode):
        case stat.S_IFDIR:
            if sieve.folder(path):
                below = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
                try:
                    yield from _walk(below, path + b"/", sieve)
                finally:
                    os.close(below)
        case stat.S_IFREG:
            if sieve.file(path, status.st_size):
                yield _file(folder, name, path, status.st_size)
        case stat.S_IFLNK:
            target = os.readlink(name, dir_fd=folder)
            if sieve.symlink(path, len(target)):
                yield Member(path, Kind.SYMLINK, target)
        case kind:
            sieve.special(path, _SPECIAL.get(kind, "special file"))


def _file(folder: int, name: bytes, path: bytes, size: int) -> Member:
    # Non-blocking, in case a named pipe took its place since it was looked at.
    with os.fdopen(os.open(name, _OPEN | os.O_NONBLOCK, dir_fd=folder), "rb") as file:
        status = os.fstat(file.fileno())
        data = file.read(size + 1) if stat.S_ISREG(status.st_mode) else b""
    if len(data) != size:
        raise OSError(0, "it changed while it was read")
    return Member(path, Kind.EXECUTABLE if status.st_mode & 0o100 else Kind.FILE, data)


def unreadable(path: bytes | Path, error: OSError) -> UsageError:
    """The error for a path the reviewer may not read."""
    return UsageError(
        "source-unreadable",
        f"'{shown(os.fsencode(path))}' cannot be read: {error.strerror}",
        hint="check who may read it, and submit again",
    )
