"""The program's data volume, opened so that nothing the candidate put there leads elsewhere."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.testkit.problems import Unavailable, UnsafePath

READ_LIMIT = 256 << 20
"""Bytes read of one file: a sparse file can claim to be larger than the examiner's memory."""

FILE_LIMIT, DEPTH_LIMIT = 20_000, 16
BOUND = 16 << 30
"""A volume larger than this is not one that `fill` may fill."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class DataFolder:
    """Names are relative, with `/` between parts. Every part is opened without following links.

    All methods raise `UnsafePath` where a part is a link or the file is not a plain one, and
    `FileNotFoundError` where there is none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ballast: str | None = None

    def files(self) -> tuple[str, ...]:
        """The names of all plain files, sorted. Links, sockets and FIFOs are not listed."""
        found: list[str] = []
        with self._folder(()) as root:
            self._list(root, "", found)
        return tuple(sorted(found))

    def read(self, name: str, limit: int = READ_LIMIT) -> bytes:
        """The content of a file, or its first `limit` bytes."""
        with self._file(name, os.O_RDONLY) as file, os.fdopen(os.dup(file), "rb") as stream:
            return stream.read(limit)

    def write(self, name: str, content: bytes) -> None:
        """Create or replace a file, in folders that exist or are made, owned by the program."""
        *folders, last = _parts(name)
        for depth in range(1, len(folders) + 1):
            self._make_folder(tuple(folders[:depth]))
        with self._file("/".join((*folders, last)), os.O_WRONLY | os.O_CREAT) as file:
            os.ftruncate(file, 0)
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(file, rest) :]
            self._give(file, 0o644)

    def truncate(self, name: str, size: int) -> None:
        """Cut a file, or extend it with zeros, to `size` bytes. A negative size counts from its
        end: `-1` cuts the last byte."""
        with self._file(name, os.O_WRONLY) as file:
            now = os.fstat(file).st_size
            os.ftruncate(file, max(0, now + size) if size < 0 else size)

    def flip_byte(self, name: str, offset: int) -> None:
        """Invert every bit of one byte. A negative offset counts from the end of the file."""
        with self._file(name, os.O_RDWR) as file:
            at = offset + os.fstat(file).st_size if offset < 0 else offset
            byte = os.pread(file, 1, at) if at >= 0 else b""
            if not byte:
                raise IndexError(f"{name} has no byte {offset}")
            os.pwrite(file, bytes([byte[0] ^ 0xFF]), at)

    def size(self, name: str | None = None) -> int:
        """Bytes in one file, or in all of them."""
        if name is not None:
            with self._file(name, os.O_RDONLY) as file:
                return os.fstat(file).st_size
        total = 0
        for each in self.files():
            try:
                total += self.size(each)
            except FileNotFoundError:
                continue  # a running program may delete what was just listed
        return total

    def fill(self, leave: int = 0) -> int:
        """Take up the volume's free space but for `leave` bytes, so that the program meets ENOSPC.

        Returns the bytes taken. Raises `Unavailable` where the volume has no bound of its own.
        """
        self.release()
        space = os.statvfs(self._root)
        if space.f_blocks * space.f_frsize > BOUND:
            raise Unavailable("the data folder is not a volume of bounded size here")
        want = max(0, space.f_bavail * space.f_frsize - leave)
        name = f".ballast-{secrets.token_hex(8)}"
        with self._file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as file:
            self._ballast = name
            return _occupy(file, want)

    def release(self) -> None:
        """Give back what `fill` took."""
        name, self._ballast = self._ballast, None
        if name is not None:
            with self._folder(()) as root:
                os.unlink(name, dir_fd=root)

    def _list(self, folder: int, prefix: str, found: list[str]) -> None:
        with os.scandir(folder) as entries:
            names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for name, is_folder in names:
            if name == self._ballast and not prefix:
                continue
            if len(found) >= FILE_LIMIT or prefix.count("/") >= DEPTH_LIMIT:
                raise UnsafePath(f"the data folder holds more than {FILE_LIMIT} files or is deep")
            try:
                if not is_folder:
                    if stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                        found.append(prefix + name)
                    continue
                inner = os.open(name, _FOLDER, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
                    continue  # a running program may replace what was just listed
                raise
            try:
                self._list(inner, f"{prefix}{name}/", found)
            finally:
                os.close(inner)

    def _make_folder(self, parts: tuple[str, ...]) -> None:
        with self._folder(parts[:-1]) as parent:
            try:
                os.mkdir(parts[-1], 0o755, dir_fd=parent)
            except FileExistsError:
                return
        with self._folder(parts) as made:
            self._give(made, 0o755)

    def _give(self, file: int, mode: int) -> None:
        """Let the program have what the examiner made: the volume's owner is the cell's user."""
        owner = self._root.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
        os.fchmod(file, mode)

    @contextmanager
    def _folder(self, parts: tuple[str, ...]) -> Iterator[int]:
        folder = os.open(self._root, _FOLDER)
        try:
            for part in parts:
                inner = _open(part, _FOLDER, folder)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _file(self, name: str, flags: int) -> Iterator[int]:
        *folders, last = _parts(name)
        with self._folder(tuple(folders)) as folder:
            file = _open(last, flags | _FILE, folder)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise UnsafePath(f"{name!r} in the data folder is not a plain file")
            yield file
        finally:
            os.close(file)


def wipe(root: Path) -> None:
    """Delete everything in `root`, however deep and whatever it is called. No program may run.

    Inner folders are moved up into `root` one after the other: no recursion, and no long path.
    """
    folder = os.open(root, _FOLDER)
    try:
        while names := os.listdir(folder):  # noqa: PTH208 - by descriptor
            for name in names:
                if not _is_folder(name, folder):
                    os.unlink(name, dir_fd=folder)
                    continue
                inner = os.open(name, _FOLDER, dir_fd=folder)
                try:
                    for child in os.listdir(inner):  # noqa: PTH208 - by descriptor
                        if _is_folder(child, inner):
                            _move_up(child, inner, folder)
                        else:
                            os.unlink(child, dir_fd=inner)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=folder)
    finally:
        os.close(folder)


def _is_folder(name: str, parent: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _move_up(name: str, parent: int, folder: int) -> None:
    os.rename(name, f".{secrets.token_hex(16)}", src_dir_fd=parent, dst_dir_fd=folder)


def _parts(name: str) -> tuple[str, ...]:
    parts = tuple(name.split("/"))
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise UnsafePath(f"{name!r} is not a name inside the data folder")
    return parts


def _open(part: str, flags: int, folder: int) -> int:
    try:
        return os.open(part, flags, 0o644, dir_fd=folder)
    except OSError as error:
        # ELOOP: a link where a file was asked for; ENOTDIR: a link or file where a folder was;
        # ENXIO: a FIFO or socket. open(2)
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO, errno.EISDIR):
            raise UnsafePath(
                f"{part!r} in the data folder is a link or not a plain file"
            ) from error
        raise


def _occupy(file: int, want: int) -> int:
    """Allocate up to `want` bytes, less where the volume is full before."""
    taken, step = 0, want
    while step >= 4096:
        try:
            os.posix_fallocate(file, taken, min(step, want - taken) or 1)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            step //= 2
            continue
        taken += min(step, want - taken)
        if taken >= want:
            break
    return taken
