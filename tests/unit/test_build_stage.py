"""Why a build failed, in words for the candidate; and the cache of builds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.errors import StoreError
from grader.model.assignment import BuildSettings
from grader.model.limits import BuildLimits
from grader.model.results import BuildResult, Stop
from grader.model.untrusted import Untrusted
from grader.sandbox.build_cell import (
    EXIT_COPY,
    EXIT_NO_ARTIFACT,
    EXIT_SCRATCH_FULL,
    EXIT_TOO_LARGE,
    BuildEnd,
)
from grader.stages.build import BuildPlan, why_failed
from grader.stages.build_cache import BuildCache


def end(**facts: Any) -> BuildEnd:
    defaults: dict[str, Any] = {
        "exit_code": 1,
        "signal": None,
        "stopped": None,
        "out_of_memory": False,
        "process_limit_hits": 0,
        "wall_time": 1.0,
        "log": Untrusted.of(b""),
        "archive": b"",
    }
    return BuildEnd(**(defaults | facts))


def plan(**changes: Any) -> BuildPlan:
    defaults: dict[str, Any] = {
        "source": b"tar",
        "source_digest": "d" * 64,
        "image": "sha256:1",
        "settings": BuildSettings(artifact="bin/program.exe"),
        "limits": BuildLimits(),
    }
    return BuildPlan(**(defaults | changes))


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ({"stopped": Stop.WALL_TIME}, "build-time", "longer than 2 min"),
        ({"stopped": Stop.OUTPUT}, "build-output", "printed more than 64 MiB"),
        ({"out_of_memory": True}, "build-memory", "more than 2 GiB"),
        ({"process_limit_hits": 1}, "build-processes", "more than 256 processes"),
        ({"exit_code": EXIT_SCRATCH_FULL}, "build-disk", "768 MiB of scratch"),
        (
            {"exit_code": EXIT_NO_ARTIFACT},
            "build-no-artifact",
            "nothing in the project makes bin/program.exe",
        ),
        ({"exit_code": 1}, "build-failed", "exit code 1"),
        ({"exit_code": 137, "signal": 9}, "build-killed", "signal 9"),
    ],
)
def test_each_failure_has_its_code_and_words(facts: dict[str, Any], code: str, words: str) -> None:
    reason = why_failed(end(**facts), plan())
    assert reason is not None
    assert reason.code == code
    assert words in reason.message


def test_a_build_that_ended_well_needs_no_reason() -> None:
    assert why_failed(end(exit_code=0), plan()) is None


def test_memory_that_ran_out_without_harm_does_not_fail_a_build() -> None:
    assert why_failed(end(exit_code=0, out_of_memory=True), plan()) is None


@pytest.mark.parametrize(
    "change",
    [
        {"source_digest": "e" * 64},
        {"image": "sha256:2"},
        {"settings": BuildSettings(artifact="bin/other.exe")},
        {"limits": BuildLimits(wall_time=1.0)},
    ],
)
def test_everything_a_build_depends_on_is_in_its_key(change: dict[str, Any]) -> None:
    assert plan(**change).key != plan().key


def stored(cache: BuildCache, key: str = "k") -> BuildResult:
    result = BuildResult(
        command=("dune",),
        image="sha256:1",
        artifact=cache.store(b"program"),
        reason=None,
        log=Untrusted.of(b"log"),
        wall_time=1.0,
    )
    cache.keep(key, result)
    return result


def test_a_kept_build_is_found_again_and_says_so(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    result = stored(cache)
    assert cache.find("k") == result.model_copy(update={"cached": True})
    assert cache.find("other") is None


def test_a_changed_artifact_is_never_used(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    result = stored(cache)
    assert result.artifact is not None
    (tmp_path / "artifacts" / result.artifact.digest).write_bytes(b"forged!")
    assert cache.find("k") is None
    with pytest.raises(StoreError, match="--no-cache"):
        cache.load(result.artifact)


def test_a_damaged_record_is_as_good_as_none(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    stored(cache)
    (tmp_path / "builds" / "k.json").write_text('{"artifact":')
    assert cache.find("k") is None


def test_a_write_that_fails_says_where_and_leaves_no_draft(tmp_path: Path) -> None:
    cache = BuildCache(tmp_path)
    (tmp_path / "builds" / "k.json" / "in-the-way").mkdir(parents=True)
    with pytest.raises(StoreError, match="GRADE_CACHE"):
        stored(cache)
    assert [path.name for path in (tmp_path / "builds").iterdir()] == ["k.json"]


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        ({"exit_code": EXIT_TOO_LARGE}, "build-artifact", "larger than 64 MiB"),
        ({"exit_code": EXIT_COPY}, "build-artifact", "could not be copied"),
        (
            {"out_of_memory": True, "log": Untrusted.of(b'Error: Library "core" not found.\n')},
            "build-memory",
            "2 GiB",
        ),
    ],
)
def test_our_own_observations_come_before_the_log(
    facts: dict[str, Any], code: str, words: str
) -> None:
    reason = why_failed(end(**facts), plan())
    assert reason is not None
    assert reason.code == code
    assert words in reason.message
