"""Tags of images: they name what an image is built from, and only that."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.sandbox.base import TRIXIE, Base
from grader.sandbox.definition import SandboxDefinition, load_sandbox
from grader.sandbox.image_build import plan_image
from grader.sandbox.images import SandboxImage, SandboxImages, image_tag

SETTINGS = (
    'format = 1\ntitle = "x"\n[images.run]\ntarget = "run"\n[images.build]\ntarget = "build"\n'
)
DOCKERFILE = "ARG BASE\nFROM ${BASE} AS run\nFROM ${BASE} AS build\n"


@pytest.fixture
def small(tmp_path: Path) -> SandboxDefinition:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "sandbox.toml").write_text(SETTINGS)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return load_sandbox("small", (tmp_path,))


def test_a_tag_has_the_sandbox_the_role_and_a_digest(small: SandboxDefinition) -> None:
    name, _, digest = image_tag(small, "run").partition(":")
    assert name == "grade/small-run"
    assert len(digest) == 12


def test_a_role_called_as_its_sandbox_is_not_said_twice(small: SandboxDefinition) -> None:
    examiner = SandboxDefinition("run", small.root, small.settings)
    assert plan_image(examiner, "run", TRIXIE).name == "run"


def test_the_same_files_give_the_same_tag(small: SandboxDefinition) -> None:
    before = image_tag(small, "run")
    os.utime(small.root / "Dockerfile", (0, 0))
    (small.root / "Dockerfile").chmod(0o600)
    (small.root / "__pycache__").mkdir()
    (small.root / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert image_tag(small, "run") == before


@pytest.mark.parametrize("change", ["content", "name", "new"])
def test_any_change_of_a_file_changes_every_tag(small: SandboxDefinition, change: str) -> None:
    (small.root / "packages.txt").write_text("gcc\n")
    before = {image_tag(small, role) for role in small.roles}
    match change:
        case "content":
            (small.root / "packages.txt").write_text("g++\n")
        case "name":
            (small.root / "packages.txt").rename(small.root / "packages")
        case "new":
            (small.root / "more").write_text("")
    after = {image_tag(small, role) for role in small.roles}
    assert len(after) == 2
    assert not after & before


def test_the_base_is_part_of_the_tag(small: SandboxDefinition) -> None:
    other = Base(tag="grade/base:forky", upstream="debian:forky-slim", suite="forky")
    assert image_tag(small, "run") != image_tag(small, "run", other)


def test_only_built_images_have_an_id() -> None:
    images = SandboxImages(
        (
            SandboxImage("small", "run", "grade/small-run:1", "sha256:1"),
            SandboxImage("small", "build", "grade/small-build:1", None),
        )
    )
    assert images.ids() == {"run": "sha256:1"}
    assert images.image_id("run") == "sha256:1"
    with pytest.raises(KeyError):
        images.image_id("build")
