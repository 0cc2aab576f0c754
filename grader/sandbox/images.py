"""Images of sandboxes: named by what they are built from, built only when missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker.errors

from grader.sandbox.base import TRIXIE, Base, ensure_base
from grader.sandbox.definition import SandboxDefinition
from grader.sandbox.engine import Engine, docker_errors
from grader.sandbox.image_build import (
    ROLE_LABEL,
    SANDBOX_LABEL,
    BuildLine,
    ImagePlan,
    Progress,
    build_image,
    plan_image,
)


@dataclass(frozen=True, slots=True)
class SandboxImage:
    """`id` is the engine's digest of the image, or None when it is not built."""

    sandbox: str
    role: str
    tag: str
    id: str | None
    size: int = 0
    created: str = ""


@dataclass(frozen=True, slots=True)
class SandboxImages:
    """The built images of one sandbox."""

    images: tuple[SandboxImage, ...]

    def image_id(self, role: str) -> str:
        """What a container is created from: the id cannot be moved as a tag can."""
        return self.ids()[role]

    def ids(self) -> dict[str, str]:
        return {image.role: image.id for image in self.images if image.id is not None}


def silent(_line: BuildLine) -> None:
    """A Progress that shows nothing."""


def image_tag(definition: SandboxDefinition, role: str, base: Base = TRIXIE) -> str:
    return plan_image(definition, role, base).tag


def ensure_images(
    engine: Engine,
    definition: SandboxDefinition,
    roles: Iterable[str] | None = None,
    progress: Progress = silent,
    *,
    refresh: bool = False,
    base: Base = TRIXIE,
) -> SandboxImages:
    """Build what is missing of `roles` (all of them by default) and say what there is.

    `refresh` builds all of them anew on the base image there is, with the packages of today.
    Raises SandboxError `image-build` or `base-image`, and what `docker_errors` raises.
    """
    wanted = definition.roles if roles is None else tuple(roles)
    plans = [plan_image(definition, role, base) for role in wanted]
    missing = [plan for plan in plans if refresh or _look(engine, plan.tag) is None]
    if missing:
        ensure_base(engine, base, lambda text: progress(BuildLine("base", text, step=True)))
    for plan in missing:
        build_image(engine, plan, progress, refresh=refresh)
    return SandboxImages(tuple(_image(engine, plan) for plan in plans))


def list_images(
    engine: Engine, definitions: Iterable[SandboxDefinition], base: Base = TRIXIE
) -> tuple[SandboxImage, ...]:
    """Every image that the sandboxes define, built or not."""
    return tuple(
        _image(engine, plan_image(definition, role, base))
        for definition in definitions
        for role in definition.roles
    )


def stale_images(
    engine: Engine, definitions: Iterable[SandboxDefinition], base: Base = TRIXIE
) -> tuple[SandboxImage, ...]:
    """Images of ours whose tag no definition has any more. Others' images are never among them."""
    current = {image_tag(d, role, base) for d in definitions for role in d.roles}
    with docker_errors("listing images"):
        found = engine.client.api.images(filters={"label": SANDBOX_LABEL})
    return tuple(
        SandboxImage(
            sandbox=str(image["Labels"][SANDBOX_LABEL]),
            role=str(image["Labels"].get(ROLE_LABEL, "")),
            tag=str(tag),
            id=str(image["Id"]),
            size=int(image["Size"]),
        )
        for image in found
        for tag in image["RepoTags"] or ()
        if tag.startswith("grade/") and tag not in current
    )


def prune_images(engine: Engine, images: Iterable[SandboxImage]) -> tuple[SandboxImage, ...]:
    """Remove them; the ones that a container still uses stay and are not in the answer."""
    return tuple(image for image in images if _remove(engine, image.tag))


def _remove(engine: Engine, tag: str) -> bool:
    with docker_errors(f"removing {tag}"):
        try:
            engine.client.api.remove_image(tag)
        except docker.errors.APIError as error:
            if error.status_code not in (404, 409):
                raise
            return False
    return True


def _look(engine: Engine, tag: str) -> Mapping[str, Any] | None:
    api: Any = engine.client.api
    with docker_errors(f"looking for image {tag}"):
        try:
            answer: Mapping[str, Any] = api.inspect_image(tag)
        except docker.errors.NotFound:
            return None
    return answer


def _image(engine: Engine, plan: ImagePlan) -> SandboxImage:
    found = _look(engine, plan.tag)
    if found is None:
        return SandboxImage(plan.sandbox, plan.role, plan.tag, None)
    return SandboxImage(
        sandbox=plan.sandbox,
        role=plan.role,
        tag=plan.tag,
        id=str(found["Id"]),
        size=int(found["Size"]),
        created=str(found["Created"]),
    )
