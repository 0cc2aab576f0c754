"""The host's side of the wire without Docker: programs are plain processes on this machine.

For trying a suite while it is written, and for testing the testkit. Nothing is contained and
ports are on the real loopback, so run only programs that you trust:

    python -m tests.contract.local_control --suite assignments/ID/suite --program ./program
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from tests.contract import local_cell
from tests.contract.local_cell import Cell
from tests.contract.local_result import Message, Result, Terms, print_progress, print_result

ROOT = Path(__file__).resolve().parents[2]
PRIVATE_MOUNTS = ("unshare", "--mount", "--propagation", "private")


class Refused(Exception):
    """The host will not do what the suite asks."""


class LocalControl:
    """Runs one suite once. `progress` gets every event of the examiner's as it comes."""

    def __init__(self, terms: Terms, progress: Callable[[Message], None] = lambda _: None) -> None:
        self._terms = terms
        self._progress = progress
        self._result = Result()
        self._cells: dict[str, Cell] = {}
        self._started = 0
        self._write_lock = threading.Lock()
        self._folder = Path()
        self._mounted: list[str] = []
        self._agent: subprocess.Popen[bytes] | None = None

    def run(self) -> Result:
        with tempfile.TemporaryDirectory(prefix="local-control-") as folder:
            self._folder = Path(folder)
            stderr = self._folder / "examiner.stderr"
            try:
                slots = self._make_slots()
                with stderr.open("wb") as errors:
                    self._agent = self._start_agent(errors)
                self._send({"hello": self._hello(slots)})
                self._serve(self._agent)
            finally:
                self._end()
            self._result.stderr = stderr.read_text(errors="replace")
        return self._result

    def _make_slots(self) -> list[Message]:
        slots = []
        for number in range(self._terms.slots):
            for name in ("data", "io"):
                Path(self._slot(number, name)).mkdir(parents=True)
            data = self._slot(number, "data")
            if self._terms.data_bytes is not None:
                size = f"size={self._terms.data_bytes}"
                subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", data], check=True)
                self._mounted.append(data)
            slots.append({"number": number, "data": data, "io": self._slot(number, "io")})
        return slots

    def _start_agent(self, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        empty = self._folder / "empty"
        empty.mkdir()
        return subprocess.Popen(
            [sys.executable, "-m", "grader.testkit", str(self._terms.suite.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=empty,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(self._folder)},
        )

    def _hello(self, slots: list[Message]) -> Message:
        terms = self._terms
        return {
            "seed": terms.seed,
            "case_time": terms.case_time,
            "output_bytes": terms.output_bytes,
            "arguments": list(terms.arguments),
            "environment": dict(terms.environment),
            "slots": slots,
            "reference": terms.reference is not None,
            "backends": list(terms.backends),
            "only": None if terms.only is None else list(terms.only),
        }

    def _serve(self, agent: subprocess.Popen[bytes]) -> None:
        assert agent.stdout is not None
        for line in agent.stdout:
            message: Message = json.loads(line)
            self._result.messages.append(message)
            if "request" in message:
                self._answer(message)
            else:
                self._take(message)
        self._result.exit_code = agent.wait()

    def _take(self, event: Message) -> None:
        match event["event"]:
            case "collected":
                self._result.collected = event
            case "case_finished":
                self._result.finished[event["id"]] = event
            case "finished":
                self._result.executed = event["executed"]
            case "fatal":
                self._result.fatal = event["message"]
        self._progress(event)

    def _answer(self, message: Message) -> None:
        reply: Message = {"reply": message["request"]}
        try:
            reply["value"] = self._do(message)
        except Refused as refusal:
            reply |= {"error": str(refusal), "kind": "refused"}
        except (OSError, KeyError, ValueError) as error:
            reply |= {"error": repr(error), "kind": "infra"}
        self._send(reply)

    def _do(self, message: Message) -> Message:
        if message["op"] == "start":
            return self._start(message)
        cell = self._cells[message["cell"]]
        match message["op"]:
            case "signal":
                number = signal.Signals[f"SIG{message['signal']}"]
                cell.asked = cell.asked or number in (signal.SIGKILL, signal.SIGTERM)
                cell.signal(number)
            case "freeze" | "thaw" if cell.gone.is_set():
                raise ValueError(f"{cell.name} does not run")
            case "freeze":
                cell.frozen = True
                cell.signal(signal.SIGSTOP)
            case "thaw":
                self._refuse_both(cell.role)
                cell.frozen = False
                cell.signal(signal.SIGCONT)
            case "stop":
                cell.stopped = message["why"]
                cell.signal(signal.SIGKILL)
            case "usage":
                return cell.usage()
            case "remove":
                cell.asked = True
                cell.signal(signal.SIGKILL)
                cell.gone.wait(10)
                del self._cells[cell.name]
            case other:
                raise ValueError(f"unknown operation {other}")
        return {}

    def _start(self, message: Message) -> Message:
        role, slot = message["role"], message["slot"]
        command = self._terms.program if role == "candidate" else self._terms.reference
        if not self._result.collected:
            raise Refused("cells start only after the suite is collected")
        if command is None:
            raise Refused("there is no reference program")
        self._refuse_both(role)
        self._started += 1
        name = f"c{self._started}"
        scratch = self._folder / "scratch" / name
        scratch.mkdir(parents=True)
        process = local_cell.start(
            command,
            arguments=message["arguments"],
            environment=message["environment"],
            data=self._slot(slot, "data"),
            io=self._slot(slot, "io"),
            scratch=scratch,
            open_files=message.get("open_files"),
        )
        cell = self._cells[name] = Cell(name, role, process)
        threading.Thread(target=self._watch, args=(cell,), daemon=True).start()
        return {"cell": name}

    def _refuse_both(self, role: str) -> None:
        if any(cell.role != role and cell.runs for cell in self._cells.values()):
            raise Refused("a candidate and a reference never run at the same time")

    def _watch(self, cell: Cell) -> None:
        event = cell.reap()
        self._result.exits[cell.name] = event
        cell.gone.set()
        self._send(event)

    def _slot(self, number: int, name: str) -> str:
        return str(self._folder / "slots" / str(number) / name)

    def _send(self, message: Message) -> None:
        assert self._agent is not None
        assert self._agent.stdin is not None
        # The agent may have ended, which whoever reads from it notices.
        with self._write_lock, contextlib.suppress(BrokenPipeError, ValueError):
            self._agent.stdin.write(json.dumps(message).encode() + b"\n")
            self._agent.stdin.flush()

    def _end(self) -> None:
        """Leave nothing of ours: not the agent, not a program, not a mount."""
        if self._agent is not None:
            if self._agent.poll() is None:
                self._agent.kill()
                self._agent.wait()
            for stream in (self._agent.stdin, self._agent.stdout):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
        for cell in tuple(self._cells.values()):
            cell.signal(signal.SIGKILL)
            cell.gone.wait(10)
        for folder in self._mounted:
            subprocess.run(["umount", folder], check=True)


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    if options.data_size is not None and not options.in_private_mounts:
        # Mounts of a namespace of our own vanish with us, whatever we die of.
        again = [sys.executable, "-m", "tests.contract.local_control", "--in-private-mounts"]
        os.execvp(PRIVATE_MOUNTS[0], [*PRIVATE_MOUNTS, *again, *arguments])
    began = time.monotonic()
    result = LocalControl(_terms(options), print_progress).run()
    print_result(result, time.monotonic() - began, verbose=options.verbose)
    return 0 if result.all_passed else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.contract.local_control",
        description="Run a hidden suite against a program on this machine, without containment.",
    )
    parser.add_argument("--suite", required=True, help="the pack's suite folder")
    parser.add_argument("--program", required=True, help="the program, with its first arguments")
    parser.add_argument("--reference", help="the reference solution, likewise")
    parser.add_argument("--argument", action="append", help="replaces the assignment's arguments")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="repeatable")
    parser.add_argument("--backend", action="append", default=[], help="such as nftables")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case-time", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument(
        "--data-size",
        type=int,
        metavar="MIB",
        help="bound the data folders, so that cases can fill them",
    )
    parser.add_argument("--in-private-mounts", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--verbose", action="store_true", help="transcripts of passed cases too")
    return parser.parse_args(arguments)


def _terms(options: argparse.Namespace) -> Terms:
    suite = Path(options.suite).resolve()
    run = _run_settings(suite.parent / "assignment.toml")
    return Terms(
        suite=suite,
        program=_command(options.program),
        reference=None if options.reference is None else _command(options.reference),
        arguments=tuple(options.argument or run.get("arguments", ())),
        environment=run.get("environment", {}),
        seed=options.seed,
        case_time=options.case_time,
        data_bytes=None if options.data_size is None else options.data_size << 20,
        backends=tuple(options.backend),
        only=tuple(options.only) or None,
    )


def _command(text: str) -> tuple[str, ...]:
    first, *rest = shlex.split(text)
    found = Path(first) if "/" in first else Path(shutil.which(first) or first)
    return (str(found.absolute()), *rest)


def _run_settings(path: Path) -> Message:
    if not path.exists():
        return {}
    settings: Message = tomllib.loads(path.read_text()).get("run", {})
    return settings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
