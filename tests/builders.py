"""Small builders of the model's values: valid by default; a test names what it is about."""

from __future__ import annotations

from typing import Any

from grader.model.assignment import Criterion, CriterionKind
from grader.model.grade import AssignmentRef, CriterionResult, Environment, Grade, Phase, Score
from grader.model.limits import Limits
from grader.model.results import Artifact, BuildResult, Case, CaseResult, ProgramRun, Step, Usage
from grader.model.submission import SourceKind, Submission
from grader.model.untrusted import Untrusted
from grader.model.verdict import Status, Verdict

MIB = 1 << 20
DIGEST = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"
IMAGES = {
    "build": "sha256:2f1b7a8e0c5d4b39a6e1f08d7c2b5a4938e7d6c5b4a3928170f6e5d4c3b2a190",
    "examiner": "sha256:81d0c9b8a7f6e5d4c3b2a1908f7e6d5c4b3a29180f7e6d5c4b3a291807f6e5d4",
    "run": "sha256:5e4d3c2b1a09f8e7d6c5b4a392817f6e5d4c3b2a190f8e7d6c5b4a39281706f5",
}


def text(value: str) -> Untrusted:
    return Untrusted(text=value, total_bytes=len(value.encode("utf-8", "replace")))


def case_result(
    id: str = "test_functional.py::test_get",
    verdict: Verdict = Verdict.PASSED,
    *,
    title: str = "GET returns what SET stored",
    brief: str = "",
    criterion: str = "functional",
    points: float = 1.0,
    needs: tuple[str, ...] = (),
    message: str | None = None,
    expected: str | None = None,
    seen: str | None = None,
    **changes: Any,
) -> CaseResult:
    case = Case(id=id, title=title, brief=brief, criterion=criterion, points=points, needs=needs)
    texts = {
        name: None if value is None else text(value)
        for name, value in (("message", message), ("expected", expected), ("seen", seen))
    }
    return CaseResult(case=case, verdict=verdict, **{"duration": 0.21, **texts, **changes})


def step(at: float, kind: str, what: str) -> Step:
    return Step(at=at, kind=kind, text=text(what))


def program(*arguments: str, stdout: str = "", stderr: str = "", **changes: Any) -> ProgramRun:
    values = {
        "role": "candidate",
        "argv": ("/app/program", *(arguments or ("--port", "7001", "--dir", "/data"))),
        "usage": Usage(peak_memory=11 * MIB, cpu_time=0.04, wall_time=0.3),
        "stdout": text(stdout) if stdout else None,
        "stderr": text(stderr) if stderr else None,
    }
    return ProgramRun(**{**values, **changes})


def line(
    id: str = "functional",
    *cases: CaseResult,
    points: float = 100.0,
    earned: float | None = 100.0,
    gated: str = "",
    **changes: Any,
) -> CriterionResult:
    criterion = Criterion(**{"id": id, "title": id.capitalize(), "points": points, **changes})
    return CriterionResult(criterion=criterion, earned=earned, cases=cases, gated=gated)


def reviewed(
    id: str, title: str, *levels: str, about: str = "", look_at: str = ""
) -> CriterionResult:
    criterion = Criterion(
        id=id, title=title, kind=CriterionKind.REVIEWED, about=about, look_at=look_at, levels=levels
    )
    return CriterionResult(criterion=criterion, earned=None)


def submission(**changes: Any) -> Submission:
    values = {
        "kind": SourceKind.GIT_PATH,
        "label": text("candidates/noor-haddad"),
        "commit": "4f2a91c0be31d7785a6c09f1e2d3b4a5968778f0",
        "ref": text("refs/heads/main"),
        "author": text("Noor Haddad <noor@example.org>"),
        "subject": text("Append to the log before replying"),
        "committed_at": "2025-11-24T21:14:05+01:00",
        "received_at": "2025-11-26T09:58:12+00:00",
        "digest": DIGEST,
        "files": 23,
        "size": 48_310,
    }
    return Submission(**{**values, **changes})


def build(**changes: Any) -> BuildResult:
    values = {
        "command": ("dune", "build", "--root", ".", "--profile", "release", "bin/main.exe"),
        "image": IMAGES["build"],
        "artifact": Artifact(digest=DIGEST[::-1], size=4_812_344),
        "reason": None,
        "log": text(""),
        "wall_time": 3.42,
    }
    return BuildResult(**{**values, **changes})


def environment(**changes: Any) -> Environment:
    values = {
        "grader_version": "0.1.0",
        "engine": "Docker 20.10.24, runc 1.1.5",
        "kernel": "6.1.0-32-amd64",
        "cgroup": "v1",
        "architecture": "x86_64",
        "images": IMAGES,
    }
    return Environment(**{**values, **changes})


def score(points: float, *, out_of: float = 100.0, pass_mark: float = 60.0) -> Score:
    percent = 100 * points / out_of
    return Score(
        points=points, out_of=out_of, percent=percent, pass_mark=pass_mark,
        passed=percent >= pass_mark,
    )  # fmt: skip


def grade(**changes: Any) -> Grade:
    """A graded submission that passed its only case."""
    values: dict[str, Any] = {
        "id": "0f8fad5bd9cb469fa165408675728950",
        "assignment": AssignmentRef(
            id="camelkv", title="A durable key-value server", version="1.0.0", digest=DIGEST
        ),
        "submission": submission(),
        "status": Status.GRADED,
        "score": score(100.0),
        "criteria": (line("functional", case_result()),),
        "build": build(),
        "limits": Limits(),
        "seed": 1_748_302_951,
        "environment": environment(),
        "phases": (Phase(name="build", seconds=3.42), Phase(name="examine", seconds=1.9)),
        "started_at": "2025-11-26T09:58:13+00:00",
        "finished_at": "2025-11-26T09:58:19+00:00",
    }
    return Grade(**{**values, **changes})
