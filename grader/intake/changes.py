"""Files on disk that differ from the commit that is graded, found without asking git.

`git status` and `git diff` run programs that the repository's own config names, so the files are
compared here with the members read from the commit. What git ignores is not known here: a file that
is not in the commit counts only if its name is that of a source file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from grader.errors import GradeError
from grader.intake import folder
from grader.intake.contents import is_lfs_pointer
from grader.intake.limits import IntakeLimits
from grader.intake.member import Member
from grader.intake.notices import Notices, listed, shown
from grader.intake.sieve import Sieve

_SOURCE = re.compile(rb"(.*/)?(dune|dune-project|[^/]+\.(ml|mli|mll|mly|c|cc|cpp|h|opam))")
_NAMED = 3


def notice(root: Path, members: Sequence[Member], limits: IntakeLimits) -> str | None:
    """A sentence about what is on disk below `root` and not in `members`, None if nothing is."""
    try:
        on_disk = folder.read_members(root, Sieve(limits, Notices()))
    except GradeError:
        return "the files on disk were not compared with the commit: they break an intake rule"
    now = {member.path: member for member in on_disk}
    then = {member.path: member for member in members}
    changed = [path for path, member in then.items() if not _same(member, now.get(path))]
    changed += [path for path in now.keys() - then.keys() if _SOURCE.fullmatch(path)]
    if not changed:
        return None
    named = listed([shown(path) for path in sorted(changed)[:_NAMED]], len(changed))
    return f"changes that are not committed are not graded: {named} (--worktree grades them)"


def _same(member: Member, other: Member | None) -> bool:
    if other is None or member.is_file != other.is_file:
        return False
    if member.data == other.data or is_lfs_pointer(member.data):
        return True
    # Git for Windows writes CRLF to disk and LF into commits.
    return member.is_file and member.data == other.data.replace(b"\r\n", b"\n")
