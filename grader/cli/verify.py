"""`grade verify`: does a pack measure what it claims?"""

from __future__ import annotations

import json
import os
import secrets
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.cli.settings import Settings
    from grader.packs import Pack
    from grader.verify.plan import Place, Wanted
    from grader.verify.proof import Proof


@click.command()
@click.argument("packs", metavar="[PACK]...", nargs=-1)
@click.option("--structure", is_flag=True, help="Only read the files; needs no Docker.")
@click.option("--solution", "solutions", multiple=True, help="Grade only this one; repeatable.")
@click.option("--repeat", type=click.IntRange(1, 1000), default=1, help="Runs of each solution.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), help="Runs at a time; default: cores.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Repeat a run's random choices.")
@click.option("--strict", is_flag=True, help="Fail for notes as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def verify(
    packs: tuple[str, ...],
    structure: bool,
    solutions: tuple[str, ...],
    repeat: int,
    jobs: int | None,
    seed: int | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Prove that each PACK measures what it claims; without one, all packs.

    Grades every solution and the starter, and compares with what their expect.toml states. Exits
    with 3 when a pack does not prove itself, with 7 when faults of ours kept it from being proved.
    """
    from grader.cli.settings import read_settings
    from grader.verify.plan import Wanted
    from grader.verify.proof import exit_code
    from grader.verify.report import facts

    wanted = Wanted(
        solutions=solutions,
        repeat=repeat,
        jobs=jobs or os.cpu_count() or 1,
        seed=secrets.randbits(63) if seed is None else seed,
    )
    proofs = []
    for proof in _proofs(packs, None if structure else wanted, read_settings()):
        proofs.append(proof)
        if not as_json:
            _print(proof)
    code = exit_code(proofs, strict=strict)
    if as_json:
        click.echo(json.dumps(facts(proofs, code), indent=2, ensure_ascii=False))
    return code


def _proofs(names: tuple[str, ...], wanted: Wanted | None, settings: Settings) -> Iterator[Proof]:
    """One after the other, so that a pack that measures has the machine to itself."""
    from grader.packs import PackProblems, find_pack, list_packs, sandbox_names
    from grader.verify.proof import broken, judge

    sandboxes = sandbox_names(settings.sandbox_roots)
    roots = settings.assignment_roots
    for name in names or [found.name for found in list_packs(roots)]:
        try:
            pack = find_pack(name, roots, sandboxes)
        except PackProblems as error:
            yield broken(error)
            continue
        yield judge(pack, {}) if wanted is None else _verify(pack, wanted, settings)


def _verify(pack: Pack, wanted: Wanted, settings: Settings) -> Proof:
    from rich.console import Console

    from grader.verify.plan import plan_jobs, sources, width
    from grader.verify.proof import judge
    from grader.verify.run import run_jobs
    from grader.verify.watch import open_watch

    sources(pack, wanted)  # a misspelt name is told before an image is built
    console = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    jobs = plan_jobs(pack, wanted, _place(pack, settings))
    live = console.is_terminal and os.environ.get("TERM") != "dumb"
    with open_watch(console, pack, len(jobs), live=live) as watch:
        runs = run_jobs(jobs, width(pack, wanted, jobs), watch)
    return judge(pack, runs)


def _place(pack: Pack, settings: Settings) -> Place:
    """The images are there and the back ends known before the first job begins."""
    from grader.cli.wiring import open_engine, sandbox_images, services_on
    from grader.verify.plan import Place

    with open_engine(settings) as engine:
        images = sandbox_images(engine, pack, settings, lambda line: click.echo(line, err=True))
        services = services_on(engine, images, settings)
    return Place(
        docker_url=settings.docker_url,
        state=str(settings.state),
        cache=str(settings.cache),
        build_image=images.build,
        run_image=images.run,
        examiner_image=images.examiner,
        backends=services.backends,
    )


def _print(proof: Proof) -> None:
    from rich.console import Console

    from grader.verify.report import print_proof

    print_proof(proof, Console(highlight=False))
