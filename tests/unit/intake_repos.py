"""Builders for the intake tests: real git repositories, and objects that git itself would not make.

Objects are written as loose files, so that a tree can hold any name, any mode and any order, and a
repository with thousands of paths costs milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.intake import Access, IntakeLimits, Source, take

RECEIVED = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
PROJECT = b"(lang dune 3.17)\n"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
ENVIRONMENT = {
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "HOME": "/nonexistent",
    "PATH": os.defpath,
}

FILE, LINK, FOLDER, SUBMODULE = "100644", "120000", "40000", "160000"


@dataclass(frozen=True)
class Entry:
    """One line of a tree object; `data` is a blob's content or the id of an object."""

    mode: str
    name: bytes
    data: bytes | str


def link(target: bytes) -> Entry:
    return Entry(LINK, b"", target)


class Repo:
    """A repository made by `git init`, filled object by object."""

    def __init__(self, path: Path, *, bare: bool = False) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
        self.git_dir = path if bare else path / ".git"

    def git(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env=ENVIRONMENT,
            check=check,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def object(self, kind: str, data: bytes, *, named: str | None = None) -> str:
        """Write an object, under an id that is not its own if `named` is given."""
        raw = f"{kind} {len(data)}\0".encode() + data
        object_id = named or hashlib.sha1(raw).hexdigest()
        path = self.git_dir / "objects" / object_id[:2] / object_id[2:]
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(zlib.compress(raw, 1))
        return object_id

    def tree(self, entries: Iterable[Entry]) -> str:
        raw = b""
        for entry in entries:
            data = entry.data
            object_id = self.object("blob", data) if isinstance(data, bytes) else data
            raw += entry.mode.encode() + b" " + entry.name + b"\0" + bytes.fromhex(object_id)
        return self.object("tree", raw)

    def commit_tree(
        self,
        tree: str,
        *,
        branch: str = "main",
        author: bytes = b"Ada <ada@example.org>",
        message: bytes = b"Do the work\n\nAll of it.\n",
        date: bytes = b"1700000000",
    ) -> str:
        who = author + b" " + date + b" +0100"
        head = b"tree %s\nauthor %s\ncommitter %s\n\n" % (tree.encode(), who, who)
        commit_id = self.object("commit", head + message)
        ref = self.git_dir / "refs" / "heads" / branch
        ref.parent.mkdir(parents=True, exist_ok=True)
        ref.write_text(commit_id + "\n")
        return commit_id

    def commit(self, files: Mapping[str | bytes, bytes | Entry], branch: str = "main") -> str:
        """Commit `files` by path, `dune-project` added; the files on disk are not touched."""
        return self.commit_tree(self.nested({b"dune-project": PROJECT, **files}), branch=branch)

    def nested(self, files: Mapping[str | bytes, bytes | Entry]) -> str:
        here: dict[bytes, Entry] = {}
        below: dict[bytes, dict[str | bytes, bytes | Entry]] = {}
        for path, content in files.items():
            name = path if isinstance(path, bytes) else path.encode()
            top, slash, rest = name.partition(b"/")
            if slash:
                below.setdefault(top, {})[rest] = content
            elif isinstance(content, Entry):
                here[top] = Entry(content.mode, top, content.data)
            else:
                here[top] = Entry(FILE, top, content)
        for top, inner in below.items():
            here[top] = Entry(FOLDER, top, self.nested(inner))
        return self.tree(here[name] for name in sorted(here))


def write_files(root: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


class Taker:
    """`take` with valid defaults."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    def __call__(
        self,
        source: Path | str,
        ref: str | None = None,
        worktree: bool = False,
        limits: IntakeLimits | None = None,
        access: Access | None = None,
    ) -> Source:
        return take(
            str(source),
            ref=ref,
            worktree=worktree,
            limits=limits or IntakeLimits(),
            received_at=RECEIVED,
            scratch=self.scratch,
            access=access or Access(),
        )
