"""Addresses of git repositories: https and ssh, nothing else, and never shown with a secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from grader.errors import Rejected
from grader.intake.notices import shown

_HOST = r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)"
_PATH = r"(?P<path>[A-Za-z0-9._~/+%@,=-]{1,500})"
_USERINFO = r"(?:(?P<secret>[^/\\\s]*)@)"
_HTTPS = re.compile(rf"https://{_USERINFO}?{_HOST}(?::(?P<port>\d{{1,5}}))?/{_PATH}")
_USER = r"(?:(?P<user>[A-Za-z0-9._][A-Za-z0-9._-]{0,63})@)"
_SSH = re.compile(rf"ssh://{_USER}?{_HOST}(?::(?P<port>\d{{1,5}}))?/{_PATH}")
_SCP = re.compile(rf"{_USER}{_HOST}:(?!-){_PATH}")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """`url` is what git is given and holds no secret; `host` is without brackets. `secret` is the
    user name and password that stood in an https URL, decoded, and empty without.
    """

    scheme: str
    host: str
    port: int
    url: str
    secret: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"Address({self.url})"


def looks_like_url(source: str) -> bool:
    """Whether `source` means a repository elsewhere, or something git would take for one."""
    return re.match(r"[^/]*:|-", source) is not None


def parse(source: str) -> Address:
    """Raises Rejected (`source-url`) for everything that is not https, ssh or `git@host:path`."""
    if match := _HTTPS.fullmatch(source):
        name = match["host"] + (f":{match['port']}" if match["port"] else "")
        user, _, password = (match["secret"] or "").partition(":")
        return Address(
            scheme="https",
            host=match["host"].strip("[]"),
            port=_port(match["port"], 443, source),
            url=f"https://{name}/{match['path']}",
            secret=(unquote(user), unquote(password)) if match["secret"] else None,
        )
    if match := _SSH.fullmatch(source):
        port = _port(match["port"], 22, source)
        return Address("ssh", match["host"].strip("[]"), port, source)
    if match := _SCP.fullmatch(source):
        return Address("ssh", match["host"].strip("[]"), 22, source)
    raise _rejected(source)


def redacted(text: str) -> str:
    """`text` without what may be a user name, password or token in a URL."""
    text = re.sub(r"(?<=://)[^\s]*@", "***@", text)
    return re.sub(r"^[^/\s]*:[^/]*@", "***@", text)


def _port(text: str | None, default: int, source: str) -> int:
    port = default if text is None else int(text)
    if not 0 < port < 1 << 16:
        raise _rejected(source)
    return port


def _rejected(source: str) -> Rejected:
    return Rejected(
        "source-url",
        f"'{shown(redacted(source))}' is not a repository URL",
        details=("only https:// and git@host:path repositories are accepted",),
        hint="use the https:// address of the repository, or the path of a local clone",
    )
