"""`grade sandbox`: build, list, open and prune the images of sandboxes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.sandbox.definition import SandboxDefinition
    from grader.sandbox.engine import Engine
    from grader.sandbox.image_build import BuildLine, Progress


@click.group()
def sandbox() -> None:
    """Build, list, open and prune the images that grading runs in."""


@sandbox.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--refresh", is_flag=True, help="Build anew, with the packages of today.")
def build(names: tuple[str, ...], refresh: bool) -> None:
    """Build what is missing of the sandboxes NAME, or of all."""
    from grader.sandbox.base import TRIXIE, ensure_base
    from grader.sandbox.image_build import BuildLine
    from grader.sandbox.images import ensure_images

    definitions = _chosen(names)
    with _connected() as engine, _progress() as show:
        if refresh:
            ensure_base(
                engine, TRIXIE, lambda text: show(BuildLine("base", text, step=True)), refresh=True
            )
        for definition in definitions:
            built = ensure_images(engine, definition, progress=show, refresh=refresh)
            for image in built.images:
                click.echo(f"{image.tag}  {image.id}")


@sandbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def list_command(as_json: bool) -> None:
    """List the sandboxes and whether their images are built."""
    from grader.model.quantity import show_bytes
    from grader.sandbox.images import list_images

    with _connected() as engine:
        images = list_images(engine, _chosen(()))
    if as_json:
        click.echo(json.dumps([asdict(image) for image in images], indent=2))
        return
    width = max(len(image.tag) for image in images)
    for image in images:
        state = show_bytes(image.size) if image.id else "not built"
        click.echo(f"{image.sandbox:<10} {image.role:<10} {image.tag:<{width}}  {state}")
    if any(image.id is None for image in images):
        click.echo("next: grade sandbox build", err=True)


@sandbox.command()
@click.argument("name")
@click.option("--role", help="Which image, where the sandbox has several.")
def shell(name: str, role: str | None) -> int:
    """Open a shell in an image of the sandbox NAME, without a network; it leaves nothing behind."""
    from grader.sandbox.images import ensure_images

    (definition,) = _chosen((name,))
    chosen = role or definition.roles[-1]
    if chosen not in definition.roles:
        known = ", ".join(definition.roles)
        raise UsageError("unknown-role", f"sandbox {name} has no image {chosen!r}; it has {known}")
    with _connected() as engine, _progress() as show:
        image = ensure_images(engine, definition, (chosen,), show).image_id(chosen)
    options = ("--rm", "-it", "--init", "--network", "none")
    try:
        command = ("docker", "--host", engine.url, "run", *options, image, "bash")
        return subprocess.run(command).returncode
    except FileNotFoundError as error:
        raise UsageError("no-docker-cli", "a shell needs the docker command line tool") from error


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def prune(as_json: bool) -> None:
    """Remove images of ours that no sandbox definition has any more."""
    from grader.sandbox.images import prune_images, stale_images

    with _connected() as engine:
        removed = prune_images(engine, stale_images(engine, _chosen(())))
    if as_json:
        click.echo(json.dumps([asdict(image) for image in removed], indent=2))
        return
    for image in removed:
        click.echo(f"removed {image.tag}")
    click.echo(f"{len(removed)} images removed", err=True)


@contextmanager
def _connected() -> Iterator[Engine]:
    from grader.cli.settings import read_settings
    from grader.sandbox.engine import connect

    engine = connect(read_settings().docker_url)
    try:
        yield engine
    finally:
        engine.close()


def _chosen(names: tuple[str, ...]) -> tuple[SandboxDefinition, ...]:
    from grader.cli.settings import read_settings
    from grader.sandbox.definition import list_sandboxes, load_sandbox

    roots = read_settings().sandbox_roots
    if names:
        return tuple(load_sandbox(name, roots) for name in names)
    return list_sandboxes(roots)


@contextmanager
def _progress() -> Iterator[Progress]:
    """On stderr: steps as lines, and on a terminal the line at hand of the build below them."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False, soft_wrap=True)

    def steps(line: BuildLine) -> None:
        if line.step:
            console.print(Text(f"{line.image}: {line.text}"))

    if not console.is_terminal:
        yield steps
        return
    with console.status("looking at images") as status:

        def live(line: BuildLine) -> None:
            steps(line)
            shown = "".join(char for char in line.text if char.isprintable())
            status.update(Text(f"{line.image}: {shown}"[: console.width - 4], style="dim"))

        yield live
