"""The examiner's agent: `python3 -I -m grader.testkit [SUITE]`, with the host on stdin and stdout.

The suite is `/suite` unless an argument says otherwise. pytest's own report goes to stderr.
"""

from __future__ import annotations

import fcntl
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from grader.testkit.channel import BrokenChannel, Channel

SUITE = Path("/suite")
INI = "[pytest]\npython_files = test_*.py\n"

EXIT_FATAL = 70


def main(arguments: list[str]) -> int:
    """Run the suite once. Zero when every case was reported, whatever their outcomes are."""
    suite = Path(arguments[0]).resolve() if arguments else SUITE
    channel = Channel(*_take_stdio(), lost=_die)
    try:
        hello = channel.first()
    except BrokenChannel as broken:
        _die(str(broken))
        raise
    # pytest and the plugin are imported late: nothing may write on the channel before this point.
    from grader.testkit.cells import Cells
    from grader.testkit.deadline import Deadline
    from grader.testkit.hello import Hello
    from grader.testkit.plugin import Plugin

    deadline = Deadline()
    cells = Cells(channel, deadline)
    channel.serve(cells.on_event)
    try:
        plugin = Plugin(channel, Hello.of(hello), cells, deadline)
        fatal = _run_pytest(suite, plugin)
    except Exception as error:  # the last resort: the host must hear of it
        channel.send({"event": "fatal", "message": f"{type(error).__name__}: {error}"})
        channel.close()
        return EXIT_FATAL
    if fatal:
        channel.send({"event": "fatal", "message": fatal})
    else:
        channel.send({"event": "finished", "executed": plugin.executed})
    channel.close()
    return EXIT_FATAL if fatal else 0


def _take_stdio() -> tuple[int, int]:
    """Move the channel to descriptors that no child inherits; what is printed goes to stderr."""
    source = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, 3)
    sink = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 3)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink


def _run_pytest(suite: Path, plugin: object) -> str:
    """Run the suite; why it could not be run to its end, or nothing."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(suite))  # the suite's own modules, such as a codec

    import pytest

    with tempfile.TemporaryDirectory(prefix="pytest-") as folder:
        ini = Path(folder, "pytest.ini")
        ini.write_text(INI)
        options = ["-q", "--no-header", "--tb=short", "--strict-markers", "-p", "no:cacheprovider"]
        options += ["-c", str(ini), "--rootdir", str(suite), "--confcutdir", str(suite)]
        options += ["--import-mode=importlib", f"--basetemp={folder}/temp", str(suite)]
        code = pytest.main(options, plugins=[plugin])
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return f"pytest could not run the suite: {pytest.ExitCode(code).name.lower()}"
    return ""


def _die(reason: str) -> None:
    """The host is gone, and with it every use of going on."""
    os.write(2, f"examiner: {reason}\n".encode())
    os._exit(EXIT_FATAL)


def _exit(run: Callable[[], int]) -> None:
    """Leave at once: a thread that a suite left behind must not keep the examiner."""
    code = run()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    _exit(lambda: main(sys.argv[1:]))
