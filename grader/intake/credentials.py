"""How git proves who asks: not at all unless the reviewer allows it, and only to the URL's host."""

from __future__ import annotations

import base64
import shlex
import subprocess

from grader.errors import Rejected
from grader.intake.git import end, program
from grader.intake.limits import Access
from grader.intake.notices import shown
from grader.intake.url import Address

_HELPER_SECONDS = 20


def check(address: Address, access: Access) -> None:
    """Raise Rejected (`source-auth`) where only a credential could help and none is allowed."""
    if access.credentials or (address.scheme == "https" and address.secret is None):
        return
    what = "has a user name or password in it" if address.secret else "needs your ssh key"
    raise Rejected(
        "source-auth",
        f"{shown(address.url)} {what}, and credentials are not allowed",
        hint="use the plain https:// address, submit a local clone, or allow credentials",
    )


def authorization(address: Address, access: Access) -> dict[str, str]:
    """The credential, as configuration in the environment: out of every argument list and file."""
    secret = address.secret or (_stored(address, access) if access.credentials else None)
    if secret is None:
        return {}
    basic = base64.b64encode(":".join(secret).encode()).decode()
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{address.url}.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic}",
    }


def ssh_command(address: Address, number: str) -> str:
    """An ssh that runs nothing, forwards nothing, asks nothing and goes only to `number`."""
    options = {
        "BatchMode": "yes",
        "ClearAllForwardings": "yes",
        "ConnectTimeout": "20",
        "ForwardAgent": "no",
        "HostKeyAlias": address.host if address.port == 22 else f"[{address.host}]:{address.port}",
        "HostName": number,
        "PermitLocalCommand": "no",
        "ProxyCommand": "none",
        "StrictHostKeyChecking": "yes",
    }
    words = ["ssh", "-F", "/dev/null", *(f"-o{key}={value}" for key, value in options.items())]
    return shlex.join(words)


def _stored(address: Address, access: Access) -> tuple[str, str] | None:
    """What the reviewer's own credential helper holds for this host."""
    home = access.environment.get("HOME", "/")
    asked = subprocess.Popen(
        [program(), "credential", "fill"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={**access.environment, "HOME": home, "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": ""},
        start_new_session=True,
    )
    host = address.url.removeprefix("https://").partition("/")[0]
    try:
        answer, _ = asked.communicate(f"protocol=https\nhost={host}\n\n".encode(), _HELPER_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end(asked)
    values = dict(
        line.partition("=")[::2] for line in answer.decode("utf-8", "replace").split("\n")
    )
    return (values["username"], values["password"]) if "password" in values else None
