"""The files of a pack: which count, which are refused, and the digest over them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.packs.problems import Problem

_IGNORED_FOLDERS = frozenset(
    {"__pycache__", ".git", "_build", ".pytest_cache", ".mypy_cache", ".ruff_cache"}
)
_IGNORED_FILE = re.compile(r".*~|\..*\.sw[a-p]|#.*#|\.#.*|.*\.py[co]|\.DS_Store")


def pack_files(root: Path) -> tuple[str, ...]:
    """The files that make up the tree at `root`, as sorted paths with `/`.

    Left out are caches, `_build`, `.git` and what editors leave behind.
    """
    return tuple(sorted(path for path in _entries(root) if (root / path).is_file()))


def tree_problems(root: Path) -> Iterator[Problem]:
    """Links that leave the pack or lead to a folder or nowhere, and what is no file at all."""
    home = root.resolve()
    for path in sorted(_entries(root)):
        place = root / path
        if place.is_symlink():
            if not place.resolve().is_relative_to(home):
                yield Problem(path, "is a symbolic link that leaves the pack")
            elif not place.is_file():
                yield Problem(path, "is a symbolic link that does not lead to a file")
        elif not place.is_file():
            yield Problem(path, "is neither a file nor a folder")


def digest_of(root: Path, files: Iterable[str]) -> str:
    """The sha256, in hex, over path, NUL, size, NUL and content of each file in turn.

    Modes, owners and times do not enter.
    """
    whole = hashlib.sha256()
    for path in files:
        content = (root / path).read_bytes()
        whole.update(path.encode("utf-8", "surrogateescape"))
        whole.update(b"\0%d\0" % len(content))
        whole.update(content)
    return whole.hexdigest()


def _entries(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        place = Path(folder)
        kept = [name for name in folders if name not in _IGNORED_FOLDERS]
        folders[:] = [name for name in kept if not (place / name).is_symlink()]
        links = [name for name in kept if (place / name).is_symlink()]
        for name in [*files, *links]:
            if not _IGNORED_FILE.fullmatch(name):
                yield (place / name).relative_to(root).as_posix()
