"""A real engine and the real images. Without them these tests fail; they never skip."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.definition import load_sandbox
from grader.sandbox.engine import Engine, connect
from grader.sandbox.images import ensure_images
from grader.sandbox.space import RunSpace, open_space

SANDBOXES = (Path(__file__).resolve().parents[2] / "sandboxes",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def image_ids(engine: Engine) -> dict[str, str]:
    """Image ids by role: build, run, examiner."""
    ocaml = ensure_images(engine, load_sandbox("ocaml", SANDBOXES)).ids()
    return ocaml | ensure_images(engine, load_sandbox("examiner", SANDBOXES)).ids()


@pytest.fixture
def space(engine: Engine, tmp_path: Path) -> Iterator[RunSpace]:
    with open_space(engine, tmp_path / "state") as space:
        yield space
