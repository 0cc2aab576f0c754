"""Where things are on this machine. The only reader of the environment below `grade`'s commands."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from grader.errors import StoreError


@dataclass(frozen=True, slots=True)
class Settings:
    """Folders are absolute; `state` exists. `docker_url` is `None` for the usual socket.
    `environment` is for git, which is told of proxies and certificates only.
    """

    cache: Path
    state: Path
    assignment_roots: tuple[Path, ...]
    sandbox_roots: tuple[Path, ...]
    docker_url: str | None
    environment: dict[str, str]


def read_settings() -> Settings:
    """`GRADE_CACHE`, `GRADE_STATE` and `GRADE_ASSIGNMENTS` override the XDG base folders and the
    packs that came with grade; `DOCKER_HOST` names the engine.
    """
    from grader.sandbox.engine import find_url

    home = Path.home()
    here = Path(__file__).resolve().parent.parent
    data = here.parent if (here.parent / "pyproject.toml").is_file() else here / "data"
    own_packs = os.environ.get("GRADE_ASSIGNMENTS", "")
    state = _folder("GRADE_STATE", "XDG_STATE_HOME", home / ".local" / "state")
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            "state-folder",
            f"cannot make the folder {state}: {error.strerror}",
            hint="name another one in GRADE_STATE",
        ) from error
    return Settings(
        cache=_folder("GRADE_CACHE", "XDG_CACHE_HOME", home / ".cache"),
        state=state,
        assignment_roots=(
            *(Path(part).resolve() for part in own_packs.split(os.pathsep) if part),
            data / "assignments",
        ),
        sandbox_roots=(data / "sandboxes",),
        docker_url=find_url(os.environ, home),
        environment=dict(os.environ),
    )


def _folder(own: str, xdg: str, default: Path) -> Path:
    if os.environ.get(own):
        return Path(os.environ[own]).resolve()
    return Path(os.environ.get(xdg) or default).resolve() / "grade"
