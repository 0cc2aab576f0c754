"""What a pack's files alone tell: no container runs, and nothing of the suite is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.model.assignment import CriterionKind
from grader.packs import CaseOutline, Pack, PackProblems, SuiteFile, suite_outline
from grader.verify.finding import Finding, Kind
from grader.verify.outcome import EXCLUSIVE


def pack_findings(problems: PackProblems) -> tuple[Finding, ...]:
    """A pack that cannot be loaded, problem by problem."""
    return tuple(Finding(kind=Kind.PACK, sentence=str(item)) for item in problems.problems)


def structure_findings(pack: Pack) -> tuple[Finding, ...]:
    """Everything that loading a pack does not refuse and that makes it prove less than it says."""
    outline = suite_outline(pack)
    return (*_solutions(pack), *_reviewed_files(pack, outline), *_briefs(outline))


def has_exclusive_cases(pack: Pack) -> bool:
    """Whether the mark `exclusive` stands anywhere in the suite."""
    sources = (data for path, data in pack.suite_files().items() if path.endswith(".py"))
    return any(_is_exclusive(node) for text in sources for node in ast.walk(ast.parse(text)))


def test_functions(pack: Pack) -> int:
    """How many test functions the suite has; a parametrised one stands for several cases."""
    return sum(len(file.cases) for file in suite_outline(pack))


def _solutions(pack: Pack) -> Iterator[Finding]:
    kinds = {solution.name.partition("/")[0] for solution in pack.solutions()}
    if "accepted" not in kinds:
        sentence = "solutions/accepted is empty: nothing shows that the brief can be met"
        yield Finding(kind=Kind.SOLUTIONS, sentence=sentence)
    if "wrong" not in kinds:
        sentence = "solutions/wrong is empty: nothing shows that the suite finds a defect"
        yield Finding(kind=Kind.SOLUTIONS, sentence=sentence)


def _reviewed_files(pack: Pack, outline: tuple[SuiteFile, ...]) -> Iterator[Finding]:
    kind_of = {criterion.id: criterion.kind for criterion in pack.rubric.criteria}
    for file in outline:
        if kind_of[file.criterion] is CriterionKind.REVIEWED:
            yield Finding(
                kind=Kind.MARKS,
                sentence=f"suite/{file.file} is named for the criterion {file.criterion}, which a"
                " person reviews: its cases earn nothing",
            )


def _briefs(outline: tuple[SuiteFile, ...]) -> Iterator[Finding]:
    for file in outline:
        for case in file.cases:
            if not case.in_brief:
                yield Finding(
                    kind=Kind.BRIEF, case=f"{file.file}::{case.name}", sentence=_unquoted(case)
                )


def _unquoted(case: CaseOutline) -> str:
    if not case.brief:
        return 'its docstring quotes no sentence of brief.md; add a paragraph `Brief: "..."`'
    return f'brief.md does not say "{case.brief}"'


def _is_exclusive(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr=name, value=ast.Attribute(attr="mark")):
            return name == EXCLUSIVE
    return False
