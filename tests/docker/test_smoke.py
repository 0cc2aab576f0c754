"""Each allowed library: a program that uses it builds without a network, and the run image has the
shared libraries to start it. Both under a cell's settings, seccomp profile included.
"""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.definition import read_tree
from grader.sandbox.engine import Engine
from grader.sandbox.host_config import Mount, Role, Settings, create_arguments
from grader.sandbox.space import RunSpace, open_space

SMOKE = Path(__file__).parents[2] / "sandboxes" / "ocaml" / "smoke"
PROGRAMS = sorted(path.stem for path in SMOKE.glob("*.ml"))
MIB = 1 << 20
BUILD = """
set -e
echo "$1" | base64 -d | tar xzf -
dune build --root . --display=quiet @all @runtest 2>&1
cp _build/default/*.exe /app/
"""


class Box:
    """A cell of `role` that lives as long as it is needed and runs commands."""

    def __init__(self, space: RunSpace, role: Role, image: str, app: Mount) -> None:
        settings = Settings(
            role=role,
            image=image,
            command=("sleep", "600"),
            uid=space.uid(role is Role.RUN),
            memory=2048 * MIB,
            cpus=2.0,
            processes=256,
            scratch=1024 * MIB,
            labels=space.labels(role),
            mounts=(app,),
        )
        self._api: Any = space.engine.client.api
        self._id = self._api.create_container(**create_arguments(settings))["Id"]
        self._api.start(self._id)

    def run(self, *command: str) -> tuple[int, str]:
        started = self._api.exec_create(self._id, list(command))
        output: bytes = self._api.exec_start(started["Id"])
        code: int = self._api.exec_inspect(started["Id"])["ExitCode"]
        return code, output.decode("utf-8", "replace")


@pytest.fixture(scope="module")
def runner(
    engine: Engine, image_ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Box]:
    """A run cell with all the programs, which a build cell has built."""
    with open_space(engine, tmp_path_factory.mktemp("state")) as space:
        app = space.volume("app", size=512 * MIB, inodes=2000, uid=space.uid(0), mode="0755")
        builder = Box(space, Role.BUILD, image_ids["build"], Mount(app, "/app"))
        cell = Box(space, Role.RUN, image_ids["run"], Mount(app, "/app", read_only=True))
        code, log = builder.run("sh", "-c", BUILD, "sh", project())
        assert code == 0, log
        yield cell


def project() -> str:
    """The project as text that fits into one argument of a command."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, data in read_tree(SMOKE).items():
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize("program", PROGRAMS)
def test_it_runs_where_there_is_no_compiler(runner: Box, program: str) -> None:
    code, output = runner.run(f"/app/{program}.exe")
    assert code == 0, output
