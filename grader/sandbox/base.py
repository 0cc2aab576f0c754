"""The base image: pulled where a registry answers, else made from Debian's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors
import requests
import urllib3

from grader.errors import SandboxError
from grader.sandbox.engine import Engine, docker_errors

ASK_REGISTRY = 8
"""Seconds that a registry has to say that it knows the image."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Base:
    """`tag` is our name for it, `upstream` the registry's, `suite` Debian's."""

    tag: str = "grade/base:trixie"
    upstream: str = "debian:trixie-slim"
    suite: str = "trixie"


TRIXIE = Base()


def ensure_base(engine: Engine, base: Base, say: Say, *, refresh: bool = False) -> str:
    """The id of the base image, made when absent or when `refresh` asks for a new one.

    Raises SandboxError `base-image` when neither way works.
    """
    with docker_errors("making the base image"):
        present = None if refresh else _find(engine, base.tag)
        if present is not None:
            return present
        say(f"base image {base.tag}: asking the registry for {base.upstream}")
        why = _registry_refusal(engine, base)
        if why is None:
            why = _pull(engine, base, say)
        if why is not None:
            say(f"no registry answers ({why}); making the base image with mmdebstrap")
            _bootstrap(engine, base, say)
        found = _find(engine, base.tag)
    if found is None:
        raise _failure(base, "the engine does not list it after it was made")
    return found


def bootstrap_command(base: Base, target: Path, *, user_id: int, sudo: bool) -> tuple[str, ...]:
    """How the base is made. Root needs no user namespace; others try sudo before one.

    Documentation and translations are left out, as in Debian's own slim images.
    """
    prefix = ("sudo", "-n") if user_id != 0 and sudo else ()
    return (
        *prefix,
        "mmdebstrap",
        "--quiet",
        "--variant=minbase",
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        base.suite,
        str(target),
    )


def _find(engine: Engine, tag: str) -> str | None:
    api: Any = engine.client.api
    try:
        return str(api.inspect_image(tag)["Id"])
    except docker.errors.NotFound:
        return None


def _registry_refusal(engine: Engine, base: Base) -> str | None:
    """None when a registry knows the image. A client of its own, for a time limit of its own."""
    asking: Any = docker.APIClient(base_url=engine.url, version="auto", timeout=ASK_REGISTRY)
    try:
        asking.inspect_distribution(base.upstream)
    except docker.errors.APIError as error:
        return _first_line(error.explanation or str(error))
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        return f"no answer within {ASK_REGISTRY} s"
    finally:
        asking.close()
    return None


def _pull(engine: Engine, base: Base, say: Say) -> str | None:
    """Pull and tag; the reason when the registry gave up half-way, for instance at a rate limit."""
    name, _, tag = base.upstream.partition(":")
    say(f"pulling {base.upstream}")
    try:
        engine.client.images.pull(name, tag=tag)
        engine.client.api.tag(base.upstream, base.tag)
    except docker.errors.APIError as error:
        return _first_line(error.explanation or str(error))
    return None


def _bootstrap(engine: Engine, base: Base, say: Say) -> None:
    _ensure_mmdebstrap(base, say)
    with tempfile.TemporaryDirectory(prefix="grade-base-") as folder:
        archive = Path(folder) / "base.tar"
        archive.touch()
        sudo = shutil.which("sudo") is not None
        command = bootstrap_command(base, archive, user_id=os.geteuid(), sudo=sudo)
        say(f"{' '.join(command[:-1])} (about 20 s)")
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise _failure(base, "mmdebstrap failed", *done.stderr.strip().splitlines()[-10:])
        say(f"importing it as {base.tag}")
        name, _, tag = base.tag.partition(":")
        api: Any = engine.client.api
        with archive.open("rb") as stream:
            # A generator, because docker-py announces chunks and sends none for a file.
            api.import_image_from_stream(
                iter(lambda: stream.read(1 << 20), b""),
                repository=name,
                tag=tag,
                changes=['CMD ["bash"]', "LABEL grade.base=1"],
            )


def _ensure_mmdebstrap(base: Base, say: Say) -> None:
    """Install mmdebstrap where apt and root (or sudo without a question) allow it."""
    if shutil.which("mmdebstrap"):
        return
    if shutil.which("apt-get") is None:
        raise _failure(base, "no registry answers and this system has no apt-get for mmdebstrap")
    root = () if os.geteuid() == 0 else ("sudo", "-n")
    say("installing mmdebstrap")
    for step in (
        ("update", "-qq"),
        ("install", "-y", "-qq", "mmdebstrap", "debian-archive-keyring"),
    ):
        done = subprocess.run(
            (*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *step),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise _failure(
                base, "mmdebstrap could not be installed", *done.stderr.strip().splitlines()[-5:]
            )


def _failure(base: Base, message: str, *details: str) -> SandboxError:
    return SandboxError(
        "base-image",
        f"the base image {base.tag} could not be made: {message}",
        details=details,
        hint=f"give the engine a registry that has {base.upstream}, or install mmdebstrap as root",
    )


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0][:200] if text.strip() else "no reason given"
