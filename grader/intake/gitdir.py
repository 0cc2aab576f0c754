"""A git repository on disk, taken as data: its refs are copied, its objects lent, nothing trusted.

A repository may be an unpacked archive, so its `.git` is the candidate's too. Whatever in it could
lead elsewhere (alternates, symlinks, a `.git` file that names another folder) could pull a
stranger's objects into the submission and is refused; whatever could run (config, hooks) is left
behind.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import Rejected
from grader.intake.git import Deadline, Repository
from grader.intake.notices import listed, shown

_ENTRIES = 1_000_000
_PATH = 3000
_REFS = 50_000
_SMALL = 4096
_PACKED_REFS = 16 << 20
_RUNS = re.compile(
    r"^\s*(askpass|clean|command|driver|editor|external|fsmonitor|gitproxy|helper|hookspath|pager"
    r"|process|program|receivepack|smudge|sshcommand|textconv|uploadpack|vcs)\s*=",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class GitFolder:
    """`head` holds HEAD; `common` holds objects and refs. They differ in a linked work tree."""

    head: Path
    common: Path
    bare: bool

    def programs(self) -> str:
        """Config keys that name programs, as a list for people; empty if there are none."""
        text = _read(self.common / "config", 1 << 16).decode("utf-8", "replace")
        keys = sorted({match[1].lower() for match in _RUNS.finditer(text)})
        return listed(keys, len(keys))


def find(folder: Path) -> GitFolder | None:
    """The repository whose top is `folder`, or None. Raises Rejected (`source-gitdir`)."""
    dot = folder / ".git"
    if dot.is_symlink():
        raise _rejected("'.git' is a symlink")
    if dot.is_file():
        return _linked(dot)
    if _is_repository(dot):
        return GitFolder(dot, dot, bare=False)
    return GitFolder(folder, folder, bare=True) if _is_repository(folder) else None


def borrow(git: GitFolder, path: Path, deadline: Deadline) -> Repository:
    """A throw-away repository at `path` with the refs of `git`, reading its objects in place.
    Raises Rejected (`source-gitdir`).
    """
    objects = git.common / "objects"
    if (git.common / "reftable").exists():
        raise _rejected("its refs are stored as a reftable, which intake does not read yet")
    for name in ("alternates", "http-alternates"):
        if _read(objects / "info" / name, _SMALL).strip():
            raise _rejected(f"'objects/info/{name}' lends it the objects of another repository")
    _check_plain(objects)
    config = _read(git.common / "config", 1 << 16).lower()
    sha256 = re.search(rb"^\s*objectformat\s*=\s*\"?sha256", config, re.MULTILINE) is not None
    repository = Repository.create(path, deadline, lent=objects.absolute(), sha256=sha256)
    (path / "HEAD").write_bytes(_read(git.head / "HEAD", _SMALL))
    (path / "packed-refs").write_bytes(_read(git.common / "packed-refs", _PACKED_REFS))
    for count, ref in enumerate(_check_plain(git.common / "refs")):
        if count >= _REFS:
            raise _rejected(f"it has more than {_REFS} refs")
        copy = path / ref.relative_to(git.common)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(_read(ref, _SMALL))
    return repository


def _is_repository(path: Path) -> bool:
    parts = ((path / "HEAD").is_file(), (path / "objects").is_dir())
    return all(parts) and ((path / "refs").is_dir() or (path / "reftable").is_dir())


def _linked(dot: Path) -> GitFolder:
    """A work tree made by `git worktree add`: only if the repository it names knows of it."""
    name = _read(dot, _SMALL).decode("utf-8", "surrogateescape").strip()
    head = (dot.parent / name.removeprefix("gitdir:").strip()).resolve()
    back = _read(head / "gitdir", _SMALL).decode("utf-8", "surrogateescape").strip()
    common = head.parent.parent
    knows = back and (head / back).resolve() == dot.resolve()
    if not knows or head.parent.name != "worktrees" or not _is_repository(common):
        raise _rejected("'.git' is a file that names a git folder elsewhere")
    return GitFolder(head, common, bare=False)


def _check_plain(folder: Path) -> list[Path]:
    """All files below `folder`, which may hold only real files and folders."""
    if folder.is_symlink() or not folder.is_dir():
        raise _rejected(f"'{shown(folder.name)}' in it is not a folder")
    files: list[Path] = []
    folders = [folder]
    count = 0
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                if count > _ENTRIES or len(entry.path) > _PATH:
                    raise _rejected(f"it holds more than {_ENTRIES} files, or too deep folders")
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    files.append(Path(entry.path))
                else:
                    raise _rejected(f"'{shown(entry.name)}' in it is a symlink or special file")
    return files


def _read(path: Path, cap: int) -> bytes:
    """A small regular file; empty if there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise _rejected(f"'{shown(path.name)}' in it: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        try:
            data = file.read(cap + 1)
        except OSError as error:
            raise _rejected(f"'{shown(path.name)}' in it: {error.strerror}") from None
    if len(data) > cap:
        raise _rejected(f"'{shown(path.name)}' in it is larger than {cap} bytes")
    return data


def _rejected(what: str) -> Rejected:
    return Rejected(
        "source-gitdir",
        f"the repository's git folder cannot be used: {what}",
        hint="clone the repository (git clone --no-local --dissociate) and submit the clone",
    )
