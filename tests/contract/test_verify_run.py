"""Jobs in processes: what becomes of answers, of failures, and of processes that just end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.errors import PackError, SandboxError
from grader.model.verdict import Status
from grader.packs import load_pack
from grader.packs.new import new_pack
from grader.verify.events import Event
from grader.verify.outcome import Outcome
from grader.verify.plan import Job, Place
from grader.verify.run import WORKER, run_jobs


class Heard:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def began(self, job: Job) -> None:
        self.words.append(f"began {job.solution}")

    def told(self, job: Job, event: Event) -> None:
        self.words.append(f"{event.event} {job.solution}")

    def ended(self, job: Job, outcome: Outcome) -> None:
        self.words.append(f"{outcome.status.value} {job.solution}")


def job(root: Path, solution: str = "accepted/model", digest: str = "", url: str = "") -> Job:
    place = Place(
        docker_url=url,
        state=str(root.parent),
        cache=str(root.parent / "cache"),
        build_image="sha256:1",
        run_image="sha256:2",
        examiner_image="sha256:3",
        backends=(),
    )
    return Job(
        pack=str(root),
        digest=digest or load_pack(root).digest,
        solution=solution,
        source=str(root / "solutions" / solution),
        seed=1,
        place=place,
    )


def saying(*lines: str) -> tuple[str, ...]:
    """A worker that prints these lines, whatever its job."""
    text = "".join(f"{line}\n" for line in lines)
    return (sys.executable, "-c", f"input(); print({text!r}, end='')")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return new_pack("echoes", tmp_path)


def test_outcomes_come_in_the_order_of_the_jobs(root: Path) -> None:
    heard = Heard()
    jobs = [job(root, "wrong/silent"), job(root), job(root, "wrong/silent")]
    worker = saying(
        '{"event":"phase","name":"build"}',
        '{"event":"ended","outcome":{"status":"graded","points":3}}',
    )
    results = run_jobs(jobs, 2, heard, worker)
    assert list(results) == ["wrong/silent", "accepted/model"]
    assert [run.points for run in results["wrong/silent"]] == [3, 3]
    assert sorted(heard.words) == sorted(
        f"{word} {each.solution}" for each in jobs for word in ("began", "phase", "graded")
    )


def test_a_worker_that_just_ends_is_a_fault_of_ours_with_its_last_words(root: Path) -> None:
    results = run_jobs([job(root)], 1, Heard(), saying("Killed", '{"event":"ended"'))
    [outcome] = results["accepted/model"]
    assert outcome.status is Status.INFRA_ERROR
    assert outcome.reason is not None
    assert outcome.reason.code == "worker-lost"
    assert outcome.reason.details == ("Killed", '{"event":"ended"')


def test_a_pack_that_changes_meanwhile_ends_the_verification(root: Path) -> None:
    with pytest.raises(PackError, match="changed while it was verified"):
        run_jobs([job(root, digest="0" * 64)], 1, Heard(), WORKER)


def test_an_engine_that_is_gone_ends_the_verification(root: Path) -> None:
    jobs = [job(root, url=f"unix://{root}/no.sock") for _ in range(3)]
    with pytest.raises(SandboxError, match="no Docker engine answers") as failure:
        run_jobs(jobs, 1, Heard(), WORKER)
    assert failure.value.code == "docker-unavailable"
    assert failure.value.exit_code == 4


def test_a_solution_that_intake_refuses_is_rejected_and_not_an_error(root: Path) -> None:
    (root / "solutions" / "accepted" / "model" / "dune-project").unlink()
    [outcome] = run_jobs([job(root)], 1, Heard(), WORKER)["accepted/model"]
    assert outcome.status is Status.REJECTED
    assert outcome.reason is not None
    assert "dune-project" in outcome.reason.message
