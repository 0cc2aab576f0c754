"""A submission that passed intake: where it came from and what exactly was taken."""

from __future__ import annotations

from enum import StrEnum

from grader.model.base import Value
from grader.model.untrusted import Untrusted


class SourceKind(StrEnum):
    GIT_PATH = "git_path"
    GIT_URL = "git_url"
    FOLDER = "folder"


class Submission(Value):
    """`label` is what the reviewer typed, without credentials. `commit` is a full object id, absent
    for a plain folder or work tree. `digest` is the sha256 of the clean tar. `notices` tell what
    intake ignored or found worth a look; they are plain text, safe to print.
    """

    kind: SourceKind
    label: Untrusted
    commit: str | None = None
    ref: Untrusted | None = None
    author: Untrusted | None = None
    subject: Untrusted | None = None
    committed_at: str | None = None
    received_at: str
    digest: str
    files: int
    size: int
    notices: tuple[str, ...] = ()
