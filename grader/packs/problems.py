"""What is wrong with a pack: one `Problem` a fact, all of them in one `PackProblems`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader import escape
from grader.errors import PackError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    `file` is relative to the pack, `key` is a path inside it (`limits.run.memory`) or empty,
    `message` says in plain words what is wrong, `line` counts from 1 where it is known, and
    `suggestion` is the nearest thing that would have been right.
    """

    file: str
    message: str
    key: str = ""
    suggestion: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        subject = f"{self.key} " if self.key else ""
        advice = f" (perhaps you meant {self.suggestion!r})" if self.suggestion else ""
        return escape.one_line(f"{place}: {subject}{self.message}{advice}", width=400)


class PackProblems(PackError):
    """Everything that is wrong with the pack at `root`, in the order of its files."""

    def __init__(self, root: Path, problems: Iterable[Problem]) -> None:
        self.root = root
        self.problems = tuple(dict.fromkeys(problems))
        count = len(self.problems)
        super().__init__(
            "pack-problems",
            f"the pack at {escape.one_line(str(root))} has "
            + ("1 problem" if count == 1 else f"{count} problems"),
            details=tuple(str(problem) for problem in self.problems),
            hint="docs/pack-format.md describes every file and key",
        )


def nearest(word: object, known: Iterable[str]) -> str:
    """The one of `known` that `word` was most likely meant to be, or an empty string."""
    if not isinstance(word, str):
        return ""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""
