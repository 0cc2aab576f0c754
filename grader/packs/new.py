"""A new pack from the template: an echo server, small and complete."""

from __future__ import annotations

import re
from pathlib import Path

from grader import escape
from grader.errors import UsageError
from grader.packs.tree import pack_files

_TEMPLATE = Path(__file__).resolve().parent / "template"
_PLACEHOLDER = "PACK_NAME"


def new_pack(name: str, into: Path) -> Path:
    """Write the pack `name` into the folder `into` and return its root.

    Raises UsageError `bad-name` or `pack-exists`; then nothing was written.
    """
    if re.fullmatch(r"[a-z][a-z0-9-]{0,39}", name) is None:
        raise UsageError(
            "bad-name",
            f"{escape.one_line(name)!r} is no name for an assignment",
            hint="use lower-case letters, digits and hyphens, starting with a letter, "
            "at most 40 characters",
        )
    root = into / name
    if root.exists() or root.is_symlink():
        raise UsageError(
            "pack-exists",
            f"{escape.one_line(str(root))} exists already and was left alone",
            hint="choose another name, or another folder with --into",
        )
    for path in pack_files(_TEMPLATE):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (_TEMPLATE / path).read_text(encoding="utf-8")
        target.write_text(text.replace(_PLACEHOLDER, name), encoding="utf-8")
    return root
