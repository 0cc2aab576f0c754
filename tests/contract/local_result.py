"""What a local run is asked for and what it gives: values, and a table of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Message = dict[str, Any]


@dataclass(frozen=True)
class Terms:
    """What the host would tell the examiner. `program` and `reference` are command lines.

    With `data_bytes`, each slot's data is a tmpfs of that size; mounting takes privileges.
    """

    suite: Path
    program: tuple[str, ...]
    reference: tuple[str, ...] | None = None
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1
    case_time: float = 30.0
    output_bytes: int = 1 << 20
    data_bytes: int | None = None
    slots: int = 3
    backends: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None


@dataclass
class Result:
    """All that the examiner said. `exits` holds the exit event of each cell that ended, and
    `messages` every line as it came."""

    collected: Message = field(default_factory=dict)
    finished: dict[str, Message] = field(default_factory=dict)
    executed: list[str] | None = None
    fatal: str | None = None
    exits: dict[str, Message] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    stderr: str = ""
    exit_code: int | None = None

    @property
    def all_passed(self) -> bool:
        outcomes = {case["outcome"] for case in self.finished.values()}
        return self.executed is not None and outcomes <= {"passed"} and not self.errors

    @property
    def errors(self) -> list[str]:
        """Problems of the suite itself."""
        errors: list[str] = self.collected.get("errors", [])
        return errors

    def verdict(self, case: str) -> str:
        """The outcome, with what the host would know of how programs ended added."""
        result = self.finished[case]
        outcome = str(result["outcome"])
        ends = [self.exits.get(each["cell"], {}) for each in result["programs"]]
        if outcome in ("failed", "timed_out"):
            if any(end.get("stopped") == "output" for end in ends):
                return "output_exceeded"
            if any(end.get("unasked") for end in ends):
                return "crashed"
        return outcome


def print_progress(event: Message) -> None:
    if event["event"] == "case_finished":
        print(f"{event['outcome']:<12} {event['duration']:7.2f} s  {event['id']}", flush=True)


def print_result(result: Result, seconds: float, *, verbose: bool) -> None:
    for error in result.errors:
        print(f"\nproblem in the suite:\n{error}")
    for id, case in result.finished.items():
        if verbose or case["outcome"] != "passed":
            _print_case(id, result.verdict(id), case)
    if result.fatal or result.executed is None:
        print(f"\nthe examiner failed: {result.fatal}\n{result.stderr[-4000:]}")
    verdicts = [result.verdict(id) for id in result.finished]
    counts = ", ".join(f"{verdicts.count(each)} {each}" for each in dict.fromkeys(verdicts))
    print(f"\n{len(verdicts)} cases in {seconds:.1f} s: {counts or 'none'}")


def _print_case(id: str, verdict: str, case: Message) -> None:
    print(f"\n--- {verdict}: {id}")
    for name in ("message", "expected", "seen"):
        if case[name] is not None:
            print(f"    {name:<9}{case[name]['text']}")
    for step in case["steps"][-25:]:
        print(f"    {step['at']:8.3f}  {step['kind']:<8}{step['text']['text'][:300]}")
    for program in case["programs"]:
        for stream in ("stdout", "stderr"):
            if text := program[stream]["text"].strip():
                print(f"    {program['cell']} {stream}: {text[-500:]}")
