"""One commit fetched from a server into a throw-away repository, and nothing checked out."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from grader.errors import Rejected
from grader.intake import credentials, hosts
from grader.intake.failures import failed
from grader.intake.git import Completed, Repository
from grader.intake.limits import Access, IntakeLimits
from grader.intake.refs import FULL_ID, unknown
from grader.intake.url import Address

_PASSED_ON = (
    *("ALL_PROXY", "HTTPS_PROXY", "NO_PROXY", "all_proxy", "https_proxy", "no_proxy"),
    *("GIT_SSL_CAINFO", "SSL_CERT_FILE"),
)
_LISTING_BYTES = 16 << 20
_PACK_FACTOR = 4  # a pack is at most this many times the bytes a tree may hold
_LISTING = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\t(\S+)")


@dataclass(frozen=True, slots=True)
class Remote:
    """A server to fetch from, bound to the addresses that were checked."""

    address: Address
    repository: Repository
    options: dict[str, str]
    environment: dict[str, str]
    pack_bytes: int

    @classmethod
    def open(
        cls, address: Address, repository: Repository, limits: IntakeLimits, access: Access
    ) -> Remote:
        """Check the host and the credentials, without connecting. Raises Rejected (`source-host`,
        `source-auth`).
        """
        credentials.check(address, access)
        numbers = hosts.resolve(address, access.private_hosts)
        environment = {k: access.environment[k] for k in _PASSED_ON if k in access.environment}
        options: dict[str, str] = {}
        if address.scheme == "https":
            bracketed = (f"[{n}]" if ":" in n else n for n in numbers)
            pinned = f"{address.host}:{address.port}:{','.join(bracketed)}"
            if address.host not in numbers:
                options["http.curloptResolve"] = pinned
            environment |= credentials.authorization(address, access)
        else:
            environment["GIT_SSH_COMMAND"] = credentials.ssh_command(address, numbers[0])
            if "SSH_AUTH_SOCK" in access.environment:
                environment["SSH_AUTH_SOCK"] = access.environment["SSH_AUTH_SOCK"]
        pack_bytes = limits.total_bytes * _PACK_FACTOR
        return cls(address, repository, options, environment, pack_bytes)

    def fetch(self, ref: str | None) -> str:
        """Fetch the one commit that `ref`, or the server's HEAD, names now; return its id. Raises
        Rejected, and InfraError (`source-fetch`) where the network failed.
        """
        name, commit_id = ("", ref) if ref and FULL_ID.fullmatch(ref) else self._look_up(ref)
        errors = self._fetch(commit_id)
        if errors and name:
            # Some servers give out only what a ref names: then that ref must still be the commit.
            errors = self._fetch(name)
        kept = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit_id}^{{commit}}")
        found = self.repository.run(*kept)
        if found.code == 0:
            return found.output.decode("ascii").strip()
        if errors and "not our ref" not in errors and "no such remote ref" not in errors:
            raise failed(self.address, errors)
        raise Rejected(
            "source-ref",
            f"commit {commit_id} is not, or no longer, reachable on the server",
            hint="push it to a branch, or name the branch with --ref",
        )

    def _look_up(self, ref: str | None) -> tuple[str, str]:
        """The full ref name and the object it names on the server."""
        if ref is None:
            found = self._list(patterns=("HEAD",)) or self._list("--heads", "--tags")
            wanted: tuple[str, ...] = ("HEAD",)
        elif ref.startswith("refs/"):
            found, wanted = self._list(), (ref,)
        else:
            found = self._list("--heads", "--tags")
            wanted = (f"refs/heads/{ref}", f"refs/tags/{ref}")
        for name in wanted:
            if name in found:
                return name, found.get(f"{name}^{{}}", found[name])
        if not found:
            raise Rejected(
                "source-empty", "the repository has no commits yet", hint="push your work first"
            )
        raise unknown(ref, [name for name in found if not name.endswith("^{}")])

    def _list(self, *options: str, patterns: tuple[str, ...] = ()) -> dict[str, str]:
        """Ref names and the objects they name; `NAME^{}` for what an annotated tag is about."""
        done = self._run("ls-remote", *options, "--", self.address.url, *patterns)
        if done.code == -signal.SIGXFSZ:
            raise Rejected(
                "source-size",
                "the repository lists too many refs",
                hint="submit a local clone by its path",
            )
        if done.code != 0:
            raise failed(self.address, done.errors)
        lines = done.output.decode("utf-8", "replace").split("\n")
        return {m[2]: m[1] for line in lines if (m := _LISTING.fullmatch(line))}

    def _fetch(self, what: str) -> str:
        """Empty, or what git said; `what` is an object id or a full ref name."""
        fixed = ("--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance")
        plain = ("--no-write-commit-graph", "--quiet", "--", self.address.url, what)
        done = self._run("fetch", *fixed, *plain, file_bytes=self.pack_bytes)
        if done.code == 0:
            return ""
        packs = (self.repository.path / "objects" / "pack").glob("tmp_*")
        if any(pack.stat().st_size >= self.pack_bytes - 4096 for pack in packs):
            raise Rejected(
                "source-size",
                f"the repository sends more than {self.pack_bytes >> 20} MiB",
                details=("limit: 4 times intake.total_bytes",),
                hint="leave generated and downloaded files out of the commit",
            )
        return done.errors or f"git fetch ended with {done.code}"

    def _run(self, *arguments: str, file_bytes: int = _LISTING_BYTES) -> Completed:
        return self.repository.run(
            *arguments,
            options=self.options,
            environment=self.environment,
            file_bytes=file_bytes,
        )
