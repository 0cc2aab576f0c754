"""From the members a walk found to the clean tree that is graded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.errors import Rejected
from grader.intake import contents, rules, tar
from grader.intake.links import Links
from grader.intake.member import Member
from grader.intake.notices import Notice, Notices, listed, shown

_PROJECT = b"dune-project"


@dataclass(frozen=True, slots=True)
class Tree:
    """`digest` is the sha256 of `tar`; `size` the sum of the sizes of its files, in bytes."""

    tar: bytes
    digest: str
    files: int
    size: int


def clean(members: Sequence[Member], notices: Notices) -> Tree:
    """Settle symlinks, look at contents and pack. Raises Rejected, with `source-empty` for a tree
    without files and `source-not-dune` for one without a `dune-project` at its root.
    """
    links = Links(members)
    dropped = links.dropped(notices)
    kept = [m for m in members if m.path not in dropped]
    files = {m.path: m for m in kept if m.is_file}
    if not files:
        raise Rejected(
            "source-empty",
            "the submission holds no files",
            hint="commit your work, or check that the path is the right one",
        )
    if links.resolve(_PROJECT) not in files:
        raise _not_dune(files.keys())
    _note_twins(kept, notices)
    for member in files.values():
        if contents.is_prebuilt(member.data):
            notices.add(Notice.PREBUILT, member.path)
        elif contents.is_lfs_pointer(member.data):
            notices.add(Notice.LFS, member.path)
    packed = tar.write(kept)
    return Tree(
        tar=packed,
        digest=hashlib.sha256(packed).hexdigest(),
        files=len(files),
        size=sum(len(m.data) for m in files.values()),
    )


def _note_twins(members: Sequence[Member], notices: Notices) -> None:
    first: dict[str, bytes] = {}
    for member in members:
        twin = first.setdefault(rules.same_but_case(member.path), member.path)
        if twin != member.path:
            notices.add(Notice.TWINS, twin + b" and " + member.path)


def _not_dune(paths: Iterable[bytes]) -> Rejected:
    below = sorted(p.removesuffix(b"/" + _PROJECT) for p in paths if p.endswith(b"/" + _PROJECT))
    details: tuple[str, ...] = ()
    hint = "add a dune-project file at the root, for example with the line (lang dune 3.17)"
    if below:
        named = [shown(folder) for folder in below[:3]]
        details = (f"there is one in: {listed(named, len(below))}",)
        hint = "move the project to the root of the repository, or submit that folder by its path"
    return Rejected(
        "source-not-dune", "there is no dune-project file at the root", details=details, hint=hint
    )
