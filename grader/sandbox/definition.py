"""A sandbox as its folder declares it: `sandboxes/<name>/sandbox.toml` beside a Dockerfile."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from grader.errors import PackError
from grader.model.assignment import Slug
from grader.model.base import Value

INCLUDABLE = {"testkit": Path(__file__).resolve().parent.parent / "testkit"}


class ImageSettings(Value):
    """One image of the sandbox: a target of its Dockerfile, under the name of its role.

    `include` names folders of the package that go into the build context beside the sandbox's
    own files. `tools` maps a command to text that its output must contain.
    """

    target: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    include: tuple[Literal["testkit"], ...] = ()
    tools: dict[str, str] = Field(default_factory=dict)


class SandboxSettings(Value):
    """`sandbox.toml`."""

    format: Literal[1]
    title: str = Field(min_length=1, max_length=80)
    images: dict[Slug, ImageSettings] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SandboxDefinition:
    name: str
    root: Path
    settings: SandboxSettings

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self.settings.images)

    def context(self, role: str) -> dict[str, bytes]:
        """Every file that the image of `role` may be built from, by path in the build context."""
        files = read_tree(self.root)
        for name in self.settings.images[role].include:
            files |= {f"{name}/{path}": data for path, data in read_tree(INCLUDABLE[name]).items()}
        return files


def list_sandboxes(roots: Sequence[Path]) -> tuple[SandboxDefinition, ...]:
    """Every sandbox below `roots`, by name; the first root wins. Raises PackError."""
    return tuple(_load(folder) for _, folder in sorted(_folders(roots).items()))


def load_sandbox(name: str, roots: Sequence[Path]) -> SandboxDefinition:
    """The sandbox called `name`; raises PackError `unknown-sandbox` or `bad-sandbox`."""
    folders = _folders(roots)
    if name in folders:
        return _load(folders[name])
    near = difflib.get_close_matches(name, folders, n=1)
    known = ", ".join(sorted(folders)) or "none"
    raise PackError(
        "unknown-sandbox",
        f"there is no sandbox called {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""),
        details=(f"sandboxes: {known}", *(f"searched: {root}" for root in roots)),
    )


def read_tree(root: Path) -> dict[str, bytes]:
    """The regular files below `root`, without caches and names that start with a dot."""
    files: dict[str, bytes] = {}
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith(".") or part in ("__pycache__", "_build") for part in parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            files["/".join(parts)] = path.read_bytes()
    return files


def _folders(roots: Sequence[Path]) -> Mapping[str, Path]:
    found: dict[str, Path] = {}
    for root in roots:
        for settings in sorted(root.glob("*/sandbox.toml")):
            found.setdefault(settings.parent.name, settings.parent)
    return found


def _load(folder: Path) -> SandboxDefinition:
    path = folder / "sandbox.toml"
    try:
        settings = SandboxSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, (f"{path}: {error}",)) from error
    except ValidationError as error:
        raise _bad(path, tuple(_problem(path, item) for item in error.errors())) from error
    problems = _dockerfile_problems(folder, settings)
    if problems:
        raise _bad(path, problems)
    return SandboxDefinition(name=folder.name, root=folder, settings=settings)


def _problem(path: Path, item: Mapping[str, object]) -> str:
    """`path: key: what is wrong`, with the nearest known key for one that is not known."""
    location = item["loc"]
    keys = [str(key) for key in location] if isinstance(location, tuple) else []
    text = str(item["msg"])
    if item["type"] == "extra_forbidden":
        known = [*SandboxSettings.model_fields, *ImageSettings.model_fields]
        near = difflib.get_close_matches(keys[-1], known, n=1)
        text = "unknown key" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{path}: {'.'.join(keys)}: {text}"


def _dockerfile_problems(folder: Path, settings: SandboxSettings) -> tuple[str, ...]:
    """A target that the Dockerfile does not define would only show after minutes of building."""
    dockerfile = folder / "Dockerfile"
    if not dockerfile.is_file():
        return (f"{dockerfile}: the file is missing",)
    lines = [line.split() for line in dockerfile.read_text(encoding="utf-8").splitlines()]
    stages = [words[3] for words in lines if len(words) == 4 and words[0] == "FROM"]
    problems = []
    for role, image in settings.images.items():
        if image.target not in stages:
            near = difflib.get_close_matches(image.target, stages, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(
                f"{folder / 'sandbox.toml'}: images.{role}.target: the Dockerfile has no stage "
                f"{image.target!r}{hint}"
            )
    return tuple(problems)


def _bad(path: Path, details: tuple[str, ...]) -> PackError:
    return PackError(
        "bad-sandbox", f"the definition of sandbox {path.parent.name!r} is wrong", details=details
    )
