"""`grade verify` from the outside: a pack in order, a pack with everything wrong, interrupts."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.engine import Engine, connect
from tests.acceptance.conftest import Command, Run
from tests.acceptance.test_submit import leftovers

ACCEPTED, WRONG = "accepted/model", "wrong/silent"
SUITE = Path("suite") / "test_echo.py"
MORE_CASES = '''

def test_it_starts(candidate: Launcher) -> None:
    """It starts

    Brief: "The server listens on 127.0.0.1 and on the port it is given."
    """
    candidate.start()


def test_a_coin_is_tossed(candidate: Launcher, rng: random.Random) -> None:
    """A coin is tossed

    Brief: "It says something that no brief says."
    """
    expect("the coin", rng.getrandbits(1), equals=0)
'''
CHANGING_SEED = 1
"""With this seed and the next one, the coin of `MORE_CASES` falls differently."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


def impatient(root: Path) -> None:
    """Make clients give up after a second, since these tests wait for a server that is silent."""
    suite = root / SUITE
    suite.write_text(suite.read_text().replace(".connect()", ".connect(timeout=1)"))


def findings(run: Run) -> set[tuple[str, str, str]]:
    [pack] = json.loads(run.stdout)["packs"]
    return {
        (each["kind"], each["solution"], each["case"].rpartition("::")[2])
        for each in pack["findings"]
    }


def solutions(run: Run) -> dict[str, Any]:
    [pack] = json.loads(run.stdout)["packs"]
    return {each["name"]: each for each in pack["solutions"]}


def test_a_pack_in_order_proves_itself(grade: Command, echo_pack: Path) -> None:
    impatient(echo_pack)
    run = grade("verify", echo_pack)
    assert run.code == 0, run.stdout
    assert "everything is as stated" in run.stdout
    assert "ok wrong/silent: 0 of 10 points" in run.stderr
    assert "\x1b" not in run.stdout + run.stderr


def test_everything_that_is_wrong_with_a_pack_is_told_at_once(
    grade: Command, echo_pack: Path
) -> None:
    impatient(echo_pack)
    suite = echo_pack / SUITE
    suite.write_text(suite.read_text() + MORE_CASES)
    expect = echo_pack / "solutions" / ACCEPTED / "expect.toml"
    expect.write_text(expect.read_text().replace("points = 10", "points = [0, 3]"))
    shutil.copytree(
        echo_pack / "solutions" / ACCEPTED / "lib",
        echo_pack / "starter" / "lib",
        dirs_exist_ok=True,
    )
    silent = echo_pack / "solutions" / WRONG / "expect.toml"
    silent.write_text(silent.read_text() + '"*nothing*" = ["failed"]\n')
    run = grade("verify", echo_pack, "--json", "--repeat", "2", "--seed", str(CHANGING_SEED))
    assert run.code == 3, run.stderr
    found = findings(run)
    assert found >= {
        ("other-outcome", ACCEPTED, ""),
        ("other-outcome", WRONG, "test_it_starts"),
        ("pattern-without-case", WRONG, ""),
        ("no-sentence-of-brief", "", "test_a_coin_is_tossed"),
        ("changed-verdict", ACCEPTED, "test_a_coin_is_tossed"),
        ("starter-scores", "starter", "test_every_byte_comes_back"),
        ("starter-scores", "starter", "test_it_starts"),
        ("dead-case", "", "test_it_starts"),
    }
    assert ("changed-verdict", ACCEPTED, "test_every_byte_comes_back") not in found
    assert ("dead-case", "", "test_every_byte_comes_back") not in found
    assert [run["seed"] for run in solutions(run)[ACCEPTED]["runs"]] == [
        CHANGING_SEED,
        CHANGING_SEED + 1,
    ]
    assert len(solutions(run)["starter"]["runs"]) == 1


def test_a_solution_that_does_not_build_is_as_stated_or_not(
    grade: Command, echo_pack: Path
) -> None:
    for name, stated in (("broken", 'reason = "build-failed"\n'), ("surprise", "")):
        root = echo_pack / "solutions" / "wrong" / name
        shutil.copytree(echo_pack / "solutions" / ACCEPTED, root)
        (root / "bin" / "echo.ml").write_text('let () = print_endline ("one" + 1)\n')
        status = 'status = "build_failed"\n' if stated else "points = 0\n"
        (root / "expect.toml").write_text(f'{status}{stated}says = "It does not compile."\n')
    chosen = ("--solution", "wrong/broken", "--solution", "wrong/surprise")
    run = grade("verify", echo_pack, "--json", *chosen)
    assert run.code == 3
    assert findings(run) == {("other-outcome", "wrong/surprise", "")}
    assert {name: each["ok"] for name, each in solutions(run).items()} == {
        "wrong/broken": True,
        "wrong/surprise": False,
    }


def test_an_unknown_solution_names_the_nearest(grade: Command, echo_pack: Path) -> None:
    run = grade("verify", echo_pack, "--solution", "wrong/silnet")
    assert run.code == 3
    assert "perhaps you meant 'wrong/silent'" in run.error()


def test_without_docker_the_fix_is_named_and_the_structure_can_be_read(
    grade: Command, echo_pack: Path
) -> None:
    nowhere = f"unix://{grade.folder}/no.sock"
    run = grade("verify", echo_pack, DOCKER_HOST=nowhere)
    assert run.code == 4
    assert "next:" in run.error()
    assert grade("verify", echo_pack, "--structure", DOCKER_HOST=nowhere).code == 0


def until_a_run_ended(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if " ok " in line:
            return
    raise AssertionError("it ended before it graded anything")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_verification_clears_up_and_says_so(
    grade: Command, echo_pack: Path, engine: Engine, number: signal.Signals
) -> None:
    process = grade.begin("verify", echo_pack, "--repeat", "20", "-j", "2")
    with process:
        until_a_run_ended(process)
        os.kill(process.pid, number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert output == ""
    assert leftovers(engine, grade) == 0


def test_a_killed_verification_takes_its_workers_along(
    grade: Command, echo_pack: Path, engine: Engine
) -> None:
    process = grade.begin("verify", echo_pack, "--repeat", "20", "-j", "2")
    with process:
        until_a_run_ended(process)
        process.send_signal(signal.SIGSTOP)
        workers = children(process.pid)
        assert workers
        ends = [os.pidfd_open(pid) for pid in workers]
        process.kill()
        process.communicate(timeout=60)
    for end in ends:
        assert ended_within(end, 60), "a worker outlived the command"
        os.close(end)
    assert leftovers(engine, grade) == 0


def children(pid: int) -> list[int]:
    """The processes that any thread of `pid` has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in lists for child in each.read_text().split()]


def ended_within(pidfd: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
