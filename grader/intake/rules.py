"""Which names a source tree may hold, and which are left out. Pure functions over bytes."""

from __future__ import annotations

import unicodedata

from grader.errors import Rejected
from grader.intake.limits import IntakeLimits
from grader.intake.notices import Notice, shown

_COMPONENT_BYTES = 255  # what ext4, tmpfs and APFS take
_BUILD = {b"_build", b"_opam", b"dune.lock"}
_EDITOR = {
    b".circleci",
    b".devcontainer",
    b".github",
    b".gitlab",
    b".gitlab-ci.yml",
    b".idea",
    b".travis.yml",
    b".vscode",
}
_OTHER_VERSION_CONTROL = {b".hg", b".svn", b"_darcs"}
# Characters HFS+ ignores when it compares names; see verify_path in git's read-cache.c.
_HFS_IGNORED = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)


def left_out(name: bytes) -> Notice | None:
    """The notice under which a file or folder called `name` is left out, or None to keep it."""
    if is_git_data(name) or name in _OTHER_VERSION_CONTROL:
        return Notice.GIT_DATA
    if name in _BUILD or name.startswith(b"dune-workspace"):
        return Notice.BUILD
    return Notice.EDITOR if name in _EDITOR else None


def is_git_data(name: bytes) -> bool:
    """Whether some file system takes `name` for `.git`: case, HFS+ and NTFS spellings included."""
    text = name.decode("utf-8", "replace").translate(_HFS_IGNORED)
    parts = text.casefold().replace("\\", "/").split("/")
    return any(part.split(":")[0].rstrip(". ") in (".git", "git~1") for part in parts)


def is_odd(name: bytes) -> bool:
    """Whether `name` does not show as what it is."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return not text.isprintable()


def check_path(path: bytes, limits: IntakeLimits) -> None:
    """Raise Rejected unless every part of `path` is a name a Linux file system takes."""
    if len(path) > limits.path_bytes:
        raise Rejected(
            "source-name",
            f"a path is longer than {limits.path_bytes} bytes",
            details=(f"path: {shown(path)}",),
            hint="shorten the names of its folders",
        )
    parts = path.split(b"/")
    if len(parts) > limits.depth:
        raise Rejected(
            "source-size",
            f"folders are nested more than {limits.depth} deep",
            details=(f"path: {shown(path)}",),
            hint="move the file nearer to the root",
        )
    for part in parts:
        if part in (b"", b".", b"..") or b"\0" in part:
            raise Rejected(
                "source-name",
                f"'{shown(part)}' is not a file name",
                details=(f"path: {shown(path)}",),
                hint="rename it, commit and submit again",
            )
        if len(part) > _COMPONENT_BYTES:
            raise Rejected(
                "source-name",
                f"a name is longer than {_COMPONENT_BYTES} bytes",
                details=(f"path: {shown(path)}",),
                hint="shorten it",
            )


def same_but_case(path: bytes) -> str:
    """A key that is equal for paths which a case-insensitive file system takes for one."""
    return unicodedata.normalize("NFC", path.decode("utf-8", "surrogateescape").casefold())
