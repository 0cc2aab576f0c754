"""Programs that cheat: a verdict of theirs, never a fault of ours, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.model.grade import Grade
from grader.model.results import CaseResult
from grader.model.verdict import Status, Verdict
from grader.sandbox import labels
from grader.sandbox.engine import Engine, connect
from tests.acceptance.conftest import Command

Repository = Callable[..., Path]

_C = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int listen_on(int port) {
  int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (void *)&a, sizeof a) || listen(s, 128)) { close(s); return -1; }
  return s;
}
static void begin(void);
static void answer(int client, char *bytes, int n);
static void *serve(void *at) {
  char buffer[65536];
  int client = (long)at, n;
  while ((n = read(client, buffer, sizeof buffer)) > 0) answer(client, buffer, n);
  close(client);
  return 0;
}
int main(int argc, char **argv) {
  (void)argc;
  signal(SIGPIPE, SIG_IGN);
  begin();
  int server = listen_on(atoi(argv[2]));
  for (;;) {
    pthread_t thread;
    int client = accept(server, 0, 0);
    if (client >= 0 && pthread_create(&thread, 0, serve, (void *)(long)client)) close(client);
  }
}
"""
_ECHO = "static void answer(int client, char *bytes, int n) { write(client, bytes, n); }\n"

BOMB = (
    _ECHO
    + "static void begin(void) { pid_t first = getpid(); setsid(); signal(SIGTERM, SIG_IGN);"
    + " for (;;) if (fork() < 0 && getpid() == first) { usleep(700000); _exit(3); } }\n"
)
SUICIDE = (
    "static void begin(void) {}\n"
    "static void answer(int client, char *bytes, int n) { kill(getpid(), SIGKILL); }\n"
)
DAEMON = _ECHO + "static void begin(void) { if (fork()) _exit(0); setsid(); }\n"
PORTS = (
    _ECHO
    + "static void begin(void) { for (int k = 0; k < 100; k++) if (!fork()) {"
    + " for (int p = 20000 + 100 * k; p < 20100 + 100 * k; p++) listen_on(p);"
    + " for (;;) pause(); } sleep(1); }\n"
)
SIDE_DOOR = (
    _ECHO
    + 'static void *flood(void *x) { char b[65536] = {0}; int f = open("/proc/1/fd/1", O_WRONLY);'
    + " for (;;) write(f, b, sizeof b); }\n"
    + "static void begin(void) { pthread_t t; pthread_create(&t, 0, flood, 0); sleep(5); }\n"
)
FULL = (
    r"""
static void fill(const char *path) {
  static char zeros[1 << 20];
  int file = open(path, O_CREAT | O_RDWR, 0600);
  while (write(file, zeros, sizeof zeros) > 0) {}
}
static void begin(void) {
  chdir("/data");
  symlink("/etc/shadow", "link"); symlink("loop", "loop"); mkfifo("\xff\xfe\n\033[2J", 0);
  for (int i = 0; i < 3000; i++) { mkdir("d\xff", 0700); chdir("d\xff"); }
  fill("/data/full"); fill("/tmp/full"); fill("/dev/shm/full"); fill("/scratch/full");
  chmod("/data", 0);
}
"""
    + _ECHO
)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


@pytest.fixture
def outcome(
    grade: Command, echo_pack: Path, repository: Repository, engine: Engine
) -> Callable[[str], Grade]:
    def of(hostile: str) -> Grade:
        rule = "(action (run gcc -w -O1 -pthread -o echo.exe echo.c))"
        files = {
            "dune-project": "(lang dune 3.17)\n",
            "bin/dune": f"(rule (targets echo.exe) (deps echo.c) {rule})\n",
            "bin/echo.c": _C + hostile,
        }
        run = grade("submit", repository(files), "-a", echo_pack, "--json", "--timings")
        assert "Traceback" not in run.stderr
        assert "Where the time went" in run.stderr
        result = run.grade()
        assert result.status is Status.GRADED, result.reason
        assert result.attempts == 1
        assert left_by(grade, engine) == []
        return result

    return of


def left_by(grade: Command, engine: Engine) -> list[object]:
    api = engine.client.api
    found = [
        *api.containers(all=True, filters=labels.ANY_RUN),
        *(api.volumes(filters=labels.ANY_RUN)["Volumes"] or ()),
    ]
    return [item for item in found if item["Labels"][labels.LEASE].startswith(grade.state)]


def cases(result: Grade) -> list[CaseResult]:
    return [case for line in result.criteria for case in line.cases]


@pytest.mark.parametrize(
    ("hostile", "verdict", "words"),
    [
        (BOMB, Verdict.PROCESS_LIMIT, "more than 128 at once"),
        (SUICIDE, Verdict.CRASHED, "signal 9"),
        (DAEMON, Verdict.FAILED, ""),
        (SIDE_DOOR, Verdict.OUTPUT_EXCEEDED, "output"),
        (FULL, Verdict.PASSED, ""),
    ],
    ids=["fork-bomb", "kill-9-of-itself", "daemon", "output-of-init", "full-folders"],
)
def test_each_trick_gets_its_verdict(
    outcome: Callable[[str], Grade], hostile: str, verdict: Verdict, words: str
) -> None:
    found = cases(outcome(hostile))
    assert {case.verdict for case in found} == {verdict}, [case.explanation for case in found]
    assert all(words in case.explanation for case in found)


def test_a_program_that_takes_every_port_spoils_only_its_own_cases(
    outcome: Callable[[str], Grade],
) -> None:
    verdicts = {case.verdict for case in cases(outcome(PORTS))}
    assert verdicts <= {Verdict.PASSED, Verdict.FAILED, Verdict.TIMED_OUT}
