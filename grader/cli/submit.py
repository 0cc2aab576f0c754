"""`grade submit`: one submission in, a report out."""

from __future__ import annotations

from pathlib import Path

import click

_FORMATS = ("html", "json")


@click.command()
@click.argument("source")
@click.option("-a", "--assignment", required=True, help="Name of a pack, or the folder of one.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder for the reports.")
@click.option("--ref", help="Branch, tag or commit to grade instead of HEAD.")
@click.option("--worktree", is_flag=True, help="Grade the files on disk instead of a commit.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(_FORMATS),
    help="Report formats to write.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the grade as JSON on stdout.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Repeat a run's random choices.")
@click.option("--timings", is_flag=True, help="Print where the time went, after the summary.")
@click.option("--no-cache", is_flag=True, help="Build again even if the same source was built.")
def submit(
    source: str,
    assignment: str,
    output: Path | None,
    ref: str | None,
    worktree: bool,
    formats: tuple[str, ...],
    as_json: bool,
    seed: int | None,
    timings: bool,
    no_cache: bool,
) -> int:
    """Grade SOURCE, a git repository on disk, a git URL or a plain folder.

    A repository is graded at its committed HEAD. The summary goes to stdout, progress to stderr,
    the reports into a folder of their own below grade-reports unless -o names one.
    """
    from grader.cli.submitting import Request, submit_once

    request = Request(
        source=source,
        assignment=assignment,
        output=output,
        ref=ref,
        worktree=worktree,
        formats=formats or _FORMATS,
        as_json=as_json,
        seed=seed,
        fresh_build=no_cache,
        timings=timings,
    )
    return submit_once(request)
