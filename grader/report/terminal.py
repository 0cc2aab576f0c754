"""What `grade submit` prints when a grading is done: the summary, and where the time went."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader import escape
from grader.model.grade import Grade
from grader.model.untrusted import Untrusted
from grader.report.criteria import CriterionView
from grader.report.excerpt import Ration
from grader.report.first import LossView
from grader.report.numbers import count
from grader.report.timings import timings_view
from grader.report.view import ReasonView, ReportView, report_view
from grader.report.wording import VERDICTS, Tone

BAR_CELLS = 20
WORD_CELLS = 2 + max(len(words.word) for words in VERDICTS.values())
LOG_LINES = 14

_STYLES = {Tone.GOOD: "green", Tone.BAD: "red", Tone.PART: "yellow", Tone.OPEN: "dim"}


def print_summary(grade: Grade, console: Console) -> None:
    """Print the answer, the criteria and the cases that cost most.

    Nothing here is parsed as markup: every text is escaped and wrapped in `Text`, so that the only
    escape sequences printed are rich's own, and none where the console has no colour.
    """
    view = report_view(grade, Ration(200_000))
    console.print(_title(view))
    console.print(_headline(view))
    console.print(_text(view.sentence))
    if view.reason:
        _print_reason(view.reason, console)
    if view.build and view.build.failed and view.build.log:
        _print_log(view.build.log.text, console)
    if view.criteria:
        console.print()
        console.print(_criteria(view.criteria, ascii_only=console.options.ascii_only))
    for loss in view.losses:
        _print_loss(loss, console)
    if view.reviewed:
        names = ", ".join(line.title for line in view.reviewed)
        console.print()
        console.print(_text(f"To be reviewed by a person: {names}"))
    for notice in view.notices:
        console.print(_text(f"note: {notice}", "dim"))


def print_timings(grade: Grade, console: Console) -> None:
    """Print the phases with their shares, and the cases that took longest."""
    view = timings_view(grade)
    console.print()
    console.print(_text(f"Where the time went: {view.whole}", "bold"))
    phases = _plain_table()
    for phase in view.phases:
        phases.add_row(
            _text(f"  {phase.name}"), _text(phase.took), _text(f"{phase.share} %", "dim")
        )
    console.print(phases)
    if view.cases:
        console.print(_text("The slowest cases", "bold"))
        cases = _plain_table()
        for case in view.cases:
            cases.add_row(_text(f"  {case.took}"), _text(f"{case.criterion}: {case.title}"))
        console.print(cases)
    if view.others:
        console.print(_text(f"  and {view.others}", "dim"))


def _plain_table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))


def _text(value: Untrusted | str, style: str = "", width: int = 400) -> Text:
    return Text(escape.one_line(value, width), style)


def _title(view: ReportView) -> Text:
    parts = [_text(view.assignment, "bold")]
    parts += [_text(row.value, "dim", 60) for row in view.byline if row.label != "Received"]
    return Text(", ").join(parts)


def _headline(view: ReportView) -> Text:
    head = view.headline
    start = head.sentence.removesuffix(head.outcome)
    return Text.assemble((start, "bold"), (head.outcome, f"bold {_STYLES[head.tone]}"))


def _print_reason(reason: ReasonView, console: Console) -> None:
    console.print()
    console.print(_text(f"{reason.code}: {reason.message}"))
    for detail in reason.details:
        console.print(_text(f"  {detail}"))
    if reason.hint:
        console.print(_text(f"  next: {reason.hint}"))


def _print_log(log: Untrusted, console: Console) -> None:
    """The head of a failed build's log, where the compiler names the first error."""
    lines = log.text.rstrip("\n").split("\n")
    console.print()
    for line in lines[:LOG_LINES]:
        console.print(_text(f"  {line}", width=200))
    if len(lines) > LOG_LINES:
        console.print(_text(f"  and {count(len(lines) - LOG_LINES, 'more line')}", "dim"))


def _criteria(lines: tuple[CriterionView, ...], *, ascii_only: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Criterion", overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("Points", no_wrap=True)
    table.add_column("Cases", no_wrap=True)
    for line in lines:
        cases = line.cases_passed + (", gated" if line.gate else "")
        bar = Text(_bar(line.share, ascii_only), _STYLES[line.tone])
        table.add_row(_text(line.title), bar, _text(line.figure), _text(cases))
    return table


def _bar(share: str, ascii_only: bool) -> str:
    full, rest = ("#", "-") if ascii_only else ("━", "·")
    cells = int(float(share) * BAR_CELLS / 100)
    return full * cells + rest * (BAR_CELLS - cells)


def _print_loss(loss: LossView, console: Console) -> None:
    console.print()
    console.print(Text.assemble(_text(loss.title, "bold"), _text(f", {loss.lost}")))
    if loss.gate:
        console.print(_text(f"  {loss.gate}"))
    table = _plain_table()
    table.add_column("", no_wrap=True, min_width=WORD_CELLS)
    table.add_column("", overflow="fold")
    for case in loss.cases:
        what = Text("\n").join([_text(case.title, width=200), _text(case.reason or "", "dim", 200)])
        table.add_row(Text(f"  {case.word}", _STYLES[case.tone]), what)
    if loss.cases:
        console.print(table)
    if loss.more:
        console.print(_text(f"  {loss.more}", "dim"))
