"""What versions say about known holes. A version is a hint, not a proof: distributions patch.

Sources: the advisories of opencontainers/runc and moby/moby, and git's release notes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:-rc\.?(\d+))?")
_FINAL = 1_000_000

Version = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Hole:
    """`fixed` holds the first good version of each release line, oldest line first."""

    tool: str
    names: str
    what: str
    fixed: tuple[str, ...]


HOLES = (
    Hole("runc", "CVE-2024-21626", "a leaked descriptor lets a container out", ("1.1.12",)),
    Hole(
        "runc",
        "CVE-2025-31133, CVE-2025-52565, CVE-2025-52881",
        "races at a container's start let it out",
        ("1.2.8", "1.3.3", "1.4.0-rc.3"),
    ),
    Hole("engine", "CVE-2026-41567", "copying into a container can be led astray", ("28.5.3",)),
    Hole("git", "CVE-2025-48384", "a submodule's path can name a hook", ("2.43.7",)),
)


@dataclass(frozen=True, slots=True)
class Note:
    """One hole that a version may have. `patched` is None where only the distribution knows."""

    hole: Hole
    sure: bool

    def sentence(self) -> str:
        doubt = "" if self.sure else "; unknown whether the distribution has patched it"
        return f"{self.hole.names}: {self.hole.what}{doubt}"


def notes_for(tool: str, version: str) -> tuple[Note, ...]:
    """The holes of `tool` that `version` is too old for; none when the version cannot be read.

    git does not say who built it, so nothing about it is sure.
    """
    numbers = read_version(version)
    if numbers is None:
        return ()
    return tuple(
        Note(hole, sure=tool != "git" and not is_distribution_build(version))
        for hole in HOLES
        if hole.tool == tool and _is_older(numbers, hole.fixed)
    )


def read_version(text: str) -> Version | None:
    """`1.4.0-rc.3` -> (1, 4, 0, 3); a final release counts as later than its candidates."""
    found = _NUMBERS.search(text)
    if found is None:
        return None
    major, minor, patch, candidate = found.groups()
    last = _FINAL if candidate is None else int(candidate)
    return (int(major), int(minor), int(patch or 0), last)


def is_distribution_build(version: str) -> bool:
    """`1.1.5+ds1`, `20.10.24+dfsg1`, `1.1.12-0ubuntu2`: built, and perhaps patched, downstream."""
    return bool(re.search(r"\+ds|\+dfsg|ubuntu|deb\d|~ds|\.el\d|\.fc\d", version))


def _is_older(numbers: Version, fixed: tuple[str, ...]) -> bool:
    """Older than the fix of its own release line, or than the first fix if it has no line there."""
    lines = [line for line in map(read_version, fixed) if line is not None]
    for line in lines:
        if line[:2] == numbers[:2]:
            return numbers < line
    return numbers < lines[0]
