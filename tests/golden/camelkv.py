"""The cases of a key-value server that speaks RESP2, as a suite would report them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from grader.model.assignment import Gate
from grader.model.grade import CriterionResult
from grader.model.results import CaseResult, Stop, Usage
from grader.model.verdict import Verdict
from tests.builders import MIB, case_result, line, program, step

START = ("--port", "7001", "--dir", "/data", "--fsync", "always")
READY = "ready port=7001\n"

clean = partial(program, *START, exit_code=0, stdout=READY)
killed = partial(program, *START, signal=9, stopped=Stop.EXAMINER, stdout=READY)
ended = partial(program, *START, signal=9, stopped=Stop.CLEANUP, stdout=READY)


@dataclass(frozen=True)
class Spec:
    """A case, and what a grading of the mixed submission saw of it where that is no pass."""

    name: str
    points: float
    title: str
    brief: str
    seen: Callable[..., CaseResult] | None = None


def failing(verdict: Verdict, **evidence: Any) -> Callable[..., CaseResult]:
    def result(**case: Any) -> CaseResult:
        return case_result(verdict=verdict, **{**case, **evidence})

    return result


def all_passed() -> tuple[CriterionResult, ...]:
    return tuple(
        line(id, *_cases(id, specs, mixed=False), points=points, earned=points, **about)
        for id, points, specs, about in CRITERIA
    )


def mixed() -> tuple[CriterionResult, ...]:
    earned = {
        "functional": 20.0, "protocol": 20.0, "concurrency": 10.0, "durability": 12.5,
        "performance": 0.0,
    }  # fmt: skip
    gate = "Performance scores only where Durability reached 80 % of its points; it reached 62.5 %."
    gated = {"performance": gate}
    return tuple(
        line(
            id,
            *_cases(id, specs, mixed=True),
            points=points,
            earned=earned[id],
            gated=gated.get(id, ""),
            **about,
        )
        for id, points, specs, about in CRITERIA
    )


def _cases(criterion: str, specs: tuple[Spec, ...], *, mixed: bool) -> list[CaseResult]:
    results = []
    for spec in specs:
        case: dict[str, Any] = {
            "id": f"test_{criterion}.py::test_{spec.name}",
            "title": spec.title,
            "brief": spec.brief,
            "criterion": criterion,
            "points": spec.points,
        }
        if mixed and spec.seen is not None:
            results.append(spec.seen(**case))
        else:
            programs = (killed(), ended()) if criterion == "durability" else ()
            results.append(case_result(**case, programs=programs))
    return results


INTEGERS = failing(
    Verdict.FAILED,
    message="INCR at the upper end of 64 bits: the reply differs",
    expected=":4611686018427387904\r\n",
    seen=":-4611686018427387904\r\n",
    explanation="The reply to one command differs from the one the brief asks for.",
    transcript=(
        step(0.002, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.041, "note", "listening on 127.0.0.1:7001"),
        step(
            0.042,
            "send",
            "*3\r\n$3\r\nSET\r\n$1\r\nn\r\n$19\r\n4611686018427387903\r\n",
        ),
        step(0.044, "receive", "+OK\r\n"),
        step(0.045, "send", "*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n"),
        step(0.047, "receive", ":-4611686018427387904\r\n"),
        step(0.047, "check", "INCR at the upper end of 64 bits: differs"),
    ),
    programs=(ended(),),
)

PIPELINE = failing(
    Verdict.TIMED_OUT,
    duration=10.2,
    message="2,000 pipelined PINGs: 1,024 replies after 10 s, then silence",
    expected="2000 replies +PONG",
    seen="1024 replies +PONG, then nothing for 8.9 s",
    explanation="The program answered a part of the pipeline and then waited for more input.",
    limits_hit=("receive: no byte for 8.9 s, limit 10 s for the whole pipeline",),
    transcript=(
        step(0.002, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.040, "send", "*1\r\n$4\r\nPING\r\n[... 27972 bytes not kept ...]"),
        step(1.262, "receive", "+PONG\r\n+PONG\r\n[... 7154 bytes not kept ...]"),
        step(10.201, "note", "no further byte within 10 s"),
    ),
    programs=(ended(usage=Usage(peak_memory=14 * MIB, cpu_time=0.31, wall_time=10.2)),),
)

LOST_UPDATE = failing(
    Verdict.FAILED,
    duration=2.4,
    message="50 clients, 100 INCR each: the total is short by 17",
    expected="5000",
    seen="4983",
    explanation="Every reply was a number, and the final value is less than the count of replies.",
    transcript=(
        step(0.001, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.048, "run", "redis-benchmark -p 7001 -c 50 -n 5000 -q INCR hits"),
        step(2.310, "output", "INCR hits: 2173.91 requests per second, p50=21.327 msec\n"),
        step(2.312, "send", "*2\r\n$3\r\nGET\r\n$4\r\nhits\r\n"),
        step(2.313, "receive", "$4\r\n4983\r\n"),
    ),
    programs=(ended(usage=Usage(peak_memory=23 * MIB, cpu_time=1.9, wall_time=2.4)),),
)

MANY_CLIENTS = failing(
    Verdict.CRASHED,
    duration=1.1,
    message="the program ended while 1,024 connections were open",
    explanation="The program stopped with exit code 2 when it should have gone on serving.",
    transcript=(
        step(0.001, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.210, "note", "1000 connections open, all answer PING"),
        step(0.302, "exit", "exit 2 while connection 1021 was being opened"),
    ),
    programs=(
        program(
            *START,
            exit_code=2,
            stdout=READY,
            stderr=(
                'Fatal error: exception Unix.Unix_error(Unix.EINVAL, "select", "")\n'
                'Raised by primitive operation at Camelkv__Loop.wait in file "lib/loop.ml", '
                "line 57, characters 21-66\n"
                'Called from Dune__exe__Main.serve in file "bin/main.ml", line 34\n'
            ),
            usage=Usage(peak_memory=38 * MIB, cpu_time=0.22, wall_time=0.3),
        ),
    ),
)

SLOW_READER = failing(
    Verdict.MEMORY_EXCEEDED,
    duration=6.7,
    message="one client that never reads its replies brought the program to its memory limit",
    expected="at most 32 MiB held for a client that does not read",
    seen="512 MiB, then the kernel ended the program",
    limits_hit=("memory and scratch files: 512 MiB of 512 MiB",),
    explanation="Replies pile up for a client that does not read, until the memory limit.",
    programs=(
        program(
            *START,
            signal=9,
            out_of_memory=True,
            stdout=READY,
            usage=Usage(peak_memory=512 * MIB, cpu_time=3.1, wall_time=6.4),
        ),
    ),
)

LATENCY = failing(
    Verdict.NOT_RUN,
    duration=0.0,
    needs=("netem",),
    explanation="This case needs netem, and the kernel of the grading machine has none.",
)

TORN_TAIL = failing(
    Verdict.CRASHED,
    duration=1.6,
    message="the program did not start on a log whose last record is cut short",
    expected="ready port=7001, and one log line about the dropped record",
    seen="exit 2 before the port was open",
    explanation="After kill -9 in the middle of a write, the next start ended with exit code 2.",
    transcript=(
        step(0.001, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.039, "send", "*3\r\n$3\r\nSET\r\n$4\r\nuser\r\n$5\r\nperla\r\n"),
        step(0.041, "receive", "+OK\r\n"),
        step(0.044, "signal", "KILL"),
        step(0.051, "exit", "killed by signal 9"),
        step(0.052, "note", "camelkv.log truncated from 41 to 38 bytes"),
        step(0.131, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.160, "exit", "exit 2 before the port was open"),
    ),
    programs=(
        killed(),
        program(
            *START,
            exit_code=2,
            stderr=(
                "Fatal error: exception End_of_file\n"
                'Raised at Stdlib.really_input_string in file "stdlib.ml", line 456\n'
                'Called from Camelkv__Log.replay in file "lib/log.ml", line 112, '
                "characters 18-49\n"
            ),
        ),
    ),
)

FLIPPED_BYTE = failing(
    Verdict.FAILED,
    duration=0.9,
    message="a flipped byte in the middle of the log went unnoticed",
    expected="exit 74, and the byte offset of the damage on stderr",
    seen="ready port=7001; GET user answers perlb",
    explanation="The program served a value that nobody had stored.",
    transcript=(
        step(0.044, "signal", "KILL"),
        step(0.052, "note", "camelkv.log: byte 37 changed from 0x61 to 0x62"),
        step(0.129, "start", "/app/program --port 7001 --dir /data --fsync always"),
        step(0.170, "send", "*2\r\n$3\r\nGET\r\n$4\r\nuser\r\n"),
        step(0.171, "receive", "$5\r\nperlb\r\n"),
    ),
    programs=(killed(), ended()),
)

FUNCTIONAL = (
    Spec(
        "set_get",
        1,
        "SET stores and GET returns, byte for byte",
        "Keys and values are bytes, and none is special.",
    ),
    Spec("missing", 1, "GET of a missing key is the null bulk string", ""),
    Spec(
        "integers",
        1,
        "INCR is exact over all of 64 bits",
        "Counters hold every signed 64-bit number.",
        INTEGERS,
    ),
    Spec("mget", 1, "MGET of 1,000 keys keeps their order", ""),
    Spec("arity", 1, "A wrong number of arguments is an error, and the connection stays", ""),
)

PROTOCOL = (
    Spec(
        "redis_cli", 2, "A redis-cli session works", "Stock Redis clients work against the server."
    ),
    Spec(
        "redis_py",
        2,
        "redis-py with protocol 2 works",
        "Stock Redis clients work against the server.",
    ),
    Spec("benchmark", 2, "redis-benchmark runs set, get, incr and mset", ""),
    Spec(
        "bytewise",
        1,
        "A request that arrives byte by byte is answered once",
        "Requests may come in pieces, many at once, and from many clients.",
    ),
    Spec(
        "pipeline",
        2,
        "2,000 pipelined PINGs get 2,000 replies",
        "Requests may come in pieces, many at once, and from many clients.",
        PIPELINE,
    ),
    Spec("malformed", 1, "A malformed frame closes only its own connection", ""),
)

CONCURRENCY = (
    Spec(
        "lost_update", 2, "50 clients increment one counter without a lost update", "", LOST_UPDATE
    ),
    Spec("many_clients", 1, "1,500 idle connections do not disturb 50 busy ones", "", MANY_CLIENTS),
    Spec(
        "slow_reader",
        1,
        "A client that does not read is closed",
        "Whoever does not read replies is disconnected before the server holds more than "
        "32 MiB for it.",
        SLOW_READER,
    ),
    Spec("churn", 2, "20,000 short connections leave no descriptor behind", ""),
    Spec("emfile", 2, "Out of descriptors, the server waits and recovers", ""),
    Spec("latency", 2, "Pipelining hides 200 ms of latency", "", LATENCY),
)

DURABILITY = (
    Spec(
        "torn_tail",
        2,
        "A torn last record is dropped and the rest is served",
        "If the last record is incomplete, the server drops it and starts.",
        TORN_TAIL,
    ),
    Spec(
        "kill_idle",
        1,
        "Acknowledged writes survive kill -9",
        "After kill -9, every write that was answered is still there.",
    ),
    Spec(
        "kill_busy",
        2,
        "Acknowledged writes survive kill -9 under load",
        "After kill -9, every write that was answered is still there.",
    ),
    Spec(
        "sigterm",
        1,
        "SIGTERM flushes and exits 0 within 5 s",
        "On SIGTERM the server finishes and exits 0.",
    ),
    Spec(
        "unusable",
        1,
        "An unusable data folder is exit 74",
        "A data folder that cannot be used means exit 74.",
    ),
    Spec(
        "flipped_byte",
        1,
        "Damage before the end of the log is refused",
        "Damage elsewhere in the log stops the start with exit 74 and the offset.",
        FLIPPED_BYTE,
    ),
)

PERFORMANCE = (
    Spec("ratio", 2, "SET and GET reach half the rate of the reference", ""),
    Spec("group_commit", 1, "50 clients with fsync always reach a quarter of the reference", ""),
)

CRITERIA: tuple[tuple[str, float, tuple[Spec, ...], dict[str, Any]], ...] = (
    (
        "functional",
        25.0,
        FUNCTIONAL,
        {
            "about": "The commands of the brief, compared with a reference reply by reply.",
            "look_at": "lib/command.ml",
        },
    ),
    (
        "protocol",
        25.0,
        PROTOCOL,
        {
            "about": "RESP2 as stock clients speak it, in whole, in pieces and malformed.",
            "look_at": "lib/resp.ml: what happens to the rest of the buffer after one request",
        },
    ),
    (
        "concurrency",
        20.0,
        CONCURRENCY,
        {
            "about": "Many clients at once, slow ones among them, and few descriptors.",
            "look_at": "lib/loop.ml",
        },
    ),
    (
        "durability",
        20.0,
        DURABILITY,
        {
            "about": "What was acknowledged is there after kill -9; damage is noticed.",
            "look_at": "lib/log.ml: the order of write, fsync and reply",
        },
    ),
    (
        "performance",
        10.0,
        PERFORMANCE,
        {
            "about": "Throughput as a ratio to the reference, measured in the same run.",
            "gate": Gate(criterion="durability", at_least=80),
        },
    ),
)
