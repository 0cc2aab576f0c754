"""Servers that nobody here wrote must pass every case that the brief shares with them.

Debian's redis-server and valkey-server run as the program, in the examiner's image because the
run image has no server. A case that they fail is marked wrongly, or asserts more than it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.model.assignment import RunSettings
from grader.model.results import Case, CaseResult
from grader.model.verdict import Verdict
from grader.packs import find_pack
from grader.sandbox.doctor import backends
from grader.sandbox.engine import Engine
from grader.sandbox.examiner import Images, Payload
from grader.sandbox.space import RunSpace
from grader.stages.examine import ExaminePlan, examine

PACKS = (Path(__file__).resolve().parents[2] / "assignments",)


class Silent:
    """An Observer that needs no news."""

    def collected(self, cases: tuple[Case, ...]) -> None: ...
    def case_started(self, case: Case) -> None: ...
    def case_finished(self, result: CaseResult) -> None: ...


@dataclass
class Shared:
    """The ids of the shared cases, known once the suite was collected."""

    ids: tuple[str, ...] | None = None


@pytest.fixture(scope="module")
def shared() -> Shared:
    return Shared()


@pytest.mark.parametrize("server", ["redis", "valkey"])
def test_a_real_server_passes_every_shared_case(
    server: str,
    space: RunSpace,
    engine: Engine,
    image_ids: dict[str, str],
    shared: Shared,
    tmp_path: Path,
) -> None:
    pack = find_pack("camelkv", PACKS)
    image = image_ids["examiner"]
    wrapper = (pack.root / "oracle" / "redis.sh").read_bytes()
    plan = ExaminePlan(
        images=Images(examiner=image, run=image),
        payload=Payload(
            suite=pack.suite_files(), programs={"candidate": wrapper, "reference": wrapper}
        ),
        run=RunSettings(
            arguments=pack.assignment.run.arguments,
            environment={"SERVER": f"{server}-server", "CLI": f"{server}-cli"},
        ),
        limits=pack.assignment.limits,
        seed=20261126,
        backends=backends(engine, image, state=tmp_path, cache=tmp_path / "backends.json"),
        only=shared.ids,
    )
    results = [r for r in examine(space, plan, Silent()) if "redis_shared" in r.case.tags]
    shared.ids = tuple(result.case.id for result in results)
    assert len(results) >= 80
    lost = {
        result.case.id: (result.verdict.value, result.explanation, result.message)
        for result in results
        if result.verdict is not Verdict.PASSED
    }
    assert not lost
