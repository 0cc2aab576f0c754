"""The composition root: settings in, working services out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from grader.cli.settings import Settings
from grader.packs import Pack
from grader.pipeline import ImageIds, Services
from grader.sandbox.definition import load_sandbox
from grader.sandbox.doctor import backends
from grader.sandbox.engine import Engine, connect
from grader.sandbox.image_build import BuildLine
from grader.sandbox.images import ensure_images
from grader.sandbox.reaper import reap_dead
from grader.stages.build_cache import BuildCache


@contextmanager
def open_engine(settings: Settings) -> Iterator[Engine]:
    """Connect, and clear away what dead runs left there."""
    engine = connect(settings.docker_url)
    try:
        reap_dead(engine)
        yield engine
    finally:
        engine.close()


def services_on(engine: Engine, images: ImageIds, settings: Settings) -> Services:
    """What a grading needs beside its plan."""
    return Services(
        engine=engine,
        cache=BuildCache(settings.cache),
        state=settings.state,
        backends=backends(
            engine, images.examiner, state=settings.state, cache=settings.cache / "backends.json"
        ),
    )


def sandbox_images(
    engine: Engine, pack: Pack, settings: Settings, say: Callable[[str], None]
) -> ImageIds:
    """The images that grading `pack` needs; what is missing is built, and `say` hears how."""

    def show(line: BuildLine) -> None:
        if line.step:
            say(line.text)

    cell = load_sandbox(pack.assignment.sandbox, settings.sandbox_roots)
    examiner = load_sandbox("examiner", settings.sandbox_roots)
    cells = ensure_images(engine, cell, ("build", "run"), show)
    return ImageIds(
        build=cells.image_id("build"),
        run=cells.image_id("run"),
        examiner=ensure_images(engine, examiner, ("examiner",), show).image_id("examiner"),
    )
