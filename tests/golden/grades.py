"""The four grades that the goldens show: all passed, mixed, build failed, infra error."""

from __future__ import annotations

from grader.model.grade import Grade, Phase
from grader.model.results import Reason
from grader.model.verdict import Status
from tests.builders import build, environment, grade, reviewed, score, submission, text
from tests.golden import camelkv


def passed() -> Grade:
    return grade(
        submission=submission(
            label=text("assignments/camelkv/solutions/accepted/model"),
            author=text("Lise Laurent <lise@example.org>"),
            subject=text("Reply after the log is on disk"),
        ),
        score=score(100.0),
        criteria=(*camelkv.all_passed(), *REVIEWED),
        build=build(cached=True),
        phases=PHASES,
        finished_at="2025-11-26T09:59:01+00:00",
    )


def mixed() -> Grade:
    return grade(
        submission=submission(
            notices=(
                "dune.lock/ was left out: a build never uses a lock folder of the submission",
                "bench/loadgen is a prebuilt executable (1.2 MiB); it was kept and not used",
            )
        ),
        score=score(62.5),
        criteria=(*camelkv.mixed(), *REVIEWED),
        build=build(log=text(WARNING)),
        environment=environment(
            notes=("The kernel has no netem: cases that need a slow link were not run.",)
        ),
        phases=PHASES,
        finished_at="2025-11-26T09:59:33+00:00",
    )


def build_failed() -> Grade:
    reason = Reason(
        code="build-failed",
        message="dune ended with exit code 1 and bin/main.exe was not built",
        details=("bin/server.ml, line 41: this expression has type string, int was expected",),
        hint="run `grade check --stage build` in the repository to see the same message",
    )
    return grade(
        status=Status.BUILD_FAILED,
        reason=reason,
        score=None,
        criteria=(),
        build=build(artifact=None, reason=reason, log=text(TYPE_ERROR), wall_time=2.18),
        phases=(Phase(name="intake", seconds=0.09), Phase(name="build", seconds=2.51)),
        finished_at="2025-11-26T09:58:16+00:00",
    )


def infra_error() -> Grade:
    return grade(
        status=Status.INFRA_ERROR,
        reason=Reason(
            code="docker-lost",
            message="the Docker engine stopped answering while cases were running",
            details=("attempts 1 to 3 ended the same way, the last after 41 s",),
            hint="check the engine with `grade doctor`, then submit the same commit again",
        ),
        score=None,
        criteria=(),
        attempts=3,
        phases=(
            Phase(name="intake", seconds=0.09),
            Phase(name="build", seconds=3.42),
            Phase(name="examine", seconds=41.0),
        ),
        finished_at="2025-11-26T10:01:02+00:00",
    )


GRADES = {
    "passed": passed,
    "mixed": mixed,
    "build_failed": build_failed,
    "infra_error": infra_error,
}

PHASES = (
    Phase(name="intake", seconds=0.09),
    Phase(name="build", seconds=3.42),
    Phase(name="examine", seconds=71.6),
    Phase(name="score", seconds=0.004),
)

REVIEWED = (
    reviewed(
        "durability-reasoning",
        "Durability reasoning",
        "Cannot say what fsync buys.",
        "Calls fsync everywhere or nowhere, without an argument about order.",
        "Says for each mode what a crash can lose, and why.",
        "Also covers a failing fsync, torn writes, directory entries and the measured cost.",
        about="Does the candidate know what reaches the disk, and when?",
        look_at="NOTES.md, and the module that appends to the log",
    ),
    reviewed(
        "maintainability",
        "Ready for the next change",
        "One file; effects and parsing are mixed.",
        "Modules exist, but a new command touches most of them.",
        "A new command is one new case in one place, with a test.",
        "Also: interfaces say what may fail, and the log format can change without losing data.",
        about="How much would a colleague have to read before adding EXPIRE?",
        look_at="the .mli files, and the history of the last ten commits",
    ),
)

WARNING = """\
File "lib/resp.ml", line 88, characters 6-13:
88 |   let pending = Buffer.length t.input in
           ^^^^^^^
Warning 26 [unused-var]: unused variable pending.
"""

TYPE_ERROR = """\
File "bin/server.ml", line 41, characters 31-42:
41 |   Resp.write_integer client (Store.get store key)
                                    ^^^^^^^^^^^
Error: The value Store.get has type Store.t -> string -> string option
       but an expression was expected of type Store.t -> string -> int
       Type string option is not compatible with type int
"""
