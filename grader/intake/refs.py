"""From the name of a branch, tag or commit to a commit id."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from grader.errors import InfraError, Rejected
from grader.intake.git import Repository
from grader.intake.notices import listed, shown

FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAMES = 2000
_NAME_LENGTH = 200


def resolve(repository: Repository, ref: str | None) -> str:
    """The id of the commit that `ref`, or HEAD, names in `repository`. Raises Rejected:
    `source-empty` where there is no commit at all, `source-ref` for an unknown name.
    """
    wanted = "HEAD" if ref is None else ref
    if "\0" not in wanted:
        found = repository.run("rev-parse", "--verify", "--end-of-options", f"{wanted}^{{commit}}")
        commit_id = found.output.decode("ascii", "replace").strip()
        if found.code == 0 and FULL_ID.fullmatch(commit_id):
            return commit_id
    listing = repository.run("for-each-ref", "--format=%(refname)", "--", "refs/heads", "refs/tags")
    if listing.code != 0:
        raise InfraError("git-failed", f"git says: {shown(listing.errors)}", hint="update git")
    names = listing.output.decode("utf-8", "replace").split()
    if not names:
        raise Rejected(
            "source-empty",
            "the repository has no commits yet",
            hint="commit your work: git add . && git commit",
        )
    raise unknown(ref, names)


def unknown(ref: str | None, names: Sequence[str]) -> Rejected:
    """The error for a `ref` that is not among `names`, full ref names; it tells the nearest."""
    known = [name.removeprefix("refs/heads/").removeprefix("refs/tags/") for name in names]
    known = [name for name in known[:_NAMES] if len(name) <= _NAME_LENGTH]
    near = difflib.get_close_matches((ref or "main")[:_NAME_LENGTH], known, n=3) or known[:3]
    details = (f"it has: {listed([shown(n) for n in near], len(names))}",) if near else ()
    if ref is None:
        message, hint = "the repository has no commit at its HEAD", "name a branch with --ref"
    else:
        message = f"there is no branch, tag or commit '{shown(ref)}'"
        hint = "use one of these names, or the full id of a commit"
    return Rejected("source-ref", message, details=details, hint=hint)
