"""What a failed fetch means, read from git's words; whose fault it is and what to do."""

from __future__ import annotations

import re

from grader.errors import InfraError, Rejected
from grader.escape import one_line
from grader.intake.notices import shown
from grader.intake.url import Address, redacted

_DENIED = re.compile(
    r"authentication failed|could not read (username|password)|permission denied"
    r"|returned error: 40[13]|host key verification failed",
    re.IGNORECASE,
)
_MOVED = re.compile(r"returned error: 30\d|redirect", re.IGNORECASE)
_UNCHECKED = re.compile(r"fsck|error in object|index-pack failed", re.IGNORECASE)
_NETWORK = re.compile(
    r"connection (reset|refused|timed out)|failed to connect|couldn't connect|could not connect"
    r"|unexpected disconnect|early eof|hung up|network is unreachable|recv failure"
    r"|empty reply|unexpected eof|ssl_error_syscall|tls connection was non-properly"
    r"|returned error: 5",
    re.IGNORECASE,
)


def failed(address: Address, errors: str) -> Rejected | InfraError:
    """The error for `errors`, which is what git and the server said."""
    lines = [redacted(line) for line in errors.splitlines() if line.strip()]
    said = tuple(f"git said: {one_line(line)}" for line in lines[-3:])
    url = shown(address.url)
    if _DENIED.search(errors):
        return Rejected(
            "source-auth",
            f"{url} does not let an unknown visitor in",
            details=said,
            hint="make it public, submit a local clone by its path, or allow credentials",
        )
    if _MOVED.search(errors):
        return Rejected(
            "source-fetch",
            f"{url} redirects to another address, which is not followed",
            details=said,
            hint="use the address it redirects to",
        )
    if _UNCHECKED.search(errors):
        return Rejected(
            "source-objects",
            f"{url} sends objects that git's own check refuses",
            details=said,
            hint="check the repository with git fsck",
        )
    kind = InfraError if _NETWORK.search(errors) else Rejected
    return kind(
        "source-fetch",
        f"{url} cannot be fetched",
        details=said,
        hint="check the URL in a browser, or submit a local clone by its path",
    )
