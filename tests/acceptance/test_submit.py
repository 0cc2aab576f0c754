"""`grade submit` from the outside: what it prints, writes and exits with."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from grader.model.grade import Grade
from grader.model.verdict import Status, Verdict
from grader.sandbox import labels
from grader.sandbox.engine import Engine, connect
from tests.acceptance.conftest import Command
from tests.acceptance.programs import BROKEN, ECHO, FORGER, SPY

Repository = Callable[..., Path]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


def test_a_right_solution_passes_and_its_reports_are_written(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    run = grade("submit", repository(ECHO), "-a", echo_pack, "-o", "out")
    assert run.code == 0, run.stderr
    assert "10 of 10 points" in run.stdout
    assert (grade.folder / "out" / "report.html").stat().st_size > 5000
    assert "report: out/report.html" in run.stdout


def test_a_wrong_solution_is_below_the_pass_mark(grade: Command, echo_pack: Path) -> None:
    wrong = echo_pack / "solutions" / "wrong" / "silent"
    run = grade("submit", wrong, "-a", echo_pack, "--json")
    assert run.code == 1
    result = run.grade()
    assert result.status is Status.GRADED
    cases = [case for line in result.criteria for case in line.cases]
    assert {case.verdict for case in cases} == {Verdict.TIMED_OUT}
    assert all(case.transcript for case in cases)


def test_the_committed_head_is_graded_and_not_the_work_tree(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    root = repository(ECHO)
    (root / "bin" / "echo.ml").write_text("this does not compile")
    committed = grade("submit", root, "-a", echo_pack, "--json")
    on_disk = grade("submit", root, "-a", echo_pack, "--json", "--worktree")
    assert (committed.code, on_disk.code) == (0, 1)
    head = subprocess.run(
        ["git", "-C", root, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    )
    submission = committed.grade().submission
    assert submission is not None
    assert submission.commit == head.stdout.strip()
    assert on_disk.grade().status is Status.BUILD_FAILED


def test_an_unchanged_submission_is_not_built_again(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    root = repository(ECHO)
    first = grade("submit", root, "-a", echo_pack, "--json").grade()
    again = grade("submit", root, "-a", echo_pack, "--json").grade()
    assert first.build is not None
    assert again.build is not None
    assert again.build.cached
    assert first.build.artifact == again.build.artifact


def test_a_program_that_does_not_compile_gets_the_compilers_message(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    run = grade("submit", repository(BROKEN), "-a", echo_pack, "-o", "out")
    assert run.code == 1
    assert 'This constant has type "string"' in run.stdout
    assert (
        "This constant has type &#34;string&#34;" in (grade.folder / "out/report.html").read_text()
    )


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({}, 5, "no commit"),
        ({"README.md": "hello"}, 5, "dune-project"),
    ],
    ids=["empty", "no-dune-project"],
)
def test_a_repository_that_cannot_be_graded_is_rejected_in_a_sentence(
    grade: Command,
    echo_pack: Path,
    repository: Repository,
    files: Mapping[str, str],
    code: int,
    words: str,
) -> None:
    run = grade("submit", repository(files), "-a", echo_pack)
    assert run.code == code
    assert words in run.error()
    assert "next:" in run.error()
    assert "Traceback" not in run.stderr


def test_a_missing_path_is_a_usage_error(grade: Command, echo_pack: Path) -> None:
    run = grade("submit", "nowhere/at-all", "-a", echo_pack)
    assert run.code == 2
    assert "nowhere/at-all" in run.error()


def test_an_unknown_assignment_names_the_nearest(grade: Command, repository: Repository) -> None:
    run = grade("submit", repository(ECHO), "-a", "camelvk")
    assert run.code == 3
    assert "camelkv" in run.error()


def test_a_folder_that_cannot_be_written_is_found_before_the_work(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    (grade.folder / "file").write_text("")
    run = grade("submit", repository(ECHO), "-a", echo_pack, "-o", "file/reports")
    assert run.code == 6
    assert "could not be written" in run.error()
    assert "building" not in run.stderr


def test_without_docker_the_fix_is_named(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    nowhere = f"unix://{grade.folder}/no.sock"
    run = grade("submit", repository(ECHO), "-a", echo_pack, DOCKER_HOST=nowhere)
    assert run.code == 4
    assert "no Docker engine answers" in run.error()
    assert "next:" in run.error()


def test_the_program_sees_nothing_of_the_suite(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    """It reads every file and every /proc entry it can, and would say where a hidden test is."""
    suite = echo_pack / "suite" / "test_echo.py"
    suite.write_text(
        suite.read_text()
        + '''

def test_the_spy_has_looked_everywhere(candidate: Launcher) -> None:
    """The spy reports  HIDDEN-2a9c51

    Brief: "It sends back every byte it receives, unchanged and in order."
    """
    candidate.start(wait=None).stdout.wait_for("LOOKED at", within=60)


def test_the_spy_finds_what_it_is_given(candidate: Launcher) -> None:
    """The spy is a good one

    Brief: "It sends back every byte it receives, unchanged and in order."
    """
    told = candidate.start("--port", "{port}", "HIDDEN-told", wait=None)
    told.stdout.wait_for("LOOKED at", within=60)
'''
    )
    result = grade("submit", repository(SPY), "-a", echo_pack, "--json", timeout=300).grade()
    cases = {
        case.case.id.rpartition("::")[2]: case for line in result.criteria for case in line.cases
    }
    blind = cases["test_the_spy_has_looked_everywhere"]
    told = cases["test_the_spy_finds_what_it_is_given"]
    assert {blind.verdict, told.verdict} == {Verdict.PASSED}
    output = [case.programs[0].stdout.text for case in (blind, told) if case.programs[0].stdout]
    assert "CONTROL was readable" in output[0]
    assert "FOUND" not in output[0]
    assert "HIDDEN" not in output[0]
    assert "FOUND /proc/" in output[1], "a spy that finds nothing when told proves nothing"


def test_printing_fake_results_gains_nothing(
    grade: Command, echo_pack: Path, repository: Repository
) -> None:
    run = grade("submit", repository(FORGER), "-a", echo_pack, "--json")
    assert run.code == 1
    result = run.grade()
    assert result.score is not None
    assert result.score.points == 0
    assert Verdict.PASSED not in {c.verdict for line in result.criteria for c in line.cases}


def leftovers(engine: Engine, grade: Command) -> int:
    """What the runs of this command have in the engine now; other people's do not count."""
    api = engine.client.api
    found = [
        *api.containers(all=True, filters=labels.ANY_RUN),
        *(api.volumes(filters=labels.ANY_RUN)["Volumes"] or ()),
        *api.networks(filters=labels.ANY_RUN),
    ]
    return sum(item["Labels"][labels.LEASE].startswith(grade.state) for item in found)


def until_examining(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if "ok echo:" in line or " cases" in line:
            return
    raise AssertionError("it ended before it examined anything")


def test_a_killed_grade_leaves_nothing_once_grade_runs_again(
    grade: Command, echo_pack: Path, repository: Repository, engine: Engine
) -> None:
    root = repository(ECHO)
    process = grade.begin("submit", root, "-a", echo_pack)
    with process:
        until_examining(process)
        process.kill()
    assert leftovers(engine, grade) > 0, "there was nothing to clear away"
    assert grade("submit", root, "-a", echo_pack).code == 0
    assert leftovers(engine, grade) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_grade_clears_up_and_says_so(
    grade: Command,
    echo_pack: Path,
    repository: Repository,
    engine: Engine,
    number: signal.Signals,
) -> None:
    process = grade.begin("submit", repository(ECHO), "-a", echo_pack)
    with process:
        until_examining(process)
        os.kill(process.pid, number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert leftovers(engine, grade) == 0


def test_a_program_that_wastes_the_suites_time_keeps_what_it_earned(
    grade: Command, echo_pack: Path
) -> None:
    settings = echo_pack / "assignment.toml"
    limits = '\n[limits.suite]\nwall_time = "4 s"\ncase_time = "60 s"\n'
    settings.write_text(settings.read_text().partition("\n[limits.suite]")[0] + limits)
    suite = echo_pack / "suite" / "test_echo.py"
    suite.write_text(suite.read_text().replace(".connect()", ".connect(timeout=50)"))
    wrong = echo_pack / "solutions" / "wrong" / "silent"
    run = grade("submit", wrong, "-a", echo_pack, "--json")
    assert run.code == 1, run.stderr
    result = run.grade()
    assert (result.status, result.attempts) == (Status.GRADED, 1)
    cases = result.criteria[0].cases
    assert {case.verdict for case in cases} == {Verdict.TIMED_OUT}
    assert "whole suite (4 s)" in cases[-1].explanation


def test_an_examiner_that_dies_is_our_fault_and_tried_again(
    grade: Command, echo_pack: Path, repository: Repository, engine: Engine
) -> None:
    process = grade.begin("submit", repository(ECHO), "-a", echo_pack, "--json")
    with process:
        until_examining(process)
        for item in engine.client.api.containers(filters=labels.ANY_RUN):
            tags = item["Labels"]
            if tags[labels.ROLE] == "examiner" and tags[labels.LEASE].startswith(grade.state):
                engine.client.api.kill(item["Id"])
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "a fault of ours, trying again" in errors
    assert Grade.model_validate_json(output).attempts == 2
