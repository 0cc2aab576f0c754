"""`grade replay`: one case of an old grade again, with its transcript."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("grade_file", metavar="GRADE", type=click.Path(path_type=Path))
@click.argument("case", metavar="CASE")
@click.option("-a", "--assignment", help="The pack, where it is not one that grade knows by name.")
@click.option("--json", "as_json", is_flag=True, help="Print the result of the case as JSON.")
def replay(grade_file: Path, case: str, assignment: str | None, as_json: bool) -> int:
    """Run CASE of GRADE again and show its transcript.

    GRADE is a grade.json or the folder that holds one. CASE is an id from the report, or a part
    of an id or title that fits one case only. The program, the seed and the limits are the
    grade's. Exit code 0 when the case passes now, 1 when it does not.
    """
    from grader.cli.replaying import replay_once

    return replay_once(grade_file, case, assignment, as_json=as_json)
