"""The pytest plugin: what is collected, run and found out goes to the host as events."""

from __future__ import annotations

import random
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from grader.testkit import transcript
from grader.testkit.case import MARKS, Case, declared
from grader.testkit.case_run import CaseRun
from grader.testkit.cells import Cells
from grader.testkit.channel import Channel
from grader.testkit.deadline import Deadline
from grader.testkit.excerpt import Excerpt, WireText
from grader.testkit.expectation import Mismatch
from grader.testkit.hello import Hello
from grader.testkit.launcher import Launcher, Ports
from grader.testkit.outcome import Outcome, classify, describe
from grader.testkit.problems import InfraFault, Unavailable
from grader.testkit.slots import Slots
from grader.testkit.transcript import Transcript

TEARDOWN_TIME = 5.0
"""Seconds that a suite's own clean-up gets, also after a case that used up its time."""

ERRORS_KEEP = 20
"""Problems of the suite that are reported at once."""

CASE = pytest.StashKey[Case]()


class Plugin:
    """Runs the suite's cases one by one on the host's terms, and leaves nothing between them."""

    def __init__(self, channel: Channel, hello: Hello, cells: Cells, deadline: Deadline) -> None:
        self.executed: list[str] = []
        self._channel = channel
        self._hello = hello
        self._cells = cells
        self._deadline = deadline
        self._slots = Slots(hello.slots)
        self._ports = Ports(hello.seed)
        self._errors: list[str] = []
        self._run: CaseRun | None = None
        self._problem: BaseException | None = None

    # Fixtures, for suites.

    @pytest.fixture
    def candidate(self) -> Launcher:
        """Starts the candidate's program."""
        return self._launcher("candidate")

    @pytest.fixture
    def reference(self) -> Launcher:
        """Starts the assignment's reference solution; `not_run` where there is none."""
        return self._launcher("reference")

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> random.Random:
        """Random numbers that depend on the run's seed and the case, and on nothing else."""
        return random.Random(f"{self._hello.seed}:{request.node.nodeid}")  # noqa: S311 - repeatable

    @pytest.fixture
    def scratch(self) -> Path:
        """An empty folder of the examiner's, deleted after the case."""
        return self._under_way().scratch

    @pytest.fixture
    def transcript(self) -> Transcript:
        """Where the case's steps are recorded; `transcript.note(...)` adds a remark."""
        return self._under_way().transcript

    # Hooks, for pytest.

    def pytest_configure(self, config: pytest.Config) -> None:
        for mark in MARKS:
            config.addinivalue_line("markers", mark)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._errors.append(Excerpt.of(report.longreprtext).text)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            try:
                item.stash[CASE] = declared(item)
            except InfraFault as fault:
                self._errors.append(str(fault))
        if self._hello.only is not None:
            known = {item.nodeid for item in items}
            self._errors += [f"no case is called {id}" for id in self._hello.only - known]
            items[:] = [item for item in items if item.nodeid in self._hello.only]
        if self._errors:
            items.clear()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        cases = [item.stash[CASE].wire() for item in session.items]
        errors = self._errors[:ERRORS_KEEP]
        self._channel.send({"event": "collected", "cases": cases, "errors": errors})

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        case = item.stash[CASE]
        self._channel.send({"event": "case_started", "id": case.id})
        self._run = CaseRun(self._cells, self._slots, transcript.begin())
        self._problem = None
        began = time.monotonic()
        limit = self._hello.case_time if case.time_limit is None else case.time_limit
        self._deadline.begin(limit)
        try:
            return (yield)
        finally:
            duration = time.monotonic() - began
            self._finish(case, self._run, duration, item.config.rootpath)
            self._run = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        available = self._hello.backends | ({"reference"} if self._hello.reference else set())
        missing = [need for need in item.stash[CASE].needs if need not in available]
        if missing:
            raise Unavailable(f"this machine cannot do what the case needs: {', '.join(missing)}")
        if "reference" in getattr(item, "fixturenames", ()) and not self._hello.reference:
            raise Unavailable("the assignment names no reference solution")
        with self._deadline.running():
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        with self._deadline.running():
            yield

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self) -> Generator[None, None, None]:
        with self._deadline.running(at_least=TEARDOWN_TIME):
            yield

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        # The first problem is the case's; only a fault of ours that comes later outweighs it.
        if call.excinfo is not None:
            error = call.excinfo.value
            if self._problem is None or classify(error) == "infra_error":
                self._problem = error
        return (yield)

    def _finish(self, case: Case, run: CaseRun, duration: float, suite: Path) -> None:
        steps = run.transcript.wire()
        try:
            run.clean_up()
        except InfraFault as fault:
            self._problem = fault
        if self._problem is None and self._deadline.passed:
            self._problem = self._deadline.problem()  # the case caught it and carried on
        error = self._problem
        outcome: Outcome = "passed" if error is None else classify(error)
        mismatch = error if isinstance(error, Mismatch) else None
        message = None if error is None else Excerpt.of(describe(error, suite))
        self._channel.send(
            {
                "event": "case_finished",
                "id": case.id,
                "outcome": outcome,
                "duration": round(duration, 4),
                "message": _wire(message),
                "expected": _wire(mismatch.expected if mismatch else None),
                "seen": _wire(mismatch.seen if mismatch else None),
                "steps": steps,
                "programs": run.outputs(),
            }
        )
        self.executed.append(case.id)

    def _launcher(self, role: str) -> Launcher:
        return Launcher(
            "reference" if role == "reference" else "candidate",
            self._under_way(),
            self._hello,
            self._ports,
        )

    def _under_way(self) -> CaseRun:
        if self._run is None:
            raise InfraFault("the testkit's fixtures work only inside a case, not for a session")
        return self._run


def _wire(excerpt: Excerpt | None) -> WireText | None:
    return None if excerpt is None else excerpt.wire()
