"""Where the symlinks of a tree lead, followed on paper and never on a disk.

A symlink may lead anywhere inside the tree, also to a path that only the build will make. One that
leaves the tree, even by way of another symlink, is rejected; one that leads to itself or to a
folder it stands in is dropped, since a walk through it never ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grader.errors import Rejected
from grader.intake.member import Kind, Member
from grader.intake.notices import Notice, Notices, shown

_HOPS = 40  # what Linux follows before ELOOP
_STEPS = 100_000  # path parts followed for one tree


class Links:
    """The symlinks of one tree. Raises Rejected (`source-link`)."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._targets: Mapping[bytes, bytes] = {
            m.path: m.data for m in members if m.kind is Kind.SYMLINK
        }
        self._steps = 0

    def dropped(self, notices: Notices) -> frozenset[bytes]:
        """The paths of the symlinks to leave out, each noted."""
        loops = [link for link in self._targets if self._loops(link)]
        for link in loops:
            notices.add(Notice.LOOP, link)
        return frozenset(loops)

    def resolve(self, path: bytes) -> bytes | None:
        """The path that `path` leads to, `b""` for the root, None for an endless chain."""
        parts: list[bytes] = []
        ahead = path.split(b"/")[::-1]
        hops = 0
        while ahead:
            self._steps += 1
            if self._steps > _STEPS:
                raise _rejected(path, "is one of too many to follow")
            part = ahead.pop()
            if part == b"..":
                if not parts:
                    raise _rejected(path, "points outside the repository")
                parts.pop()
            elif part not in (b"", b"."):
                parts.append(part)
                target = self._targets.get(b"/".join(parts))
                if target is not None:
                    hops += 1
                    if hops > _HOPS:
                        return None
                    if target.startswith(b"/") or not target or b"\0" in target:
                        raise _rejected(path, "points outside the repository")
                    parts.pop()
                    ahead += target.split(b"/")[::-1]
        return b"/".join(parts)

    def _loops(self, link: bytes) -> bool:
        end = self.resolve(link)
        return end is None or end == b"" or link.startswith(end + b"/")


def _rejected(link: bytes, what: str) -> Rejected:
    return Rejected(
        "source-link",
        f"symlink '{shown(link)}' {what}",
        hint="replace the symlink by the file it should hold, or make it relative and inside",
    )
