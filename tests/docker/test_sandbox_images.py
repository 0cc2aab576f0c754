"""The images of the sandboxes: what they promise is in them, and what must not be is not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker.errors
import pytest

from grader.errors import SandboxError
from grader.sandbox.definition import SandboxDefinition, list_sandboxes, load_sandbox
from grader.sandbox.engine import Engine
from grader.sandbox.image_build import BuildLine
from grader.sandbox.images import ensure_images, image_tag, list_images, prune_images, stale_images

SANDBOXES = (Path(__file__).parents[2] / "sandboxes",)
PROMISES = [
    (sandbox.name, role, command, text)
    for sandbox in list_sandboxes(SANDBOXES)
    for role, settings in sandbox.settings.images.items()
    for command, text in settings.tools.items()
]


class Shell:
    """Runs commands in one container of each image, without a network."""

    def __init__(self, engine: Engine, image_ids: dict[str, str]) -> None:
        self._containers = {
            role: engine.client.containers.run(
                image, ["sleep", "600"], detach=True, init=True, network_mode="none"
            )
            for role, image in image_ids.items()
        }

    def __call__(self, role: str, command: str) -> tuple[int, str]:
        done = self._containers[role].exec_run(["sh", "-c", command])
        assert isinstance(done.output, bytes)
        return done.exit_code or 0, done.output.decode()

    def close(self) -> None:
        for container in self._containers.values():
            container.remove(force=True)


@pytest.fixture(scope="module")
def shell(engine: Engine, image_ids: dict[str, str]) -> Iterator[Shell]:
    shell = Shell(engine, image_ids)
    yield shell
    shell.close()


@pytest.fixture
def throwaway(engine: Engine, tmp_path: Path) -> Iterator[SandboxDefinition]:
    """A sandbox of one file, whose images are removed in the end."""
    folder = tmp_path / f"test-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    (folder / "sandbox.toml").write_text(
        'format = 1\ntitle = "Test"\n[images.run]\ntarget = "run"\n'
    )
    (folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE} AS run\nRUN echo made > /made\n")
    yield load_sandbox(folder.name, (tmp_path,))
    for image in engine.client.images.list(filters={"label": f"grade.sandbox={folder.name}"}):
        for tag in image.tags:
            engine.client.images.remove(tag)


@pytest.mark.parametrize(("sandbox", "role", "command", "text"), PROMISES)
def test_a_promised_tool_is_there(
    shell: Shell, sandbox: str, role: str, command: str, text: str
) -> None:
    _, output = shell(role, command)
    assert text in output, f"{sandbox}/{role}: {command}"


@pytest.mark.parametrize("tool", ["gcc", "cc", "ocamlfind", "ocamlopt", "dune", "python3", "make"])
def test_programs_run_where_nothing_can_be_built(shell: Shell, tool: str) -> None:
    code, _ = shell("run", f"command -v {tool}")
    assert code != 0


@pytest.mark.parametrize("role", ["run", "build"])
def test_cells_hold_nothing_of_the_suites(shell: Shell, role: str) -> None:
    _, output = shell(role, "find / -xdev -path /proc -prune -o -iname '*pytest*' -print")
    assert output == ""
    _, output = shell(role, "find / -xdev -path '*grader*' -print")
    assert output == ""


def test_the_testkit_is_compiled_already(shell: Shell) -> None:
    folder = "/usr/lib/python3/dist-packages/grader/testkit"
    _, sources = shell("examiner", f"ls {folder} | grep -c '[.]py$'")
    _, compiled = shell("examiner", f"ls {folder}/__pycache__ | grep -c '[.]pyc$'")
    assert int(sources) == int(compiled) > 0


def test_no_server_starts_by_itself(shell: Shell) -> None:
    _, output = shell("examiner", "ls /proc/*/exe | xargs -n1 readlink")
    assert not [line for line in output.splitlines() if "redis" in line or "valkey" in line]


def test_images_carry_our_labels(engine: Engine, image_ids: dict[str, str]) -> None:
    for role, image in image_ids.items():
        labels = engine.client.images.get(image).labels
        assert labels["grade.image"] == role
        assert labels["grade.sandbox"] in ("ocaml", "examiner")


def test_an_image_is_built_once_and_told_line_by_line(
    engine: Engine, throwaway: SandboxDefinition
) -> None:
    lines: list[BuildLine] = []
    first = ensure_images(engine, throwaway, progress=lines.append)
    assert any(line.step and line.text.startswith("Step ") for line in lines)
    assert lines[-1].text == f"built {image_tag(throwaway, 'run')}"
    lines.clear()
    assert ensure_images(engine, throwaway, progress=lines.append) == first
    assert lines == []


def test_a_build_that_fails_shows_the_end_of_its_log(
    engine: Engine, throwaway: SandboxDefinition
) -> None:
    with (throwaway.root / "Dockerfile").open("a") as file:
        file.write("RUN echo the reason && exit 3\n")
    with pytest.raises(SandboxError) as caught:
        ensure_images(engine, throwaway)
    assert caught.value.code == "image-build"
    assert "the reason" in caught.value.details
    assert "non-zero code: 3" in caught.value.message
    assert list_images(engine, [throwaway])[0].id is None


def test_prune_removes_what_no_definition_has_and_nothing_else(
    engine: Engine, throwaway: SandboxDefinition
) -> None:
    everyone = [throwaway, *list_sandboxes(SANDBOXES)]
    old = ensure_images(engine, throwaway).images[0]
    (throwaway.root / "new").write_text("")
    current = ensure_images(engine, throwaway).images[0]
    stale = [image for image in stale_images(engine, everyone) if image.sandbox == throwaway.name]
    assert [image.tag for image in stale] == [old.tag]
    assert [image.tag for image in prune_images(engine, stale)] == [old.tag]
    assert prune_images(engine, stale) == ()
    api: Any = engine.client.api
    with pytest.raises(docker.errors.ImageNotFound):
        api.inspect_image(old.tag)
    assert api.inspect_image(current.tag)["Id"] == current.id
