"""What hidden suites are written with, inside the examiner. Standard library and pytest only.

The fixtures `candidate`, `reference`, `rng`, `scratch` and `transcript` come by themselves; the
rest is imported from here. The chapter "Write your first suite" in the docs begins at the start.
"""

from grader.testkit.cells import Exit, Usage
from grader.testkit.commands import Completed, run
from grader.testkit.connection import Connection
from grader.testkit.data_folder import DataFolder
from grader.testkit.expectation import Mismatch, expect
from grader.testkit.launcher import Launcher
from grader.testkit.problems import (
    Disconnected,
    InfraFault,
    ProgramExited,
    TimedOut,
    Unavailable,
    UnsafePath,
)
from grader.testkit.program import Program
from grader.testkit.transcript import Transcript

__all__ = [
    "Completed",
    "Connection",
    "DataFolder",
    "Disconnected",
    "Exit",
    "InfraFault",
    "Launcher",
    "Mismatch",
    "Program",
    "ProgramExited",
    "TimedOut",
    "Transcript",
    "Unavailable",
    "UnsafePath",
    "Usage",
    "expect",
    "run",
]
