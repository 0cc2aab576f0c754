"""Git, run so that nothing a repository holds can run anything or reach anything.

Git only ever sees a throw-away bare repository of ours: our config, no hooks, no attributes, no
remotes, no replace refs. The objects of a local repository are lent to it by path; its config is
never read by git. Output goes to files that the kernel caps, and time is capped by a deadline.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import InfraError, Rejected
from grader.model.quantity import show_seconds

_MIB = 1 << 20
_MEMORY_KIB = 2 << 20  # of address space; packs are mapped in windows, see the options
_OPTIONS = {
    "core.bigFileThreshold": "1m",
    "core.commitGraph": "false",
    "core.deltaBaseCacheLimit": "32m",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "core.multiPackIndex": "false",
    "core.packedGitLimit": "256m",
    "core.packedGitWindowSize": "16m",
    "core.symlinks": "false",
    "credential.helper": "",
    "fetch.recurseSubmodules": "no",
    "fetch.unpackLimit": "1",
    "filter.lfs.required": "false",
    "filter.lfs.smudge": "",
    "http.followRedirects": "false",
    "http.sslVerify": "true",
    "pack.threads": "1",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "safe.bareRepository": "explicit",
    "transfer.fsckObjects": "true",
    "transfer.unpackLimit": "1",
}
# Only the shell can set limits between fork and exec without running Python in the child.
_LIMITED = 'ulimit -f "$1"; ulimit -v "$2" 2>/dev/null; ulimit -c 0; shift 2; exec "$@"'


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment all git commands of one intake share."""

    seconds: float
    end: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(seconds, time.monotonic() + seconds)

    def left(self) -> float:
        return max(0.0, self.end - time.monotonic())

    def passed(self) -> Rejected:
        return Rejected(
            "source-fetch",
            f"timed out after {show_seconds(self.seconds)}",
            details=(f"limit: intake.fetch_seconds = {show_seconds(self.seconds)}",),
            hint="try again, or submit a local clone by its path",
        )


@dataclass(frozen=True, slots=True)
class Completed:
    code: int
    output: bytes
    errors: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The throw-away repository. `lent` is the object folder of the repository being read."""

    path: Path
    deadline: Deadline
    lent: Path | None = None

    @classmethod
    def create(
        cls, path: Path, deadline: Deadline, *, lent: Path | None = None, sha256: bool = False
    ) -> Repository:
        path = path.absolute()
        for folder in ("objects/pack", "refs/heads", "home"):
            (path / folder).mkdir(parents=True)
        config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
        if sha256:
            config += "[extensions]\n\tobjectFormat = sha256\n"
        (path / "config").write_text(config)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        return cls(path, deadline, lent)

    def command(self, *arguments: str, options: Mapping[str, str] | None = None) -> list[str]:
        """The argument list; `arguments` holds `--` or `--end-of-options` before foreign text."""
        command = [program(), f"--git-dir={self.path}", "--no-replace-objects"]
        for key, value in {**_OPTIONS, **(options or {})}.items():
            command += ["-c", f"{key}={value}"]
        return [*command, *arguments]

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Everything git sees of the surroundings."""
        environment = {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": str(self.path / "home"),
            "LC_ALL": "C",
            "PATH": os.pathsep.join((str(Path(program()).parent), os.defpath)),
        }
        if self.lent is not None:
            environment["GIT_OBJECT_DIRECTORY"] = str(self.lent)
        return environment | dict(more or {})

    def run(
        self,
        *arguments: str,
        options: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        file_bytes: int = 16 * _MIB,
    ) -> Completed:
        """Run to the end, with every file it writes at most `file_bytes` long, output included.
        Raises Rejected (`source-fetch`) at the deadline.
        """
        command = limited(self.command(*arguments, options=options), file_bytes)
        room = self.path
        with tempfile.TemporaryFile(dir=room) as out, tempfile.TemporaryFile(dir=room) as err:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.path,
                env=self.environment(environment),
                start_new_session=True,
            )
            try:
                code = process.wait(self.deadline.left())
            except subprocess.TimeoutExpired:
                raise self.deadline.passed() from None
            finally:
                end(process)
            out.seek(0)
            err.seek(0)
            return Completed(code, out.read(), err.read(64 * 1024).decode("utf-8", "replace"))


def limited(command: list[str], file_bytes: int = 16 * _MIB) -> list[str]:
    """`command` with files of at most `file_bytes`, bounded memory and no core file."""
    return ["/bin/sh", "-c", _LIMITED, "sh", str(file_bytes // 512), str(_MEMORY_KIB), *command]


@cache
def program() -> str:
    """Where git is. Raises InfraError (`no-git`)."""
    found = shutil.which("git")
    if found is None:
        raise InfraError(
            "no-git", "git is not installed here", hint="install it: apt-get install git"
        )
    return found


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole process group, which is a session of its own, and wait for its leader."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
