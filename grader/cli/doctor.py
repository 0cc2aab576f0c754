"""`grade doctor`: is this machine fit to grade?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from grader.errors import EXIT_PASSED, SandboxError

if TYPE_CHECKING:
    from grader.sandbox.doctor import DoctorReport


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.option("--strict", is_flag=True, help="Refuse versions that may have known holes.")
def doctor(as_json: bool, strict: bool) -> int:
    """Measure, by running containers, whether this machine can grade safely.

    Exits with 4 when it cannot. Every line that is not in order says how to mend it.
    """
    report = _examine()
    safe = report.safe(strict=strict)
    if as_json:
        lines = [line.model_dump(mode="json") for line in report.lines]
        click.echo(json.dumps({"safe": safe, "lines": lines}, indent=2))
    else:
        _print_table(report, safe)
    return EXIT_PASSED if safe else SandboxError.exit_code


def _examine() -> DoctorReport:
    from grader.cli.settings import read_settings
    from grader.sandbox.definition import load_sandbox
    from grader.sandbox.doctor import run_doctor, unavailable
    from grader.sandbox.engine import DockerUnavailable, connect
    from grader.sandbox.images import list_images

    settings = read_settings()
    try:
        engine = connect(settings.docker_url)
        images = list_images(engine, [load_sandbox("examiner", settings.sandbox_roots)])
        built = {image.role: image.id for image in images if image.id is not None}
        return run_doctor(engine, built, state=settings.state)
    except DockerUnavailable as error:
        return unavailable(error)


def _print_table(report: DoctorReport, safe: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    styles = {"ok": "green", "warn": "yellow", "fail": "bold red"}
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("found")
    for line in report.lines:
        found = Text(line.found)
        if line.fix:
            found.append(f"\nfix: {line.fix}", style="dim" if line.status == "warn" else "bold")
        table.add_row(line.name, Text(line.status.value, styles[line.status.value]), found)
    console = Console(highlight=False)
    console.print(table)
    verdict = "this machine can grade" if safe else "this machine must not grade as it is"
    console.print(Text(verdict, "green" if safe else "bold red"))
