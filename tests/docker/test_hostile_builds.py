"""Sources that cheat, or that are only odd: each ends with a program or with a plain sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.model.assignment import BuildSettings
from grader.model.limits import BuildLimits
from grader.model.results import BuildResult
from grader.sandbox.space import RunSpace
from grader.stages.build import BuildPlan, build
from grader.stages.build_cache import BuildCache
from tests.docker.sources import HELLO, tar_of, with_rule

MIB = 1 << 20
Build = Callable[..., BuildResult]


@pytest.fixture
def build_it(space: RunSpace, image_ids: dict[str, str], tmp_path: Path) -> Build:
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


def using(library: str) -> dict[str, str]:
    return HELLO | {"bin/dune": f"(executable (name program) (libraries {library}))\n"}


NEWER = "(lang dune 3.99)\n"


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (HELLO | {"dune-project": NEWER}, "build-dune-lang", "3.99"),
        (
            using("vendored")
            | {"vendored/dune-project": NEWER, "vendored/dune": "(library (name vendored))\n"},
            "build-dune-lang",
            "3.99",
        ),
        (using("eio_main"), "build-missing-library", "library eio_main"),
        (
            HELLO | {"bin/dune": "(executable (name other))\n", "bin/other.ml": ""},
            "build-no-artifact",
            "bin/program.exe",
        ),
    ],
    ids=["newer-dune", "newer-dune-in-a-part", "missing-library", "other-name"],
)
def test_a_project_for_another_place_is_told_what_this_one_lacks(
    build_it: Build, files: dict[str, str], code: str, words: str
) -> None:
    result = build_it(files)
    assert result.reason is not None
    assert result.reason.code == code, result.log.text
    assert words in result.reason.message
    assert build_it(files).cached


def test_nothing_of_a_project_in_a_newer_language_is_run(build_it: Build) -> None:
    result = build_it(with_rule("echo ran") | {"dune-project": NEWER})
    assert result.log.total_bytes == 0
    assert result.wall_time == 0


@pytest.mark.parametrize(
    "action",
    [
        "head -c 900000000 /dev/zero > /out/junk",
        "for i in $(seq 40); do mkdir /out/$i; done",
        "mkdir -p /out/program/a/b; chmod 0 /out/program",
        "chmod 0 /out",
    ],
    ids=["bytes", "names", "folder", "closed"],
)
def test_junk_where_the_program_belongs_costs_nobody_the_program(
    build_it: Build, action: str
) -> None:
    result = build_it(with_rule(f"({action}) 2> /dev/null || true"))
    assert result.reason is None, result.log.text
    assert result.artifact is not None


def test_a_program_that_is_too_large_is_told_so_and_not_that_its_build_failed(
    build_it: Build,
) -> None:
    result = build_it(HELLO, artifact=64 * 1024)
    assert result.reason is not None
    assert result.reason.code == "build-artifact"
    assert "larger than 64 KiB" in result.reason.message


def test_a_full_tmp_is_a_matter_of_disk(build_it: Build) -> None:
    result = build_it(with_rule("head -c 900000000 /dev/zero > /tmp/junk"))
    assert result.reason is not None
    assert result.reason.code == "build-disk"


def test_a_repository_of_many_files_fits(build_it: Build) -> None:
    """The most files that intake lets through, and as many again as dune copies of them."""
    result = build_it(
        with_rule("mkdir /scratch/many && cd /scratch/many && seq 40000 | xargs touch")
    )
    assert result.reason is None, result.log.text


def test_a_build_that_kills_itself_is_tried_again_and_never_remembered(build_it: Build) -> None:
    """From outside it looks like a kill by somebody else on this host."""
    suicide = with_rule("kill -9 -1")
    result = build_it(suicide)
    assert result.reason is not None
    assert result.reason.code == "build-killed"
    assert "signal 9" in result.reason.message
    assert not build_it(suicide).cached


def test_a_daemon_that_holds_the_output_open_does_not_hold_up_the_build(build_it: Build) -> None:
    result = build_it(with_rule("setsid sleep 300 & setsid sh -c 'trap : TERM; sleep 301' &"))
    assert result.reason is None, result.log.text
    assert result.wall_time < 30
