"""What `grade assignment show` tells: as plain data for machines and as a page for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from grader.model.assignment import Criterion, CriterionKind
from grader.model.quantity import show_bytes, show_seconds
from grader.packs.expect import Expectation, PointRange
from grader.packs.pack import Pack
from grader.packs.suite import CaseOutline, SuiteFile, suite_outline


def facts(pack: Pack) -> dict[str, Any]:
    """JSON-ready. Sizes are bytes, durations seconds; `cases` lists test functions."""
    shown = pack.assignment
    outline = {file.criterion: file for file in suite_outline(pack)}
    return {
        "id": shown.id,
        "title": shown.title,
        "summary": shown.summary,
        "version": shown.version,
        "digest": pack.digest,
        "path": str(pack.root),
        "sandbox": shown.sandbox,
        "time_box": shown.time_box,
        "pass_mark": shown.pass_mark,
        "points": _total(pack),
        "criteria": [
            {
                **criterion.model_dump(mode="json"),
                "cases": [
                    {"name": case.name, "title": case.title, "brief": case.brief}
                    for case in _cases(outline, criterion)
                ],
            }
            for criterion in pack.rubric.criteria
        ],
        "limits": shown.limits.model_dump(mode="json"),
        "solutions": [
            {"name": solution.name, "expect": solution.expect.model_dump(mode="json")}
            for solution in pack.solutions()
        ],
    }


def page(pack: Pack) -> str:
    """About thirty lines of plain text."""
    return "\n".join(_page_lines(pack))


def _page_lines(pack: Pack) -> Iterator[str]:
    shown = pack.assignment
    outline = {file.criterion: file for file in suite_outline(pack)}
    yield f"{shown.title} ({shown.id} {shown.version})"
    yield shown.summary
    yield ""
    yield f"  pack       {pack.root}"
    yield f"  digest     {pack.digest[:16]}"
    yield f"  sandbox    {shown.sandbox}, builds {shown.build.artifact}"
    if shown.time_box:
        yield f"  time box   {shown.time_box}"
    yield f"  pass mark  {shown.pass_mark:g} percent of {_total(pack):g} points"
    yield ""
    yield "criteria"
    yield from _table(_criterion_row(outline, criterion) for criterion in pack.rubric.criteria)
    yield ""
    yield "limits"
    yield from _table(_limit_rows(pack))
    yield ""
    yield "solutions and what they must get"
    yield from _table(
        (solution.name, _outcome(solution.expect), solution.expect.says)
        for solution in pack.solutions()
    )
    unquoted = [
        f"{file.file}::{case.name}"
        for file in outline.values()
        for case in file.cases
        if not case.in_brief
    ]
    if unquoted:
        yield ""
        yield "cases whose docstring quotes no sentence of brief.md"
        yield from (f"  {case}" for case in unquoted)


def _criterion_row(outline: dict[str, SuiteFile], criterion: Criterion) -> tuple[str, ...]:
    gate = criterion.gate
    if criterion.kind is CriterionKind.REVIEWED:
        return criterion.id, "reviewed", "4 levels", criterion.title
    count = len(_cases(outline, criterion))
    title = criterion.title
    if gate is not None:
        title += f" (needs {gate.at_least:g} percent of {gate.criterion})"
    return (
        criterion.id,
        f"{criterion.points:g} points",
        f"{count} test function{'s' * (count != 1)}",
        title,
    )


def _cases(outline: dict[str, SuiteFile], criterion: Criterion) -> tuple[CaseOutline, ...]:
    return outline[criterion.id].cases if criterion.id in outline else ()


def _limit_rows(pack: Pack) -> Iterator[tuple[str, ...]]:
    build, run, suite = (
        pack.assignment.limits.build,
        pack.assignment.limits.run,
        pack.assignment.limits.suite,
    )
    yield (
        "build",
        f"{show_seconds(build.wall_time)}, memory {show_bytes(build.memory)}, "
        f"{_cpus(build.cpus)}, artifact {show_bytes(build.artifact)}",
    )
    yield (
        "run",
        f"{show_seconds(run.wall_time)}, CPU time {show_seconds(run.cpu_time)}, "
        f"memory {show_bytes(run.memory)}, {_cpus(run.cpus)}, {run.processes} processes, "
        f"{run.open_files} open files, data {show_bytes(run.data)}, "
        f"output {show_bytes(run.output)}",
    )
    yield (
        "suite",
        f"{show_seconds(suite.case_time)} a case, {show_seconds(suite.wall_time)} in all",
    )


def _cpus(count: float) -> str:
    return f"{count:g} CPU" if count == 1 else f"{count:g} CPUs"


def _outcome(expect: Expectation) -> str:
    if expect.points is not None:
        return f"{_range(expect.points)} points"
    if expect.status.value != "graded":
        return expect.status.value + (f" ({expect.reason})" if expect.reason else "")
    return ", ".join(f"{name} {_range(points)}" for name, points in expect.criteria.items())


def _range(points: PointRange) -> str:
    low, high = points
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _total(pack: Pack) -> float:
    return sum(criterion.points for criterion in pack.rubric.criteria)


def _table(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Rows in aligned columns; the last column is left as long as it is."""
    cells = list(rows)
    if not cells:
        yield "  none"
        return
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]) - 1)]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        yield "  " + "  ".join([*padded, row[-1]]).rstrip()
