"""Where a submission comes from: its path or URL turned into one pinned, clean tree."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grader.errors import Rejected, StoreError, UsageError
from grader.intake import changes, commit, folder, gitdir, refs, tree, url
from grader.intake.git import Deadline, Repository
from grader.intake.limits import Access, IntakeLimits
from grader.intake.member import Member
from grader.intake.notices import Notices, shown
from grader.intake.objects import Objects
from grader.intake.remote import Remote
from grader.intake.sieve import Sieve
from grader.model.submission import SourceKind, Submission
from grader.model.untrusted import Untrusted

_KEPT = 1024
_OUR_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(frozen=True, slots=True)
class Source:
    """A submission and the clean tar of its tree, whose sha256 is `submission.digest`."""

    submission: Submission
    tar: bytes


def take(
    source: str,
    *,
    ref: str | None,
    worktree: bool,
    limits: IntakeLimits,
    received_at: datetime,
    scratch: Path,
    access: Access = Access(),  # noqa: B008 - frozen
) -> Source:
    """Take `source`: a git URL, the top of a local git repository (its HEAD, or `ref`, or with
    `worktree` the files on disk), or any other folder as it is on disk. Scratch files are made in
    the folder `scratch` and removed. Raises Rejected for a broken rule, UsageError for a path or a
    combination that cannot be, InfraError where the network failed.
    """
    if ref is not None and worktree:
        raise UsageError(
            "ref-and-worktree", "--ref and --worktree exclude each other", hint="give one of them"
        )
    path = Path(source)
    if source.startswith("-") or (url.looks_like_url(source) and not os.path.lexists(source)):
        if worktree:
            raise UsageError("worktree-of-url", "--worktree needs a local repository")
        taking = _Taking(limits, scratch, Notices())
        address = url.parse(source)
        kind, label = SourceKind.GIT_URL, address.url
        found = taking.url(address, ref, access)
    else:
        _check_path(path, source, access)
        taking = _Taking(limits, scratch, Notices())
        kind, found = taking.path(path, ref, worktree)
        label = source
    clean = tree.clean(found.members, taking.notices)
    commit_found = found.commit
    submission = Submission(
        kind=kind,
        label=_untrusted(label),
        commit=commit_found.id if commit_found else None,
        ref=_untrusted(ref) if ref is not None else None,
        author=commit_found.author if commit_found else None,
        subject=commit_found.subject if commit_found else None,
        committed_at=commit_found.committed_at if commit_found else None,
        received_at=received_at.astimezone(UTC).isoformat(),
        digest=clean.digest,
        files=clean.files,
        size=clean.size,
        notices=taking.notices.sentences(),
    )
    return Source(submission, clean.tar)


@dataclass(frozen=True, slots=True)
class _Found:
    members: list[Member]
    commit: commit.Commit | None = None


@dataclass(frozen=True, slots=True)
class _Taking:
    """What the kinds of sources share."""

    limits: IntakeLimits
    scratch: Path
    notices: Notices

    def url(self, address: url.Address, ref: str | None, access: Access) -> _Found:
        with self._room() as room:
            repository = Repository.create(Path(room), self._deadline())
            remote = Remote.open(address, repository, self.limits, access)
            return self._committed(repository, remote.fetch(None if ref == "HEAD" else ref))

    def path(self, path: Path, ref: str | None, worktree: bool) -> tuple[SourceKind, _Found]:
        if worktree and os.path.lexists(path / ".git"):
            self.notices.say("--worktree: the files on disk are graded, not a commit")
            return SourceKind.GIT_PATH, _Found(self._on_disk(path))
        try:
            git = gitdir.find(path)
        except PermissionError as error:
            raise folder.unreadable(path, error) from None
        if git is None or worktree:
            return SourceKind.FOLDER, _Found(self._folder(path, ref, worktree))
        with self._room() as room:
            try:
                repository = gitdir.borrow(git, Path(room), self._deadline())
            except PermissionError as error:
                raise folder.unreadable(path, error) from None
            found = self._committed(repository, refs.resolve(repository, ref))
        if programs := git.programs():
            self.notices.say(
                f"the repository's own git config was not used; it names programs ({programs}),"
                " so look at it before you run git there"
            )
        if not git.bare and ref is None:
            changed = changes.notice(path, found.members, self.limits)
            if changed:
                self.notices.say(changed)
        return SourceKind.GIT_PATH, found

    def _folder(self, path: Path, ref: str | None, worktree: bool) -> list[Member]:
        if ref is not None or worktree:
            option = "--worktree" if worktree else "--ref"
            raise UsageError(
                "not-a-repository",
                f"{option} needs a git repository, and '{shown(str(path))}' is not the top of one",
                hint=f"leave {option} out, or give the folder that holds .git",
            )
        self.notices.say("a plain folder, not the top of a git repository: graded as it is on disk")
        return self._on_disk(path)

    def _on_disk(self, path: Path) -> list[Member]:
        return folder.read_members(path, Sieve(self.limits, self.notices))

    def _committed(self, repository: Repository, commit_id: str) -> _Found:
        with Objects(repository) as objects:
            found = commit.read_commit(objects, commit_id)
            sieve = Sieve(self.limits, self.notices)
            return _Found(commit.read_members(objects, found.tree, sieve), found)

    def _deadline(self) -> Deadline:
        return Deadline.after(self.limits.fetch_seconds)

    @contextmanager
    def _room(self) -> Iterator[str]:
        """A folder below `scratch`; that it cannot be made or is full is not the source's fault."""
        try:
            with tempfile.TemporaryDirectory(prefix="intake-", dir=self.scratch) as room:
                yield room
        except OSError as error:
            if error.errno not in _OUR_DISK and self.scratch.is_dir():
                raise
            raise StoreError(
                "state-folder",
                f"cannot write to {self.scratch}: {error.strerror}",
                hint="make it writable, free disk space there, or name another in GRADE_STATE",
            ) from error


def _check_path(path: Path, source: str, access: Access) -> None:
    if not access.local_paths:
        raise Rejected(
            "source-url",
            f"'{shown(source)}' is not a repository URL",
            details=("a local path is taken only where a reviewer typed it",),
            hint="use the https:// address of the repository",
        )
    if not os.path.lexists(source):
        raise UsageError(
            "no-such-source",
            f"there is nothing at '{shown(source)}'",
            hint="give the path of a folder, or a URL that begins with https:// or git@",
        )
    if not path.is_dir():
        raise UsageError(
            "source-not-supported",
            f"'{shown(source)}' is a file; archives are not supported yet",
            hint="unpack it and give the path of the folder",
        )


def _untrusted(text: str) -> Untrusted:
    return Untrusted.of(text.encode("utf-8", "surrogateescape"), _KEPT)
