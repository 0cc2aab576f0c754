"""An interrupt reaches the command wherever Python happens to be."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LOST = """
import io, signal, weakref
from grader.cli import hear_interrupts

def interrupt(*_):
    signal.raise_signal(signal.SIGINT)

class Collected:
    def __del__(self):
        interrupt()

class File(io.RawIOBase):
    def close(self):
        interrupt()

class Plain:
    pass

def weak():
    thing = Plain()
    return thing, weakref.ref(thing, interrupt)

hear_interrupts()
try:
    {how}
    signal.sigtimedwait([], 20)
    print("lost")
except KeyboardInterrupt:
    print("heard")
"""


@pytest.mark.parametrize(
    "how",
    ["Collected()", "File()", "thing, ref = weak(); del thing", "interrupt()"],
    ids=["del", "file", "weakref", "anywhere"],
)
def test_an_interrupt_that_comes_while_an_object_is_collected_is_not_lost(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOST.format(how=how)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("heard\n", "")
