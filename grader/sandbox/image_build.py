"""Build one image of a sandbox: planned as a value, sent to the builder, told line by line."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.errors import SandboxError
from grader.sandbox.base import Base
from grader.sandbox.definition import SandboxDefinition
from grader.sandbox.engine import Engine, docker_errors

SANDBOX_LABEL = "grade.sandbox"
ROLE_LABEL = "grade.image"

_LOG_LINES = 30
_SILENCE = 900  # seconds without a line: an apt download on a slow network says nothing
_NO_RESOLVER = ("Temporary failure resolving", "Could not resolve")


@dataclass(frozen=True, slots=True)
class BuildLine:
    """Progress of one image. `step` marks a line of ours or of the builder, not of a command."""

    image: str
    text: str
    step: bool = False


Progress = Callable[[BuildLine], None]


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """What one image is built from. `files` is the whole build context, by path."""

    sandbox: str
    role: str
    target: str
    base: str
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """`<sandbox>-<role>`; a role called as its sandbox is not said twice."""
        return self.role if self.role == self.sandbox else f"{self.sandbox}-{self.role}"

    @property
    def tag(self) -> str:
        """`grade/<name>:<first 12 hex digits of the sha256 over everything here>`."""
        digest = hashlib.sha256(f"{self.base}\0{self.target}\0".encode())
        for path, data in sorted(self.files.items()):
            digest.update(f"{path}\0{len(data)}\0".encode())
            digest.update(data)
        return f"grade/{self.name}:{digest.hexdigest()[:12]}"


def plan_image(definition: SandboxDefinition, role: str, base: Base) -> ImagePlan:
    """Reads the sandbox's folder once, so that the tag names exactly what is built."""
    return ImagePlan(
        sandbox=definition.name,
        role=role,
        target=definition.settings.images[role].target,
        base=base.tag,
        files=definition.context(role),
    )


def build_image(engine: Engine, plan: ImagePlan, progress: Progress, *, refresh: bool) -> None:
    """Build and tag it; a second time in the host's network where containers cannot resolve names.

    `refresh` ignores the engine's layer cache. Raises SandboxError `image-build` with the end of
    the log.
    """
    for network in (None, "host"):
        progress(BuildLine(plan.name, f"building {plan.tag}", step=True))
        log: deque[str] = deque(maxlen=_LOG_LINES)
        for line in _lines(engine, plan, network, refresh):
            log.append(line)
            progress(BuildLine(plan.name, line, step=line.startswith("Step ")))
        if not (log and log[-1].startswith(_ERROR)):
            progress(BuildLine(plan.name, f"built {plan.tag}", step=True))
            return
        if not any(sign in line for line in log for sign in _NO_RESOLVER):
            break
    raise SandboxError(
        "image-build",
        f"image {plan.tag} could not be built: {log.pop().removeprefix(_ERROR)}",
        details=tuple(log),
        hint=f"mend the sandbox's folder, then run `grade sandbox build {plan.sandbox}`",
    )


_ERROR = "error: "


def _lines(engine: Engine, plan: ImagePlan, network: str | None, refresh: bool) -> Iterator[str]:
    """The builder's log; a failure is its last line and starts with `_ERROR`."""
    api: Any = engine.client.api
    with docker_errors("building an image"):
        answer = api.build(
            fileobj=io.BytesIO(_archive(plan.files)),
            custom_context=True,
            decode=True,
            tag=plan.tag,
            target=plan.target,
            buildargs={"BASE": plan.base},
            labels={SANDBOX_LABEL: plan.sandbox, ROLE_LABEL: plan.role},
            network_mode=network,
            nocache=refresh,
            rm=True,
            forcerm=True,
            timeout=_SILENCE,
        )
        for item in answer:
            yield from str(item.get("stream", "")).strip().splitlines()
            if "error" in item:
                yield _ERROR + " ".join(str(item["error"]).split())
                return


def _archive(files: Mapping[str, bytes]) -> bytes:
    """A tar whose members say nothing about this machine, so that the layer cache can work."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, data in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size = len(data)
            member.mode = 0o755 if data.startswith(b"#!") else 0o644
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
