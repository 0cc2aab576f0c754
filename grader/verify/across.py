"""What only shows when runs are held against each other, or cases against all solutions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from grader.model.assignment import CriterionKind, Rubric
from grader.model.verdict import Status, Verdict
from grader.packs import Expectation
from grader.verify.compare import matches
from grader.verify.finding import Finding, Kind, Level
from grader.verify.outcome import CaseOutcome, Outcome

Runs = Mapping[str, Sequence[Outcome]]
"""Name of a solution -> its runs."""


def changed(name: str, expect: Expectation | None, runs: Sequence[Outcome]) -> Iterator[Finding]:
    """Cases whose verdict is not the same in every run, whatever the seed.

    Two ways of failing are as good as one where `expect.toml` names both for the case. What is
    measured may waver, so an `exclusive` case is only a note.
    """
    graded = [run for run in runs if run.status is not Status.INFRA_ERROR]
    statuses = Counter(run.status.value for run in graded)
    if len(statuses) > 1:
        yield _changed(name, "", statuses, Level.PROBLEM)
    for case in _cases(graded):
        verdicts: Counter[str] = Counter(
            other.verdict.value for run in graded for other in run.cases if other.id == case.id
        )
        if len(verdicts) > 1 and not _all_stated(expect, case.id, map(Verdict, verdicts)):
            level = Level.NOTE if case.exclusive else Level.PROBLEM
            yield _changed(name, case.id, verdicts, level)


def dead_cases(runs: Runs) -> Iterator[Finding]:
    """Cases that every wrong and every partial solution passes, so that they tell nobody apart."""
    told = [run for name, each in runs.items() if _is_defective(name) for run in each]
    failed = {case.id for run in told for case in run.cases if case.lost}
    tried = {case.id for run in told for case in run.cases if case.verdict.counts}
    for case in _cases(told):
        if case.id in tried - failed:
            yield Finding(
                kind=Kind.DEAD,
                level=Level.NOTE,
                case=case.id,
                sentence="no wrong or partial solution fails it, so nothing shows that it can"
                " tell right from wrong",
            )


def never_tried(runs: Runs) -> Iterator[Finding]:
    """Cases that were not run with any solution: the host lacks what they need."""
    graded = [run for each in runs.values() for run in each if run.cases]
    tried = {case.id for run in graded for case in run.cases if case.verdict is not Verdict.NOT_RUN}
    for case in _cases(graded):
        if case.id not in tried:
            sentence = "was not run with any solution: this host lacks what it needs"
            yield Finding(kind=Kind.NOT_TRIED, level=Level.NOTE, case=case.id, sentence=sentence)


def marks_and_rubric(rubric: Rubric, runs: Runs) -> Iterator[Finding]:
    """Criteria without a case, and cases of a criterion that a person reviews."""
    cases = _cases(run for each in runs.values() for run in each)
    if not cases:
        return
    kind_of = {criterion.id: criterion.kind for criterion in rubric.criteria}
    used = {case.criterion for case in cases}
    for name, kind in kind_of.items():
        if kind is CriterionKind.AUTOMATIC and name not in used:
            sentence = f"no case counts for the criterion {name} of rubric.toml"
            yield Finding(kind=Kind.MARKS, sentence=sentence)
    for case in cases:
        if kind_of.get(case.criterion) is CriterionKind.REVIEWED:
            sentence = f"counts for the criterion {case.criterion}, which a person reviews"
            yield Finding(kind=Kind.MARKS, case=case.id, sentence=sentence)


def _cases(runs: Iterable[Outcome]) -> tuple[CaseOutcome, ...]:
    """Every case that some run has, once, in the suite's order."""
    found: dict[str, CaseOutcome] = {}
    for run in runs:
        for case in run.cases:
            found.setdefault(case.id, case)
    return tuple(found.values())


def _is_defective(name: str) -> bool:
    return name.startswith(("wrong/", "partial/"))


def _all_stated(expect: Expectation | None, case_id: str, verdicts: Iterable[Verdict]) -> bool:
    """Whether all of them are ways to fail, and named for the case."""
    if expect is None or not any(matches(pattern, case_id) for pattern in expect.cases):
        return False
    return all(
        verdict.counts and verdict is not Verdict.PASSED and expect.allows(case_id, verdict)
        for verdict in verdicts
    )


def _changed(name: str, case: str, seen: Mapping[str, int], level: Level) -> Finding:
    times = ", ".join(f"{what} in {count}" for what, count in sorted(seen.items()))
    runs = sum(seen.values())
    sentence = f"changed between {runs} runs: {times}"
    return Finding(kind=Kind.UNSTABLE, level=level, solution=name, case=case, sentence=sentence)
