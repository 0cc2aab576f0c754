"""A pack's files and the runs of its solutions into a proof, and the proof into words."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from grader.errors import PackError
from grader.model.verdict import Status
from grader.packs import Pack, load_pack
from grader.packs.new import new_pack
from grader.verify.outcome import Outcome
from grader.verify.plan import Place, Wanted, plan_jobs, width
from grader.verify.proof import Proof, exit_code, judge
from grader.verify.report import facts, print_proof
from tests.unit.verify_outcomes import ended, graded, told

SUITE = "suite/test_echo.py"
PLACE = Place(
    docker_url=None,
    state="state",
    cache="cache",
    build_image="sha256:1",
    run_image="sha256:2",
    examiner_image="sha256:3",
    backends=(),
)
GOOD = {
    "accepted/model": [graded(10)],
    "wrong/silent": [graded(0, {"t::a": "timed_out"})],
    "starter": [graded(0, {"t::a": "failed"})],
}

Change = Callable[[Path], object]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_pack("echoes", tmp_path)


def edit(file: str, old: str, new: str) -> Change:
    def change(root: Path) -> None:
        text = (root / file).read_text()
        assert old in text
        (root / file).write_text(text.replace(old, new))

    return change


def drop_solutions(kind: str) -> Change:
    def change(root: Path) -> None:
        (root / "solutions" / kind).rename(root / kind)

    return change


def review_in_a_test_file(root: Path) -> None:
    (root / "suite" / "test_readability.py").write_text((root / SUITE).read_text())


def test_the_template_is_in_order(root: Path) -> None:
    proof = judge(load_pack(root), GOOD)
    assert told(list(proof.findings)) == []
    assert exit_code([proof], strict=True) == 0


@pytest.mark.parametrize(
    ("change", "kind", "case", "words"),
    [
        (
            edit(SUITE, '    Brief: "a client that stays silent does not delay another"\n', ""),
            "no-sentence-of-brief",
            "test_echo.py::test_a_silent_client_delays_nobody",
            "quotes no sentence of brief.md",
        ),
        (
            edit(SUITE, "unchanged and in order.", "changed and out of order."),
            "no-sentence-of-brief",
            "test_echo.py::test_every_byte_comes_back",
            'brief.md does not say "It sends back every byte it receives, changed',
        ),
        (review_in_a_test_file, "marks-and-rubric", "", "test_readability.py is named for the"),
        (drop_solutions("wrong"), "missing-solutions", "", "solutions/wrong is empty"),
    ],
)
def test_what_the_files_alone_tell(
    root: Path, change: Change, kind: str, case: str, words: str
) -> None:
    change(root)
    proof = judge(load_pack(root), {})
    [finding] = proof.findings
    assert (finding.kind.value, finding.case) == (kind, case)
    assert words in finding.sentence
    assert exit_code([proof], strict=False) == 3


def test_a_dead_case_is_looked_for_only_when_every_solution_was_run(root: Path) -> None:
    pack = load_pack(root)
    dead = [graded(0, {"t::a": "passed", "t::b": "timed_out"})]
    runs = {**GOOD, "wrong/silent": dead}
    kinds = [finding.kind.value for finding in judge(pack, runs).findings]
    assert "dead-case" in kinds
    del runs["accepted/model"]
    kinds = [finding.kind.value for finding in judge(pack, runs).findings]
    assert "dead-case" not in kinds


def test_the_same_finding_of_two_runs_is_told_once(root: Path) -> None:
    proof = judge(load_pack(root), {"accepted/model": [graded(9), graded(9)]})
    assert told(list(proof.findings)) == [("other-outcome", "", "gets 9 points where 10 is stated")]


FAULT = ended(Status.INFRA_ERROR, "docker-error")


@pytest.mark.parametrize(
    ("runs", "strict", "code"),
    [
        ({}, False, 0),
        ({"starter": [FAULT]}, False, 7),
        ({"starter": [FAULT], "accepted/model": [graded(9)]}, False, 3),
        ({"starter": [graded(0, {"t::a": "not_run"})]}, False, 0),
        ({"starter": [graded(0, {"t::a": "not_run"})]}, True, 3),
    ],
    ids=["nothing-run", "fault", "problem-and-fault", "note", "strict-note"],
)
def test_the_exit_code(root: Path, runs: dict[str, list[Outcome]], strict: bool, code: int) -> None:
    assert exit_code([judge(load_pack(root), runs)], strict=strict) == code


def printed(proof: Proof) -> str:
    stream = io.StringIO()
    print_proof(proof, Console(file=stream, width=100, highlight=False))
    return "\n".join(" ".join(line.split()) for line in stream.getvalue().splitlines())


def test_the_table_for_people(root: Path) -> None:
    runs = {**GOOD, "accepted/model": [graded(9, seconds=2.5, seed=4), graded(8, seed=5)]}
    text = printed(judge(load_pack(root), runs))
    assert "echoes 0.1.0" in text
    assert "accepted/model 10 points 8 to 9 of 10 points 2.5 s NO" in text
    assert "wrong/silent 0 points 0 of 10 points 0 ms ok" in text
    assert "starter passes no case" in text
    assert "NO other-outcome: accepted/model: gets 9 points where 10 is stated" in text
    assert "3 solutions, 1 case, 4 runs from seed 0, 2 problems: the pack does not prove" in text


def test_hostile_text_cannot_move_the_cursor(root: Path) -> None:
    runs = {"accepted/model": [ended(Status.BUILD_FAILED, "x", "\x1b[2J[red]gone")]}
    text = printed(judge(load_pack(root), runs))
    assert "\\x1b[2J[red]gone" in text


def test_the_document_for_machines(root: Path) -> None:
    document = json.loads(json.dumps(facts([judge(load_pack(root), GOOD)], 0)))
    assert (document["format"], document["ok"], document["exit_code"]) == (1, True, 0)
    [pack] = document["packs"]
    assert [each["name"] for each in pack["solutions"]] == list(GOOD)
    assert pack["solutions"][0]["expected"]["points"] == [10, 10]
    assert pack["solutions"][1]["runs"][0]["cases"] == [
        {"id": "t::a", "criterion": "echo", "verdict": "timed_out", "exclusive": False}
    ]
    assert pack["solutions"][2]["expected"] is None


def names(pack: Pack, *solutions: str, repeat: int = 1) -> list[tuple[str, int]]:
    wanted = Wanted(solutions=solutions, repeat=repeat, jobs=2, seed=7)
    return [(job.solution, job.seed) for job in plan_jobs(pack, wanted, PLACE)]


def test_every_solution_and_the_starter_once_are_planned(root: Path) -> None:
    assert names(load_pack(root), repeat=2) == [
        ("accepted/model", 7),
        ("wrong/silent", 7),
        ("starter", 7),
        ("accepted/model", 8),
        ("wrong/silent", 8),
    ]


def test_named_solutions_alone_are_planned(root: Path) -> None:
    pack = load_pack(root)
    assert names(pack, "wrong/silent", "starter", "wrong/silent") == [
        ("wrong/silent", 7),
        ("starter", 7),
    ]
    with pytest.raises(PackError, match="perhaps you meant 'wrong/silent'"):
        names(pack, "wrong/silnet")


@pytest.mark.parametrize(("mark", "at_once"), [("points(2)", 3), ("exclusive", 1)])
def test_a_suite_that_measures_has_the_machine_to_itself(
    root: Path, mark: str, at_once: int
) -> None:
    edit(SUITE, "@pytest.mark.points(2)", f"@pytest.mark.{mark}")(root)
    pack = load_pack(root)
    wanted = Wanted(solutions=(), repeat=1, jobs=8, seed=7)
    assert width(pack, wanted, plan_jobs(pack, wanted, PLACE)) == at_once
