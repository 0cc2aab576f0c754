"""What intake left out or found worth a look, gathered path by path and told in few sentences."""

from __future__ import annotations

from enum import Enum

from grader.escape import one_line

_NAMED = 5


class Notice(Enum):
    """Each value is the sentence the paths are appended to."""

    GIT_DATA = "left out git's own data inside the tree"
    BUILD = "left out build output, locks and workspace files, which grading brings itself"
    EDITOR = "left out editor and CI settings"
    SUBMODULE = "submodules are not fetched"
    LOOP = "left out symlinks that lead back to themselves or to a folder around them"
    TWINS = "names that differ only in case"
    ODD_NAME = "names with control, invisible or undecodable characters, escaped here"
    LFS = "Git LFS pointers stand where the content should be"
    PREBUILT = "prebuilt executable in repository"


class Notices:
    """A growing list; `sentences` is safe to print and names at most five paths a notice."""

    def __init__(self) -> None:
        self._paths: dict[Notice, list[str]] = {}
        self._counts: dict[Notice, int] = {}
        self._free: list[str] = []

    def add(self, notice: Notice, path: bytes) -> None:
        self._counts[notice] = self._counts.get(notice, 0) + 1
        named = self._paths.setdefault(notice, [])
        if len(named) < _NAMED:
            named.append(shown(path))

    def say(self, sentence: str) -> None:
        """Add a whole sentence, which is plain text already."""
        self._free.append(sentence)

    def sentences(self) -> tuple[str, ...]:
        return (*self._free, *(self._sentence(n) for n in Notice if n in self._paths))

    def _sentence(self, notice: Notice) -> str:
        return f"{notice.value}: {listed(self._paths[notice], self._counts[notice])}"


def listed(named: list[str], total: int) -> str:
    """`a, b and 3 more`."""
    rest = total - len(named)
    return ", ".join(named) + (f" and {rest} more" if rest else "")


def shown(name: bytes | str) -> str:
    """A candidate's name on one line, fit for an error or a notice."""
    return one_line(name.decode("utf-8", "replace") if isinstance(name, bytes) else name, 120)
