"""The `grade` command as a user runs it: a process, real git repositories, the real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.model.grade import Grade
from grader.packs.new import new_pack

GRADE = Path(sys.executable).parent / "grade"
PROJECT = Path(__file__).resolve().parents[2]
CAMELKV = PROJECT / "assignments" / "camelkv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.docker)


@dataclass(frozen=True, slots=True)
class Run:
    """One finished command."""

    code: int
    stdout: str
    stderr: str

    def grade(self) -> Grade:
        """The grade that `--json` printed."""
        return Grade.model_validate_json(self.stdout)

    def error(self) -> str:
        """The one error on stderr, without the progress before it."""
        at = self.stderr.find("error[")
        assert at >= 0, self.stderr
        return self.stderr[at:]


class Command:
    """`grade` with state, cache and working folder of its own."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.folder = folder
        self.state = str(home / "state")
        self.environment: dict[str, str] = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "GRADE_STATE": self.state,
            "GRADE_CACHE": str(home / "cache"),
        }

    def __call__(self, *arguments: str | Path, timeout: float = 500, **environment: str) -> Run:
        done = subprocess.run(
            [GRADE, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def begin(self, *arguments: str | Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [GRADE, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )


@pytest.fixture(scope="session")
def grade_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("grade-home")


@pytest.fixture
def grade(grade_home: Path, tmp_path: Path) -> Command:
    folder = tmp_path / "here"
    folder.mkdir()
    return Command(grade_home, folder)


@pytest.fixture
def echo_pack(tmp_path: Path) -> Path:
    """The pack that `grade assignment new` writes."""
    return new_pack("echoes", tmp_path / "packs")


@pytest.fixture
def repository(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Commit files to a new git repository and return its folder."""

    def make(files: Mapping[str, str], name: str = "candidate") -> Path:
        root = tmp_path / name
        root.mkdir()
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        git = ["git", "-C", str(root), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        if files:
            subprocess.run([*git, "add", "-A"], check=True)
            subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
        return root

    return make
