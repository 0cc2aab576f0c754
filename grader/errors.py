"""Every failure that is not the candidate's: what happened, where, and what to do next.

A candidate's failure is a value (a verdict or a status); an exception from this tree is ours or
the user's. Each class owns its exit code. `GradeError.render` gives the text a person sees.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_PASSED = 0
EXIT_BELOW_PASS_MARK = 1
EXIT_INTERRUPTED = 130


class GradeError(Exception):
    """Base of the tree.

    `code` is stable and short (`unknown-assignment`); `details` are further lines, one fact each;
    `hint` says what to do next. All three are plain text that is safe to print: whoever puts a
    candidate's bytes into them passes the bytes through `grader.escape` first.
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self, code: str, message: str, *, details: tuple[str, ...] = (), hint: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint

    def render(self) -> str:
        lines = [f"error[{self.code}]: {self.message}"]
        lines += [f"  {detail}" for detail in self.details]
        if self.hint:
            lines.append(f"  next: {self.hint}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.render()


class UsageError(GradeError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class PackError(GradeError):
    """An assignment pack, a sandbox definition or a settings file is wrong."""

    exit_code = 3


class SandboxError(GradeError):
    """The Docker engine is absent, refuses, or does not enforce what grading needs."""

    exit_code = 4


class Rejected(GradeError):
    """The submission broke an intake rule; its message is for the candidate."""

    exit_code = 5


class StoreError(GradeError):
    """Files of ours (cache, reports, state) cannot be read or written."""

    exit_code = 6


class InfraError(GradeError):
    """Something of ours failed while grading; worth another attempt, never the candidate's."""

    exit_code = 7
