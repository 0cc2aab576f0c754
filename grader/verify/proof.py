"""The runs of a pack's solutions into a proof of the pack, or into what is missing from one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import InfraError, PackError
from grader.packs import Expectation, Pack, PackProblems
from grader.verify.across import changed, dead_cases, marks_and_rubric, never_tried
from grader.verify.compare import solution_findings, starter_findings
from grader.verify.finding import Finding, Level
from grader.verify.outcome import Outcome
from grader.verify.structure import pack_findings, structure_findings, test_functions

STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Entry:
    """A solution, or the starter, of which nothing is stated, and its runs."""

    name: str
    expect: Expectation | None
    runs: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of one pack now. A pack that cannot be loaded has no entries and no digest."""

    pack: str
    root: Path
    version: str
    digest: str
    functions: int
    solutions: int
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]

    def holds(self, name: str) -> bool:
        """Whether nothing but notes was found about the solution."""
        return not any(
            finding.solution == name and finding.level is not Level.NOTE
            for finding in self.findings
        )


def broken(error: PackProblems) -> Proof:
    """A pack that cannot be loaded."""
    return Proof(error.root.name, error.root, "", "", 0, 0, (), pack_findings(error))


def judge(pack: Pack, runs: Mapping[str, Sequence[Outcome]]) -> Proof:
    """Compare the runs, by name of the solution or `starter`, with what the pack states.

    Without any run, only the structure is judged. A dead case is looked for only where every wrong
    and partial solution was run.
    """
    expects = {solution.name: solution.expect for solution in pack.solutions()}
    found = [*structure_findings(pack), *marks_and_rubric(pack.rubric, runs)]
    for name, each in runs.items():
        for outcome in each:
            found += run_findings(pack, name, outcome)
        found += changed(name, expects.get(name), each)
    if runs:
        found += never_tried(runs)
        if expects.keys() <= runs.keys():
            found += dead_cases(runs)
    return Proof(
        pack=pack.assignment.id,
        root=pack.root,
        version=pack.assignment.version,
        digest=pack.digest,
        functions=test_functions(pack),
        solutions=len(pack.solutions()),
        entries=tuple(
            Entry(name, expects.get(name), tuple(each)) for name, each in runs.items() if each
        ),
        findings=tuple(dict.fromkeys(found)),
    )


def exit_code(proofs: Iterable[Proof], *, strict: bool) -> int:
    """0, or PackError's code where a pack does not prove itself, or InfraError's where only faults
    of ours are in the way. `strict` makes problems of notes.
    """
    levels = {finding.level for proof in proofs for finding in proof.findings}
    if Level.PROBLEM in levels or (strict and Level.NOTE in levels):
        return PackError.exit_code
    return InfraError.exit_code if Level.FAULT in levels else 0


def run_findings(pack: Pack, name: str, outcome: Outcome) -> tuple[Finding, ...]:
    """What one run of the solution `name`, or of the starter, tells by itself."""
    if name == STARTER:
        return starter_findings(STARTER, outcome)
    solution = next(each for each in pack.solutions() if each.name == name)
    return solution_findings(solution, outcome)
