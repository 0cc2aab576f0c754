"""The testkit as suites and hosts meet it: the agent runs a suite against a small program.

One suite with a case for each thing that can happen; the table says what the host must hear.
"""

from __future__ import annotations

import errno
import json
import socket
import sys
from dataclasses import replace

import pytest

from grader.stages import wire
from tests.contract.local_control import LocalControl
from tests.contract.local_result import Result, Terms

PROGRAM = r"""
import os, signal, socket, sys, time

mode, port, data = sys.argv[1], int(sys.argv[2]), sys.argv[3]
log = os.path.join(data, "log")


def serve():
    listener = socket.socket(socket.AF_INET6 if mode == "ipv6" else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::1" if mode == "ipv6" else "127.0.0.1", port))
    listener.listen()
    print(f"ready port={port}", flush=True)
    while True:
        client, _ = listener.accept()
        try:
            for line in client.makefile("rb"):
                answer(client, line.split())
        except ConnectionError:
            pass
        client.close()


def answer(client, words):
    if words[0] == b"SET":
        with open(log, "ab") as file:
            file.write(words[1] + b"\n")
            file.flush()
            os.fsync(file.fileno())
        client.sendall(b"+OK\r\n")
    elif words[0] == b"GET":
        client.sendall(open(log, "rb").read() if os.path.exists(log) else b"none\n")
    elif words[0] == b"CRASH":
        print("fatal: out of cheese", file=sys.stderr, flush=True)
        os._exit(2)
    elif words[0] == b"FLOOD":
        while True:
            os.write(1, b"x" * 65536)
    elif words[0] == b"ENV":
        client.sendall(os.environ.get(words[1].decode(), "unset").encode() + b"\n")
    elif words[0] == b"LIMIT":
        import resource
        client.sendall(b"%d\n" % resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    elif words[0] == b"CLOSE":
        client.sendall(b"bye")
        client.shutdown(socket.SHUT_RDWR)
    elif words[0] != b"SILENCE":
        client.sendall(b"+PONG\r\n")


if mode in ("serve", "ipv6"):
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    serve()
elif mode == "count":
    total = 0
    while block := os.read(0, 1 << 20):
        total += len(block)
    print(total, flush=True)
elif mode == "quit-early":
    os.read(0, 1000)
    sys.exit(7)
elif mode == "deaf":
    time.sleep(60)
elif mode == "shut-stdin":
    os.close(0)
    print("shut", flush=True)
    time.sleep(60)
elif mode == "link":
    os.symlink("/etc/passwd", log)
    serve()
else:
    print(f"no such mode: {mode}", file=sys.stderr)
    sys.exit(64)
"""

SUITE = r'''
"""Cases that end in every way there is."""

import os
import pytest
from grader.testkit import (
    Disconnected, InfraFault, Mismatch, ProgramExited, TimedOut, UnsafePath, expect, run,
)

DATA = "{data}"
left = []


def ask(program, line, **more):
    with program.connect(**more) as connection:
        connection.send(line + b"\r\n")
        return connection.receive_until(b"\n")


@pytest.mark.points(2)
def test_pass(candidate, transcript):
    """Answers a ping.

    Brief: "PING is answered
    by PONG."
    """
    program = candidate.start()
    transcript.note("a remark")
    expect("the reply", ask(program, b"PING"), equals=b"+PONG\r\n")


@pytest.mark.criterion("robustness")
def test_mismatch(candidate):
    """Answers differently"""
    expect("the reply", ask(candidate.start(), b"PING"), equals=b"+OK\r\n")


def test_assertion(candidate):
    assert ask(candidate.start(), b"PING") == b"+OK\r\n"


def test_never_starts(candidate):
    candidate.start("nonsense", "{port}", DATA)


def test_never_listens(candidate):
    candidate.start("deaf", "{port}", DATA, within=0.2)


def test_crash(candidate):
    ask(candidate.start(), b"CRASH")


@pytest.mark.time_limit(0.3)
def test_time_limit(candidate):
    ask(candidate.start("serve", "{port}", DATA), b"SILENCE", timeout=20)


@pytest.mark.time_limit(0.3)
def test_time_limit_swallowed(candidate):
    program = candidate.start()
    with pytest.raises(TimedOut):
        ask(program, b"SILENCE", timeout=20)


def test_silence(candidate):
    ask(candidate.start(), b"SILENCE", timeout=0.1)


def test_skip():
    pytest.skip("not on Sundays")


@pytest.mark.needs("netem")
def test_needs(candidate):
    candidate.start("nonsense", "{port}", DATA)


@pytest.mark.needs("nftables")
def test_need_is_met():
    pass


def test_no_reference(reference):
    reference.start()


def test_name_error():
    undefined_name


def test_missing_fixture(no_such_fixture):
    pass


def test_infra_fault():
    raise InfraFault("the moon is in the way")


def test_missing_tool():
    run(["no-such-tool"])


def test_teardown_of_a_suite(request):
    request.addfinalizer(lambda: expect("the end", 1, equals=2))


def test_flood(candidate):
    program = candidate.start()
    with program.connect() as connection:
        connection.send(b"FLOOD\r\n")
        connection.receive_until(b"\n", within=10)


def test_kill_and_restart(candidate):
    program = candidate.start()
    expect("stored", ask(program, b"SET one"), equals=b"+OK\r\n")
    expect("killed", program.kill().signal, equals=9)
    expect("gone", program.alive, equals=False)
    expect("files", program.data.files(), equals=("log",))
    program.data.write("log", program.data.read("log") + b"two\n")
    again = program.restart()
    expect("kept", ask(again, b"GET"), equals=b"one\n")
    expect("size", again.data.size("log"), equals=8)
    again.terminate()
    expect("code", again.wait().code, equals=0)
    third = candidate.start(data=again.data)
    expect("kept again", ask(third, b"GET"), equals=b"one\n")


def test_data_is_wiped(candidate):
    expect("empty", ask(candidate.start(), b"GET"), equals=b"none\n")
    program = candidate.start(data={"log": b"given\n", "deep/er/file": b""})
    expect("given", ask(program, b"GET"), equals=b"given\n")
    expect("files", program.data.files(), equals=("deep/er/file", "log"))


def test_freeze_and_thaw(candidate):
    program = candidate.start()
    with program.connect() as connection:
        program.freeze()
        connection.send(b"PING\r\n")
        with pytest.raises(TimedOut):
            connection.receive(1, within=0.1)
        program.thaw()
        expect("late", connection.receive(7), equals=b"+PONG\r\n")


def test_freeze_the_dead(candidate):
    program = candidate.start()
    program.kill()
    program.terminate()
    program.freeze()


def test_feed(candidate):
    program = candidate.start("count", "0", DATA, wait=None)
    block = bytes(1 << 20)
    expect("fed", program.stdin.feed(block for _ in range(200)), equals=200 << 20)
    program.stdin.close()
    program.stdout.wait_for(r"^\d+$")
    expect("exit", program.wait().code, equals=0)
    expect("lines", program.stdout.lines, equals=(str(200 << 20),))


def test_exit_while_fed(candidate):
    program = candidate.start("quit-early", "0", DATA, wait=None)
    program.stdin.feed(bytes(1 << 16) for _ in range(1 << 20))


def test_stdin_is_closed_by_the_program(candidate):
    program = candidate.start("shut-stdin", "0", DATA, wait=None)
    program.stdout.wait_for("shut")
    with pytest.raises(Disconnected):
        program.stdin.write(b"x")


def test_deaf_to_its_stdin(candidate):
    program = candidate.start("deaf", "0", DATA, wait=None)
    program.stdin.feed((bytes(1 << 20) for _ in range(9)), within=0.2)


def test_disconnected(candidate):
    program = candidate.start()
    with program.connect() as connection:
        connection.send(b"CLOSE\r\n")
        with pytest.raises(Disconnected) as caught:
            connection.receive(10)
        expect("so far", caught.value.received, equals=b"bye")
    connection = program.connect()
    connection.send(b"CLOSE\r\n")
    expect("all", connection.receive_all(), equals=b"bye")
    connection.reset()
    expect("still there", ask(program, b"PING"), equals=b"+PONG\r\n")


def test_link_in_the_data(candidate):
    program = candidate.start("link", "{port}", DATA)
    expect("no files", program.data.files(), equals=())
    program.data.read("log")


def test_environment_and_limits(candidate):
    program = candidate.start(env={"COLOUR": "{port}", "WHERE": "{data}"}, open_files=64)
    expect("own", ask(program, b"ENV COLOUR"), equals=b"%d\n" % program.port)
    expect("assignment's", ask(program, b"ENV MOOD"), equals=b"calm\n")
    expect("files", ask(program, b"LIMIT"), equals=b"64\n")
    expect("memory", program.usage().peak_memory, within=(1 << 20, 1 << 30))


def test_ready_and_ipv6(candidate):
    program = candidate.start("ipv6", "{port}", DATA, wait="ready")
    expect("host", program.address[0], equals="::1")
    expect("reply", ask(program, b"PING"), equals=b"+PONG\r\n")


def test_run(scratch):
    done = run(["cat", "-"], input=b"abc" * 100_000)
    expect("echo", done.stdout, equals=b"abc" * 100_000)
    expect("code", run(["sh", "-c", "echo oops >&2; exit 3"]).code, equals=3)
    expect("folder", list(scratch.iterdir()), equals=[])
    run(["sh", "-c", "sleep 60 & sleep 60"], within=0.1)


def test_rng(rng, transcript):
    transcript.note(f"drawn {rng.randrange(10**9)}")


def test_long_evidence(candidate, transcript):
    for number in range(1000):
        transcript.note(f"step {number} " + "\x01" * 5000)
    expect("long", b"a" * 70_000 + b"b", equals=b"a" * 70_000 + b"c")


@pytest.mark.parametrize("word", ["alpha", "beta"])
def test_variants(word):
    """Knows a word."""


def test_exception_group():
    raise ExceptionGroup("several", [TimedOut("late"), Mismatch.__new__(Mismatch)])
'''

OUTCOMES: dict[str, tuple[str, str]] = {
    "pass": ("passed", ""),
    "mismatch": ("failed", r"the reply: expected +OK\r\n, saw +PONG\r\n"),
    "assertion": ("failed", "assert b'+PONG"),
    "never_starts": ("failed", "exited with code 64 before it listened"),
    "never_listens": ("timed_out", "did not listen on port"),
    "crash": ("failed", "the program closed the connection"),
    "time_limit": ("timed_out", "limit of 0.3 s"),
    "time_limit_swallowed": ("timed_out", "limit of 0.3 s"),
    "silence": ("timed_out", "did not come in time"),
    "skip": ("skipped", "not on Sundays"),
    "needs": ("not_run", "netem"),
    "need_is_met": ("passed", ""),
    "no_reference": ("not_run", "no reference"),
    "name_error": ("infra_error", "NameError"),
    "missing_fixture": ("infra_error", "no_such_fixture"),
    "infra_fault": ("infra_error", "the moon is in the way"),
    "missing_tool": ("infra_error", "no-such-tool"),
    "teardown_of_a_suite": ("failed", "the end: expected 2, saw 1"),
    "flood": ("failed", "output limit was reached"),
    "kill_and_restart": ("passed", ""),
    "data_is_wiped": ("passed", ""),
    "freeze_and_thaw": ("passed", ""),
    "freeze_the_dead": ("failed", "before it could be frozen"),
    "feed": ("passed", ""),
    "exit_while_fed": ("failed", "exited with code 7 after"),
    "stdin_is_closed_by_the_program": ("passed", ""),
    "deaf_to_its_stdin": ("timed_out", "stopped reading its standard input"),
    "disconnected": ("passed", ""),
    "link_in_the_data": ("failed", "is a link"),
    "environment_and_limits": ("passed", ""),
    "ready_and_ipv6": ("passed", ""),
    "run": ("timed_out", "sh did not end within 0.1 s"),
    "rng": ("passed", ""),
    "long_evidence": ("failed", "length 70001"),
    "variants[alpha]": ("passed", ""),
    "variants[beta]": ("passed", ""),
    "exception_group": ("failed", "late"),
}
VERDICTS = {"crash": "crashed", "flood": "output_exceeded"}


def id_of(name: str) -> str:
    return f"test_functional.py::test_{name}"


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        return probe.connect_ex(("::1", 9)) != errno.EADDRNOTAVAIL


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> Terms:
    folder = tmp_path_factory.mktemp("pack")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "suite").mkdir()
    (folder / "suite" / "test_functional.py").write_text(SUITE)
    return Terms(
        suite=folder / "suite",
        program=(sys.executable, "-I", "-S", str(folder / "program.py")),
        arguments=("serve", "{port}", "{data}"),
        environment={"MOOD": "calm"},
        backends=("nftables",),
    )


@pytest.fixture(scope="module")
def result(terms: Terms) -> Result:
    return LocalControl(terms).run()


def test_every_case_is_collected_and_run_in_order(result: Result) -> None:
    assert result.fatal is None
    assert result.collected["errors"] == []
    assert result.exit_code == 0
    assert [case["id"] for case in result.collected["cases"]] == result.executed
    assert set(result.executed or ()) == {id_of(name) for name in OUTCOMES}


@pytest.mark.parametrize("name", OUTCOMES)
def test_outcome(result: Result, name: str) -> None:
    if name == "ready_and_ipv6" and not has_ipv6():
        pytest.skip("this machine has no ::1")
    case = result.finished[id_of(name)]
    outcome, words = OUTCOMES[name]
    message = "" if case["message"] is None else case["message"]["text"]
    assert (case["outcome"], words in message) == (outcome, True), message
    assert result.verdict(id_of(name)) == VERDICTS.get(name, outcome)


def test_marks_and_docstrings_become_the_case(result: Result) -> None:
    cases = {case["id"]: case for case in result.collected["cases"]}
    assert cases[id_of("pass")] == {
        "id": id_of("pass"),
        "title": "Answers a ping",
        "brief": "PING is answered by PONG.",
        "criterion": "functional",
        "points": 2.0,
        "needs": [],
        "tags": [],
        "time_limit": None,
    }
    assert cases[id_of("mismatch")]["criterion"] == "robustness"
    assert cases[id_of("needs")]["needs"] == ["netem"]
    assert cases[id_of("never_starts")]["title"] == "never starts"
    assert cases[id_of("variants[beta]")]["title"] == "Knows a word [beta]"


def test_a_mismatch_carries_both_values(result: Result) -> None:
    case = result.finished[id_of("mismatch")]
    assert case["expected"] == {"text": r"+OK\r\n", "total_bytes": 7, "truncated": False}
    assert case["seen"]["text"] == r"+PONG\r\n"
    long = result.finished[id_of("long_evidence")]
    assert long["seen"]["total_bytes"] == 70_001
    assert long["seen"]["truncated"]
    assert "[69936 before] aaaa" in long["seen"]["text"]


def test_the_transcript_tells_the_story(result: Result) -> None:
    steps = result.finished[id_of("pass")]["steps"]
    kinds = [step["kind"] for step in steps]
    assert kinds == ["start", "note", "note", "note", "send", "receive", "note", "check"]
    assert steps[4]["text"]["text"].endswith(r"PING\r\n")
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    restarted = result.finished[id_of("kill_and_restart")]["steps"]
    ends = [
        step["text"]["text"].split(maxsplit=2)[2] for step in restarted if step["kind"] == "exit"
    ]
    assert ends == ["was ended by signal 9", "exited with code 0"]


def test_the_transcript_is_bounded(result: Result) -> None:
    steps = result.finished[id_of("long_evidence")]["steps"]
    assert len(steps) <= 201
    assert sum(len(step["text"]["text"]) for step in steps) <= 65 * 1024
    assert any("steps not kept" in step["text"]["text"] for step in steps)
    assert steps[-2]["text"]["text"].startswith("step 999")


def test_programs_output_is_evidence(result: Result) -> None:
    (crashed,) = result.finished[id_of("crash")]["programs"]
    assert crashed["stderr"]["text"] == "fatal: out of cheese\n"
    (flooded,) = result.finished[id_of("flood")]["programs"]
    assert flooded["stdout"]["truncated"]
    assert flooded["stdout"]["total_bytes"] > 1 << 20
    assert result.exits[flooded["cell"]]["stopped"] == "output"


def test_no_program_starts_for_a_case_whose_needs_are_not_met(result: Result) -> None:
    assert result.finished[id_of("needs")]["steps"] == []
    assert result.finished[id_of("needs")]["programs"] == []


def test_one_case_alone_draws_the_same_numbers(result: Result, terms: Terms) -> None:
    alone = LocalControl(replace(terms, only=(id_of("rng"),))).run()
    assert alone.executed == [id_of("rng")]
    assert [case["id"] for case in alone.collected["cases"]] == [id_of("rng")]
    drawn = [run.finished[id_of("rng")]["steps"][0]["text"] for run in (alone, result)]
    assert drawn[0] == drawn[1]


def test_the_host_accepts_every_message(result: Result) -> None:
    read = [type(wire.read(json.dumps(message).encode())) for message in result.messages]
    assert {kind.__name__ for kind in read} == {
        "Collected", "CaseStarted", "CaseFinished", "Finished",
        "Start", "SendSignal", "StopCell", "Freeze", "Thaw", "AskUsage", "Remove",
    }  # fmt: skip
