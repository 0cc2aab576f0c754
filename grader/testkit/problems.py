"""What can go wrong in a case, by whose fault it is.

`TimedOut`, `ProgramExited`, `Disconnected`, `UnsafePath` and `Mismatch` (in `expectation`) are the
candidate's. `InfraFault` is ours, and `Unavailable` is this machine's.
"""

from __future__ import annotations


class TimedOut(Exception):
    """Something did not happen in time; the message says what and how long it was waited for."""


class ProgramExited(Exception):
    """The program ended, or never began, where the case needed it to run."""


class Disconnected(Exception):
    """The program closed a connection or its standard input too early.

    `received` holds the bytes that came before the end.
    """

    def __init__(self, message: str, received: bytes = b"") -> None:
        super().__init__(message)
        self.received = received


class UnsafePath(Exception):
    """A name in the data folder is a link, is not a plain file, or leads out of the folder."""


class InfraFault(Exception):
    """Ours: the host, the examiner or the suite itself failed. The case becomes `infra_error`."""


class Unavailable(Exception):
    """This machine cannot set the case up. The case becomes `not_run` and is nobody's failure."""
