"""The agent around a suite: what it says when the suite is wrong, and when the host goes away."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.local_control import ROOT, LocalControl
from tests.contract.local_result import Result, Terms

SLEEPER = ("/bin/sh", "-c", "exec sleep 60")


def run_suite(folder: Path, text: str, **terms: Any) -> Result:
    suite = folder / "suite"
    suite.mkdir()
    (suite / "test_functional.py").write_text(text)
    return LocalControl(Terms(suite=suite, program=SLEEPER, **terms)).run()


def start_agent(suite: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "grader.testkit", str(suite)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=suite,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TMPDIR": str(suite)},
    )


def test_a_suite_that_cannot_be_imported_is_reported_and_nothing_runs(tmp_path: Path) -> None:
    result = run_suite(tmp_path, "import no_such_module\ndef test_x(candidate): pass\n")
    (error,) = result.collected["errors"]
    assert "no_such_module" in error
    assert result.executed == []


def test_wrong_marks_and_unknown_ids_are_reported_and_nothing_runs(tmp_path: Path) -> None:
    suite = "import pytest\n@pytest.mark.points('two')\ndef test_x(): pass\ndef test_y(): pass\n"
    result = run_suite(tmp_path, suite, only=("test_functional.py::test_z",))
    errors = "\n".join(result.collected["errors"])
    assert "points takes a number" in errors
    assert "test_functional.py::test_z" in errors
    assert result.executed == []


def test_a_suite_cannot_write_on_the_channel_by_accident(tmp_path: Path) -> None:
    suite = """
import os, subprocess, sys
os.write(1, b'{"event": "finished", "executed": []}')
sys.stdout.write("noise")
sys.__stdout__.write("noise")
def test_x():
    os.write(1, b"noise")
    subprocess.run(["echo", "noise"])
"""
    result = run_suite(tmp_path, suite)
    assert result.executed == ["test_functional.py::test_x"]


def test_modules_beside_the_cases_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "codec.py").write_text("ANSWER = 42\n")
    (tmp_path / "suite" / "conftest.py").write_text(
        "import pytest\n@pytest.fixture\ndef port(): return 7\n"
    )
    (tmp_path / "suite" / "test_functional.py").write_text(
        "from codec import ANSWER\ndef test_x(port): assert ANSWER + port == 49\n"
    )
    result = LocalControl(Terms(suite=tmp_path / "suite", program=SLEEPER)).run()
    assert result.finished["test_functional.py::test_x"]["outcome"] == "passed"
    assert sorted(path.name for path in (tmp_path / "suite").iterdir()) == [
        "codec.py",
        "conftest.py",
        "test_functional.py",
    ]


def test_candidate_and_reference_take_turns(tmp_path: Path) -> None:
    suite = """
def test_together(candidate, reference):
    candidate.start()
    reference.start()

def test_in_turn(candidate, reference):
    first = candidate.start()
    first.freeze()
    second = reference.start()
    second.kill()
    first.thaw()
    assert [first.role, second.role] == ["candidate", "reference"]
"""
    result = run_suite(tmp_path, suite, reference=SLEEPER)
    together = result.finished["test_functional.py::test_together"]
    assert together["outcome"] == "infra_error"
    assert "never run at the same time" in together["message"]["text"]
    assert result.finished["test_functional.py::test_in_turn"]["outcome"] == "passed"


def test_more_programs_than_slots_is_the_suites_fault(tmp_path: Path) -> None:
    suite = "def test_x(candidate):\n    for _ in range(3): candidate.start()\n"
    result = run_suite(tmp_path, suite, slots=2)
    case = result.finished["test_functional.py::test_x"]
    assert case["outcome"] == "infra_error"
    assert "more than 2 programs" in case["message"]["text"]


def test_many_starts_and_much_evidence_fit_on_a_line(tmp_path: Path) -> None:
    suite = r"""
from grader.testkit import expect
def test_x(candidate, transcript):
    program = candidate.start(wait=None)
    for _ in range(12):
        program.stdout.wait_for("end")
        program = program.restart()
    for _ in range(300):
        transcript.note("\x01" * 5000)
    expect("\x01" * 9000, "\x01" * 9000, equals="\x02" * 9000)
"""
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_functional.py").write_text(suite)
    noise = r"head -c 100000 /dev/zero; head -c 100000 /dev/zero >&2; echo end; exec sleep 60"
    terms = Terms(suite=tmp_path / "suite", program=("/bin/sh", "-c", noise))
    result = LocalControl(terms).run()
    case = result.finished["test_functional.py::test_x"]
    assert case["outcome"] == "failed"
    assert len(case["programs"]) == 13
    assert len(json.dumps(case)) < 1 << 20


def test_the_end_of_the_channel_ends_the_agent(tmp_path: Path) -> None:
    (tmp_path / "test_functional.py").write_text("import time\ndef test_x(): time.sleep(60)\n")
    hello = {
        "seed": 1, "case_time": 60, "output_bytes": 1, "arguments": [], "environment": {},
        "slots": [], "reference": False, "backends": [], "only": None,
    }  # fmt: skip
    with start_agent(tmp_path) as agent:
        assert agent.stdin is not None
        assert agent.stdout is not None
        agent.stdin.write(json.dumps({"hello": hello}).encode() + b"\n")
        agent.stdin.flush()
        events = [json.loads(agent.stdout.readline())["event"] for _ in range(2)]
        assert events == ["collected", "case_started"]
        agent.stdin.close()
        assert agent.wait(5) == 70


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"hello": {"seed": 1}}\n', "hello is not complete"),
        (b'{"reply": 1}\n', "hello is not complete"),
    ],
)
def test_a_wrong_hello_is_fatal(tmp_path: Path, line: bytes, words: str) -> None:
    with start_agent(tmp_path) as agent:
        assert agent.stdin is not None
        assert agent.stdout is not None
        agent.stdin.write(line)
        agent.stdin.flush()
        event = json.loads(agent.stdout.readline())
        assert event["event"] == "fatal"
        assert words in event["message"]
        assert agent.wait(5) == 70


def test_no_hello_at_all(tmp_path: Path) -> None:
    with start_agent(tmp_path) as agent:
        out, err = agent.communicate(b"", timeout=5)
    assert out == b""
    assert b"before it said hello" in err
    assert agent.returncode == 70
