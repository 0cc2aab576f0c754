"""Local git repositories: which commit is taken, what is said about it, and how it is refused."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import GradeError, Rejected, UsageError
from grader.intake import IntakeLimits, Source
from grader.model.submission import SourceKind
from tests.unit.intake_repos import (
    LINK,
    PROJECT,
    RECEIVED,
    SUBMODULE,
    Entry,
    Repo,
    Taker,
    link,
)
from tests.unit.intake_repos import write_files as write


@pytest.fixture
def take(tmp_path: Path) -> Taker:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Taker(scratch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def names(source: Source) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(source.tar)) as tar:
        return tar.getnames()


def notices(source: Source) -> str:
    return "\n".join(source.submission.notices)


def test_a_repository_made_by_git_is_taken_at_head(repo: Repo, take: Taker) -> None:
    write(repo.path, {"dune-project": PROJECT, "bin/main.ml": b"let () = ()\n", "run.sh": b"#!\n"})
    (repo.path / "run.sh").chmod(0o775)
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--message", "First\n\nMore words")
    source = take(repo.path)
    submission = source.submission
    assert submission.kind is SourceKind.GIT_PATH
    assert submission.commit == repo.git("rev-parse", "HEAD")
    assert submission.label.text == str(repo.path)
    assert submission.author is not None
    assert submission.author.text == "Ada"
    assert submission.subject is not None
    assert submission.subject.text == "First"
    assert submission.received_at == RECEIVED.isoformat()
    assert submission.digest == hashlib.sha256(source.tar).hexdigest()
    assert (submission.files, submission.size) == (3, len(PROJECT) + 15)
    assert submission.notices == ()
    assert names(source) == ["bin", "bin/main.ml", "dune-project", "run.sh"]
    with tarfile.open(fileobj=io.BytesIO(source.tar)) as tar:
        modes = {member.name: member.mode for member in tar}
        assert {(m.mtime, m.uid, m.gid, m.uname) for m in tar} == {(0, 0, 0, "")}
    assert modes == {"bin": 0o755, "bin/main.ml": 0o644, "dune-project": 0o644, "run.sh": 0o755}
    assert list(take.scratch.iterdir()) == []


def test_equal_trees_have_equal_digests_whatever_they_come_from(
    repo: Repo, take: Taker, tmp_path: Path
) -> None:
    files = {"dune-project": PROJECT, "lib/a.ml": b"a", "lib/b/c.ml": b"c"}
    write(repo.path, files)
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--message=x")
    write(tmp_path / "plain", {**files, "_build/log": b"noise"})
    (tmp_path / "plain" / "empty").mkdir()
    repo.git("gc", "--quiet")
    from_git, on_disk = take(repo.path), take(repo.path, worktree=True)
    plain = take(tmp_path / "plain")
    assert len({s.submission.digest for s in (from_git, on_disk, plain)}) == 1
    assert (on_disk.submission.kind, on_disk.submission.commit) == (SourceKind.GIT_PATH, None)
    assert "--worktree: the files on disk are graded" in notices(on_disk)
    assert plain.submission.kind is SourceKind.FOLDER
    assert "graded as it is on disk" in notices(plain)


def test_a_folder_inside_a_repository_is_a_plain_folder(repo: Repo, take: Taker) -> None:
    repo.commit({})
    write(repo.path / "starter", {"dune-project": PROJECT})
    submission = take(repo.path / "starter").submission
    assert (submission.kind, submission.commit) == (SourceKind.FOLDER, None)


@pytest.mark.parametrize("ref", ["side", "refs/heads/side", "v1", "light", "{id}", "{short}", "-x"])
def test_a_ref_is_a_branch_a_tag_or_a_commit(repo: Repo, take: Taker, ref: str) -> None:
    repo.commit({"main.ml": b""})
    commit_id = repo.commit({"side.ml": b""}, branch="side")
    repo.commit_tree(repo.nested({"dune-project": PROJECT, "side.ml": b""}), branch="-x")
    repo.git("tag", "--annotate", "--message=x", "v1", commit_id)
    repo.git("tag", "light", commit_id)
    repo.git("pack-refs", "--all")
    asked = ref.format(id=commit_id, short=commit_id[:9])
    source = take(repo.path, ref=asked)
    assert source.submission.commit == commit_id
    assert source.submission.ref is not None
    assert source.submission.ref.text == asked
    assert "side.ml" in names(source)


def test_bare_linked_and_sha256_repositories_are_taken_too(
    repo: Repo, take: Taker, tmp_path: Path
) -> None:
    commit_id = repo.commit({"a.ml": b"a"})
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    assert take(tmp_path / "bare.git").submission.commit == commit_id
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "-b", "linked")
    assert take(tmp_path / "linked").submission.commit == commit_id
    big = tmp_path / "sha256"
    write(big, {"dune-project": PROJECT})
    repo.git("init", "--quiet", "--object-format=sha256", str(big))
    repo.git("-C", str(big), "add", ".")
    repo.git("-C", str(big), "commit", "--quiet", "--message=x")
    assert len(take(big).submission.commit or "") == 64


def test_changes_that_are_not_committed_are_named(repo: Repo, take: Taker) -> None:
    write(repo.path, {"dune-project": PROJECT, "a.ml": b"a\n", "b.ml": b"b\n", "c.ml": b"c\n"})
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--message=x")
    write(repo.path, {"a.ml": b"changed\n", "b.ml": b"b\r\n", "new.ml": b"", "notes.txt": b""})
    (repo.path / "c.ml").unlink()
    assert "not committed are not graded: a.ml, c.ml, new.ml (" in notices(take(repo.path))
    assert "a.ml" not in notices(take(repo.path, worktree=True))


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"_build/log": b"x"}, "left out build output"),
        ({"lib/dune.lock/lock.dune": b"x"}, "left out build output"),
        ({"dune-workspace.dev": b"x"}, "left out build output"),
        ({".github/workflows/ci.yml": b"x"}, "left out editor and CI settings: .github"),
        ({"x.exe": b"\x7fELF\x02"}, "prebuilt executable in repository: x.exe"),
        ({"x.com": b"MZ" + bytes(58) + b"\x40\0\0\0PE\0\0"}, "prebuilt executable"),
        ({"lib.a": b"!<arch>\n"}, "prebuilt executable"),
        ({"byte": b"#!/usr/bin/ocamlrun\n\0Caml1999X035"}, "prebuilt executable"),
        ({"dump": b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n"}, "Git LFS"),
        ({"A.ml": b"", "a.ml": b""}, "differ only in case: A.ml and a.ml"),
        ({"vendor": Entry(SUBMODULE, b"", "1" * 40)}, "submodules are not fetched: vendor"),
        ({"loop": link(b".")}, "left out symlinks that lead back"),
    ],
)
def test_what_is_left_out_or_strange_is_said(
    repo: Repo, take: Taker, entry: dict[str | bytes, bytes | Entry], sentence: str
) -> None:
    repo.commit({"kept.ml": b"", **entry})
    source = take(repo.path)
    assert sentence in notices(source)
    assert "kept.ml" in names(source)
    assert not {"_build", "lib/dune.lock", "dune-workspace.dev", ".github"} & set(names(source))


def test_harmless_files_are_neither_left_out_nor_mentioned(repo: Repo, take: Taker) -> None:
    files = {".ocamlformat": b"", ".gitignore": b"", "MZ.txt": b"MZ", "lib/_build.ml": b""}
    write(repo.path, {"dune-project": PROJECT, **files})
    (repo.path / "doc").symlink_to("lib")
    repo.git("add", ".")
    repo.git("commit", "--quiet", "--message=x")
    source = take(repo.path)
    assert {*files, "doc"} <= set(names(source))
    assert "left out" not in notices(source)
    assert "prebuilt" not in notices(source)


def _no_commit(repo: Repo) -> None:
    pass


def _no_project(repo: Repo) -> None:
    repo.commit_tree(repo.nested({"sub/dune-project": PROJECT}))


def _no_file(repo: Repo) -> None:
    repo.commit_tree(repo.nested({}))


def _no_head(repo: Repo) -> None:
    repo.commit({}, branch="trunk")


def _project_is_a_dead_symlink(repo: Repo) -> None:
    repo.commit({"dune-project": link(b"nowhere"), "x": b""})


@pytest.mark.parametrize(
    ("build", "code", "part"),
    [
        (_no_commit, "source-empty", "git commit"),
        (_no_file, "source-empty", "no files"),
        (_no_project, "source-not-dune", "there is one in: sub"),
        (_project_is_a_dead_symlink, "source-not-dune", "(lang dune"),
        (_no_head, "source-ref", "it has: trunk"),
    ],
)
def test_a_repository_that_cannot_be_graded_is_told_the_fix(
    repo: Repo, take: Taker, build: Callable[[Repo], None], code: str, part: str
) -> None:
    build(repo)
    with pytest.raises(Rejected) as caught:
        take(repo.path)
    assert caught.value.code == code
    assert part in caught.value.render()
    assert caught.value.hint


def test_an_unknown_ref_is_told_the_nearest_names(repo: Repo, take: Taker) -> None:
    repo.commit({})
    repo.commit({}, branch="feature/storage")
    for ref in ("feature/storag", "--output=x", "x\x1b[2J", "a\0b", "main:dune-project"):
        with pytest.raises(Rejected) as caught:
            take(repo.path, ref=ref)
        assert caught.value.code == "source-ref"
        assert "\x1b" not in caught.value.render()
        assert "feature/storage" in caught.value.render()


@pytest.mark.parametrize(
    ("source", "options", "code"),
    [
        ("missing", {}, "no-such-source"),
        ("", {}, "no-such-source"),
        ("file.tar.gz", {}, "source-not-supported"),
        ("plain", {"ref": "main"}, "not-a-repository"),
        ("plain", {"worktree": True}, "not-a-repository"),
        ("plain", {"ref": "main", "worktree": True}, "ref-and-worktree"),
        ("https://example.org/x", {"worktree": True}, "worktree-of-url"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    take: Taker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    options: dict[str, bool],
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"plain/dune-project": PROJECT, "file.tar.gz": b"x"})
    with pytest.raises(UsageError) as caught:
        take(source, **options)  # type: ignore[arg-type]
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("files", "limits", "code"),
    [
        ({"a": b"12345"}, {"file_bytes": 4}, "source-size"),
        ({"a": b"1234", "b": b"1234"}, {"file_bytes": 20, "total_bytes": 20}, "source-size"),
        ({"a": b"", "b": b"", "c": b""}, {"files": 3}, "source-size"),
        ({"a/b/c": b""}, {"depth": 2}, "source-size"),
        ({"a" * 30: b""}, {"path_bytes": 20}, "source-name"),
        ({"a" * 256: b""}, {}, "source-name"),
        ({"a": Entry(LINK, b"", b"x/" * 300)}, {}, "source-link"),
    ],
)
def test_each_limit_is_named(
    repo: Repo,
    take: Taker,
    files: dict[str | bytes, bytes | Entry],
    limits: dict[str, int],
    code: str,
) -> None:
    repo.commit(files)
    with pytest.raises(GradeError) as caught:
        take(repo.path, limits=IntakeLimits(**limits))
    assert caught.value.code == code
    assert caught.value.exit_code == 5
