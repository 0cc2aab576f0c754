"""The build cell against real and hostile sources, on the real engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.errors import Rejected
from grader.intake.tar import read_single_file
from grader.model.assignment import BuildSettings
from grader.model.limits import BuildLimits
from grader.model.results import BuildResult
from grader.sandbox.build_cell import OUTPUT_NAME
from grader.sandbox.space import RunSpace
from grader.stages.build import BuildPlan, build
from grader.stages.build_cache import BuildCache
from tests.docker.sources import HELLO, tar_of, with_rule

MIB = 1 << 20


@pytest.fixture
def build_it(space: RunSpace, image_ids: dict[str, str], tmp_path: Any) -> Any:
    def run(files: Mapping[str, str], *, fresh: bool = False, **limits: Any) -> BuildResult:
        plan = BuildPlan(
            source=tar_of(files),
            source_digest=str(hash(tuple(files.items()))),
            image=image_ids["build"],
            settings=BuildSettings(artifact="bin/program.exe"),
            limits=BuildLimits(**({"wall_time": 60.0} | limits)),
        )
        return build(space, plan, BuildCache(tmp_path / "cache"), fresh=fresh)

    return run


def test_a_program_is_built_and_comes_out(build_it: Any) -> None:
    result = build_it(HELLO)
    assert result.reason is None
    assert result.artifact.size > 100_000
    assert not result.cached


def test_the_same_source_is_not_built_twice_unless_asked(build_it: Any) -> None:
    first = build_it(HELLO)
    assert build_it(HELLO).cached
    assert not build_it(HELLO, fresh=True).cached
    assert build_it(HELLO).artifact == first.artifact


def test_the_compilers_message_is_kept(build_it: Any) -> None:
    result = build_it(HELLO | {"bin/program.ml": 'let () = print_endline ("a" + 1)\n'})
    assert result.reason.code == "build-failed"
    assert 'has type "string" but an expression was expected' in result.log.text


def test_a_build_without_the_artifact_says_which_one(build_it: Any) -> None:
    result = build_it(HELLO | {"bin/dune": "(rule (alias program.exe) (action (progn)))\n"})
    assert result.reason.code in ("build-failed", "build-no-artifact")
    assert "bin/program.exe" in result.reason.message + result.log.text


@pytest.mark.parametrize(
    ("action", "limits", "code"),
    [
        ("sleep 600", {"wall_time": 3.0}, "build-time"),
        (
            "setsid sh -c 'trap : TERM INT HUP; while :; do :; done'",
            {"wall_time": 3.0},
            "build-time",
        ),
        ("yes > /proc/1/fd/1", {"output": 64 * 1024}, "build-output"),
        ("head -c 2000000000 /dev/zero | tail", {"memory": 256 * MIB}, "build-memory"),
        ("head -c 2000000000 /dev/zero > /scratch/fill", {"scratch": 32 * MIB}, "build-disk"),
        (
            "for i in $(seq 100); do sleep 30 & done; wait",
            {"processes": 48},
            "build-processes",
        ),
    ],
    ids=["time", "time-ignoring-signals", "output", "memory", "disk", "processes"],
)
def test_each_limit_stops_a_build_and_is_named(
    build_it: Any, action: str, limits: dict[str, Any], code: str
) -> None:
    result = build_it(with_rule(action), **limits)
    assert result.artifact is None
    assert result.reason.code == code, result.log.text


def test_a_limit_is_never_remembered_as_the_outcome(build_it: Any) -> None:
    slow = with_rule("sleep 600")
    assert build_it(slow, wall_time=2.0).reason.code == "build-time"
    assert not build_it(slow, wall_time=2.0).cached


def test_a_build_sees_no_network_and_no_secret(build_it: Any) -> None:
    probe = "env | sort; cat /proc/net/route | wc -l; ls /sys/class/net; cat /etc/shadow; false"
    log = build_it(with_rule(probe)).log.text
    assert "DUNE_CACHE=disabled" in log
    assert "\nlo\n" in log
    assert "eth0" not in log
    assert "/etc/shadow: Permission denied" in log
    for name in ("DOCKER", "GRADE", "TOKEN", "GITHUB", "CI="):
        assert name not in log


TRICKS = {
    "symlink": "ln -sf /etc/passwd /out/program",
    "fifo": "rm -f /out/program; mkfifo /out/program",
    "folder": "rm -f /out/program; mkdir /out/program",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_what_a_rule_leaves_in_the_way_does_not_matter(build_it: Any, trick: str) -> None:
    result = build_it(with_rule(trick))
    assert result.reason is None, result.log.text
    assert result.artifact.size > 100_000


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_a_daemon_that_outlives_dune_cannot_smuggle_anything_out(
    build_it: Any, tmp_path: Path, trick: str
) -> None:
    """It swaps the program as soon as it appears, and races with the end of the build cell."""
    waiting = f"setsid sh -c 'until [ -s /out/program ]; do :; done; {trick}' >/dev/null 2>&1 &"
    result = build_it(with_rule(waiting))
    if result.artifact is None:
        assert result.reason.code == "build-artifact"
        return
    data = BuildCache(tmp_path / "cache").load(result.artifact)
    assert data.startswith(b"\x7fELF")
    assert b"root:x:0:0" not in data


def test_a_tar_that_is_not_one_plain_file_is_refused() -> None:
    with pytest.raises(Rejected):
        read_single_file(tar_of({"other": "x"}), OUTPUT_NAME, MIB)
