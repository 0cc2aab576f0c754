"""Commit and tree objects, parsed strictly, and the walk that turns a commit into members."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from grader.errors import Rejected
from grader.intake.member import Kind, Member
from grader.intake.notices import shown
from grader.intake.objects import Objects
from grader.intake.sieve import Sieve
from grader.model.untrusted import Untrusted

_OBJECT_BYTES = 8 << 20  # a tree object of 20000 long names is about 6 MiB
_KEPT = 256  # of an author or a subject
_PERSON = re.compile(rb"(?P<name>[^<\n]*)<[^\n]*> (?P<time>-?\d{1,18}) [+-]\d{4}")


@dataclass(frozen=True, slots=True)
class Commit:
    """`tree` is an object id; `committed_at` is what the committer's clock said, as ISO 8601 in
    UTC, None where that is no date.
    """

    id: str
    tree: str
    author: Untrusted | None
    subject: Untrusted
    committed_at: str | None


def read_commit(objects: Objects, commit_id: str) -> Commit:
    """Raises Rejected (`source-objects`)."""
    head, _, message = objects.content(commit_id, "commit", _OBJECT_BYTES).partition(b"\n\n")
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        headers.setdefault(key, value)
    tree = headers.get(b"tree", b"").decode("ascii", "replace")
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", tree):
        raise Rejected(
            "source-objects", f"commit {commit_id} has no tree", hint="check it with git fsck"
        )
    author = _PERSON.fullmatch(headers.get(b"author", b""))
    committer = _PERSON.fullmatch(headers.get(b"committer", b""))
    return Commit(
        id=commit_id,
        tree=tree,
        author=Untrusted.of(author["name"].strip(), _KEPT) if author else None,
        subject=Untrusted.of(message.strip().partition(b"\n")[0], _KEPT),
        committed_at=_date(committer["time"]) if committer else None,
    )


def read_members(objects: Objects, tree_id: str, sieve: Sieve) -> list[Member]:
    """Files and symlinks below the tree, read only after the whole tree passed `sieve`."""
    planned = list(_plan(objects, tree_id, sieve))
    contents = objects.contents([object_id for _, _, object_id in planned])
    return [
        Member(path, kind, data) for (path, kind, _), data in zip(planned, contents, strict=True)
    ]


def _plan(objects: Objects, tree_id: str, sieve: Sieve) -> Iterator[tuple[bytes, Kind, str]]:
    folders = [(b"", tree_id)]
    while folders:
        prefix, object_id = folders.pop()
        blobs: list[tuple[bytes, int, str]] = []
        for mode, name, entry_id in _entries(objects, object_id):
            path = prefix + name
            match stat.S_IFMT(mode):
                case stat.S_IFDIR:
                    if sieve.folder(path):
                        folders.append((path + b"/", entry_id))
                case stat.S_IFREG | stat.S_IFLNK:
                    blobs.append((path, mode, entry_id))
                    sieve.expect(len(blobs))
                case 0o160000:
                    sieve.submodule(path)
                case _:
                    sieve.special(path, f"entry of mode {mode:o}")
        shapes = objects.shapes([blob_id for _, _, blob_id in blobs])
        for (path, mode, blob_id), shape in zip(blobs, shapes, strict=True):
            if shape.kind != "blob":
                raise Rejected(
                    "source-objects",
                    f"'{shown(path)}' is a {shape.kind}, not a file",
                    hint="check it with git fsck",
                )
            if stat.S_ISLNK(mode):
                if sieve.symlink(path, shape.size):
                    yield path, Kind.SYMLINK, blob_id
            elif sieve.file(path, shape.size):
                yield path, Kind.EXECUTABLE if mode & 0o100 else Kind.FILE, blob_id


def _entries(objects: Objects, tree_id: str) -> Iterator[tuple[int, bytes, str]]:
    data = objects.content(tree_id, "tree", _OBJECT_BYTES)
    width = len(tree_id) // 2
    at = 0
    while at < len(data):
        stop = data.find(b"\0", at)
        mode, space, name = data[at:stop].partition(b" ")
        at = stop + 1 + width
        if stop < 0 or not space or at > len(data) or not re.fullmatch(b"[0-7]{5,6}", mode):
            raise Rejected(
                "source-objects", f"tree {tree_id} is damaged", hint="check it with git fsck"
            )
        yield int(mode, 8), name, data[stop + 1 : at].hex()


def _date(seconds: bytes) -> str | None:
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return None
