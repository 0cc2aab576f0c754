"""`grade assignment`: list packs, show one, begin a new one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.packs import PackSummary


@click.group()
def assignment() -> None:
    """List, show and begin assignments."""


@assignment.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def list_command(as_json: bool) -> None:
    """List the assignments.

    They are those that come with grade and those in the folders that GRADE_ASSIGNMENTS names.
    """
    from grader.cli.settings import read_settings
    from grader.packs import list_packs, sandbox_names

    settings = read_settings()
    packs = list_packs(settings.assignment_roots, sandbox_names(settings.sandbox_roots))
    if as_json:
        _print_json([_summary(pack) for pack in packs])
        return
    width = max((len(pack.name) for pack in packs), default=0)
    for pack in packs:
        click.echo(f"{pack.name:<{width}}  {_line(pack)}")
    if not packs:
        click.echo("no assignments found; grade assignment new NAME begins one", err=True)


@assignment.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def show(name: str, as_json: bool) -> None:
    """Show criteria, cases, limits and solutions.

    NAME is a name that `grade assignment list` prints, or the path of a pack's folder.
    """
    from grader.cli.settings import read_settings
    from grader.packs import find_pack, sandbox_names
    from grader.packs.describe import facts, page

    settings = read_settings()
    pack = find_pack(name, settings.assignment_roots, sandbox_names(settings.sandbox_roots))
    if as_json:
        _print_json(facts(pack))
    else:
        click.echo(page(pack))


@assignment.command()
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write it in; by default the current one.",
)
def new(name: str, into: Path) -> None:
    """Begin an assignment.

    Writes a small, complete one called NAME, an echo server, to be changed step by step.
    """
    from grader.packs.new import new_pack

    root = new_pack(name, into)
    place = root if root.is_absolute() else f"./{root}"
    click.echo(root)
    click.echo(f"next: grade assignment show {place}", err=True)
    click.echo(f"      grade submit {place}/solutions/accepted/model -a {place}", err=True)


def _line(pack: PackSummary) -> str:
    if pack.problems:
        count = len(pack.problems)
        return f"has {count} problem{'s' * (count > 1)}: grade assignment show {pack.name}"
    return f"{pack.version}  {pack.points:g} points  {pack.title}"


def _summary(pack: PackSummary) -> dict[str, Any]:
    return {
        "name": pack.name,
        "title": pack.title,
        "summary": pack.summary,
        "version": pack.version,
        "points": pack.points,
        "path": str(pack.root),
        "problems": [str(problem) for problem in pack.problems],
    }


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
