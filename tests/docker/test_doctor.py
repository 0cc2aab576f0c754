"""The doctor on the real engine: what it measures is so, and a weakened cell is noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.cli import run
from grader.sandbox import probes
from grader.sandbox.doctor import backends, run_doctor
from grader.sandbox.doctor_lines import LineStatus, measured_lines
from grader.sandbox.engine import Engine
from grader.sandbox.probes import Measurements
from grader.sandbox.space import RunSpace
from tests.golden.system_calls import GOLDEN

NO_SECCOMP = {"SecurityOpt": ["no-new-privileges:true", "seccomp=unconfined"]}


def failed(space: RunSpace, image: str, changes: dict[str, Any]) -> set[str]:
    """Names of the lines that fail when a cell is weakened by `changes`."""
    measured = Measurements(
        confined=probes.measure_confined(space, image, changes),
        busy=probes.measure_busy(space, image, changes),
        memory=probes.measure_memory(space, image, changes),
        backends="not looked at",
    )
    lines = measured_lines(measured)
    return {line.name for line in lines if line.status is LineStatus.FAIL}


def test_this_engine_can_grade(engine: Engine, image_ids: dict[str, str], tmp_path: Path) -> None:
    report = run_doctor(engine, image_ids, state=tmp_path)
    assert [line for line in report.lines if line.status is LineStatus.FAIL] == []
    assert all(line.fix for line in report.lines if line.status is not LineStatus.OK)


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({"NetworkMode": "bridge"}, {"network"}),
        ({"ReadonlyRootfs": False}, {"root file system"}),
        ({"Memory": 0, "MemorySwap": 0}, {"memory limit"}),
        ({"PidsLimit": 0}, {"process limit"}),
        ({"NanoCpus": 0}, {"cpu limit"}),
        ({"Ulimits": []}, {"file limits"}),
        ({"Tmpfs": {"/scratch": "rw,uid=UID", "/tmp": "rw"}}, {"scratch size"}),
        ({"SecurityOpt": ["no-new-privileges:true"]}, {"system calls"}),
        (NO_SECCOMP, {"system calls"}),
        ({"SecurityOpt": []}, {"no new privileges", "system calls"}),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else "",
)
def test_a_cell_weaker_than_ours_is_noticed(
    space: RunSpace, image_ids: dict[str, str], changes: dict[str, Any], lines: set[str]
) -> None:
    if "Tmpfs" in changes:
        mine = changes["Tmpfs"]["/scratch"].replace("UID", str(space.uid(0)))
        changes = {"Tmpfs": changes["Tmpfs"] | {"/scratch": mine}}
    assert failed(space, image_ids["examiner"], changes) == lines


def test_system_calls_get_the_golden_answers(space: RunSpace, image_ids: dict[str, str]) -> None:
    answers = probes.measure_calls(space, image_ids["examiner"])
    assert answers == json.loads(GOLDEN.read_text()), "if this is meant: make goldens"


def test_the_engines_own_profile_lets_more_through(
    space: RunSpace, image_ids: dict[str, str]
) -> None:
    default = {"SecurityOpt": ["no-new-privileges:true"]}
    ours = probes.measure_calls(space, image_ids["examiner"])
    theirs = probes.measure_calls(space, image_ids["examiner"], default)
    more = {name for name, answer in theirs.items() if ours[name] == "EPERM" != answer}
    assert "socket AF_NETLINK" in more
    assert "socket AF_ALG" in more


def test_back_ends_are_measured_once_for_an_engine(
    engine: Engine, image_ids: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache" / "backends.json"
    found = backends(engine, image_ids["examiner"], state=tmp_path, cache=cache)
    assert "nftables" in found

    def not_again(*_: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr(probes, "measure_backends", not_again)
    assert backends(engine, image_ids["examiner"], state=tmp_path, cache=cache) == found


def test_a_torn_cache_of_back_ends_is_measured_again(
    engine: Engine, image_ids: dict[str, str], tmp_path: Path
) -> None:
    cache = tmp_path / "backends.json"
    cache.write_text('{"')
    assert backends(engine, image_ids["examiner"], state=tmp_path, cache=cache)
    assert json.loads(cache.read_text())


def test_the_command_prints_a_table_and_leaves_nothing(
    engine: Engine,
    image_ids: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("GRADE_STATE", str(tmp_path))
    assert run(["doctor"]) == 0
    table = capsys.readouterr().out
    assert "this machine can grade" in table
    assert "memory limit" in table
    leases = list((tmp_path / "leases").iterdir())
    assert leases == []
