"""Counts what a walk meets and stops it at the first limit, before any content is read."""

from __future__ import annotations

from grader.errors import Rejected
from grader.intake import rules
from grader.intake.limits import IntakeLimits
from grader.intake.notices import Notice, Notices, shown
from grader.model.quantity import show_bytes

_HINT = "leave generated and downloaded files out; an assignment is source code"


class Sieve:
    """One walk over one tree. Methods return whether to go on with the path, note what is left
    out, and raise Rejected at a limit.
    """

    def __init__(self, limits: IntakeLimits, notices: Notices) -> None:
        self.limits = limits
        self.notices = notices
        self._files = 0
        self._folders = 0
        self._bytes = 0
        self._seen: set[bytes] = set()

    def folder(self, path: bytes) -> bool:
        self._folders += 1
        if self._folders > self.limits.files:
            raise _too_much(f"more than {self.limits.files} folders", "files", self.limits.files)
        return self._keep(path)

    def file(self, path: bytes, size: int) -> bool:
        self._count()
        if not self._keep(path):
            return False
        if size > self.limits.file_bytes:
            limit = show_bytes(self.limits.file_bytes)
            raise Rejected(
                "source-size",
                f"'{shown(path)}' is larger than {limit}",
                details=(f"limit: intake.file_bytes = {limit}", f"its size: {show_bytes(size)}"),
                hint=_HINT,
            )
        self._bytes += size
        if self._bytes > self.limits.total_bytes:
            limit = show_bytes(self.limits.total_bytes)
            raise _too_much(f"more than {limit}", "total_bytes", limit)
        return True

    def symlink(self, path: bytes, size: int) -> bool:
        self._count()
        if not self._keep(path):
            return False
        if size > self.limits.path_bytes:
            raise Rejected(
                "source-link",
                f"the target of symlink '{shown(path)}' is longer than"
                f" {self.limits.path_bytes} bytes",
                hint="replace the symlink by the file",
            )
        return True

    def submodule(self, path: bytes) -> None:
        self._count()
        if self._keep(path):
            self.notices.add(Notice.SUBMODULE, path)

    def special(self, path: bytes, what: str) -> None:
        """Refuse what is neither file, folder nor symlink, unless its name is left out anyway."""
        self._count()
        if self._keep(path):
            raise Rejected(
                "source-special",
                f"'{shown(path)}' is a {what}, not a file",
                hint="remove it; only files, folders and symlinks are graded",
            )

    def expect(self, files: int) -> None:
        """Raise already when `files` more are too many, though none of them was shown yet."""
        if self._files + files > self.limits.files:
            raise _too_much(f"more than {self.limits.files} files", "files", self.limits.files)

    def _count(self) -> None:
        self._files += 1
        if self._files > self.limits.files:
            raise _too_much(f"more than {self.limits.files} files", "files", self.limits.files)

    def _keep(self, path: bytes) -> bool:
        rules.check_path(path, self.limits)
        if path in self._seen:
            raise Rejected(
                "source-name",
                f"'{shown(path)}' is there twice",
                hint="the repository is damaged; clone it anew and check it with git fsck",
            )
        self._seen.add(path)
        name = path.rpartition(b"/")[2]
        if rules.is_odd(name):
            self.notices.add(Notice.ODD_NAME, path)
        notice = rules.left_out(name)
        if notice is not None:
            self.notices.add(notice, path)
        return notice is None


def _too_much(what: str, key: str, limit: object) -> Rejected:
    return Rejected(
        "source-size",
        f"the submission holds {what}",
        details=(f"limit: intake.{key} = {limit}",),
        hint=_HINT,
    )
