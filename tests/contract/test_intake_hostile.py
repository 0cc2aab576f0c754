"""Repositories built to hurt the grader: nothing in them runs, leads elsewhere or costs much.

Where an attack plants a canary, a test shows first that the usual git command does fire it.
"""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import Rejected
from grader.intake import Access, IntakeLimits, Source
from tests.unit.intake_repos import (
    EMPTY_TREE,
    ENVIRONMENT,
    FILE,
    FOLDER,
    LINK,
    PROJECT,
    SUBMODULE,
    Entry,
    Repo,
    Taker,
    link,
    write_files,
)


@pytest.fixture
def take(tmp_path: Path) -> Taker:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Taker(scratch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def contents(source: Source) -> dict[str, bytes | None]:
    with tarfile.open(fileobj=io.BytesIO(source.tar), encoding="utf-8") as tar:
        return {
            member.name: file.read() if (file := tar.extractfile(member)) else None
            for member in tar
            if member.isfile()
        }


def refused(take: Taker, source: Path, code: str, limits: IntakeLimits | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        take(source, limits=limits)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value.render()


# What a repository's own config can run (A04, A05, A07)


def plant(repo: Repo, canary: Path) -> None:
    """Every setting, hook and attribute of a repository that makes some git command run it."""
    touch = repo.git_dir / "touch.sh"
    touch.write_text(f"#!/bin/sh\necho ran >> {canary}\nexit 1\n")
    touch.chmod(0o755)
    settings = {
        "core.fsmonitor": touch,
        "core.sshCommand": touch,
        "core.gitProxy": touch,
        "core.alternateRefsCommand": touch,
        "core.pager": touch,
        "core.hooksPath": repo.git_dir / "hooks",
        "diff.external": touch,
        "diff.evil.textconv": touch,
        "filter.evil.clean": touch,
        "filter.evil.smudge": touch,
        "filter.evil.process": touch,
        "filter.evil.required": "true",
        "credential.helper": f"!{touch}",
        "uploadpack.packObjectsHook": touch,
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(repo.path),
        "remote.origin.uploadpack": touch,
    }
    for key, value in settings.items():
        repo.git("config", key, str(value))
    for hook in ("post-checkout", "pre-commit", "fsmonitor-watchman", "reference-transaction"):
        path = repo.git_dir / "hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(touch.read_text())
        path.chmod(0o755)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


def trapped(repo: Repo, canary: Path) -> dict[str, bytes]:
    files = {
        "dune-project": PROJECT,
        ".gitattributes": b"* filter=evil diff=evil export-subst\nhidden export-ignore\n",
        "main.ml": b"(* $Format:%H$ *)\n",
        "hidden": b"still graded\n",
    }
    entries = (Entry(FILE, name.encode(), data) for name, data in sorted(files.items()))
    repo.commit_tree(repo.tree(entries))
    write_files(repo.path, {**files, "main.ml": b"(* changed on disk *)\n"})
    plant(repo, canary)
    return files


@pytest.mark.parametrize("command", ["status", "diff", "checkout HEAD -- ."])
def test_the_traps_fire_for_the_usual_commands(repo: Repo, canary: Path, command: str) -> None:
    trapped(repo, canary)
    repo.git(*command.split(), check=False)
    assert canary.exists()


@pytest.mark.parametrize("worktree", [False, True])
def test_no_program_of_the_repository_is_run(
    repo: Repo, take: Taker, canary: Path, worktree: bool
) -> None:
    files = trapped(repo, canary)
    source = take(repo.path, worktree=worktree)
    assert not canary.exists()
    if not worktree:
        assert contents(source) == files
        assert "it names programs (clean, external, fsmonitor, " in str(source.submission.notices)
        assert "changes that are not committed are not graded: main.ml" in str(
            source.submission.notices
        )


def test_a_missing_object_is_not_fetched_from_a_promisor(
    repo: Repo, take: Taker, canary: Path
) -> None:
    missing = "1" * 40
    project = Entry(FILE, b"dune-project", PROJECT)
    repo.commit_tree(repo.tree([project, Entry(FILE, b"main.ml", missing)]))
    plant(repo, canary)
    # The teeth: the same plumbing command, told by the repository's own config, does run it.
    repo.git("cat-file", "-p", missing, check=False)
    assert canary.exists()
    canary.unlink()
    assert "clone the repository in full" in refused(take, repo.path, "source-objects")
    assert not canary.exists()


def test_a_git_folder_that_is_no_repository_is_left_out(take: Taker, tmp_path: Path) -> None:
    files = {"dune-project": PROJECT, ".git/config": b"[core]\n\tfsmonitor = touch x\n"}
    source = take(write_files(tmp_path / "unpacked", files))
    assert list(contents(source)) == ["dune-project"]
    assert "left out git's own data inside the tree: .git" in source.submission.notices


# Git folders that lead to somebody else's objects (A03)


def _alternates(git_dir: Path, other: Path) -> None:
    (git_dir / "objects" / "info").mkdir(exist_ok=True)
    (git_dir / "objects" / "info" / "alternates").write_text(f"{other}/objects\n")


def _objects_symlink(git_dir: Path, other: Path) -> None:
    (git_dir / "objects").rename(git_dir / "objects.old")
    (git_dir / "objects").symlink_to(other / "objects")


def _object_symlink(git_dir: Path, other: Path) -> None:
    folder = next(path for path in (other / "objects").iterdir() if len(path.name) == 2)
    (git_dir / "objects" / "zz").symlink_to(folder)


def _refs_symlink(git_dir: Path, other: Path) -> None:
    (git_dir / "refs" / "more").symlink_to(other / "refs")


def _head_symlink(git_dir: Path, other: Path) -> None:
    (git_dir / "HEAD").unlink()
    (git_dir / "HEAD").symlink_to(other / "HEAD")


def _git_symlink(git_dir: Path, other: Path) -> None:
    git_dir.rename(git_dir.with_name("old"))
    git_dir.symlink_to(other)


def _git_file(git_dir: Path, other: Path) -> None:
    git_dir.rename(git_dir.with_name("old"))
    git_dir.write_text(f"gitdir: {other}\n")


def _git_file_with_a_false_work_tree(git_dir: Path, other: Path) -> None:
    git_dir.rename(git_dir.with_name("old"))
    fake = git_dir.with_name("fake") / "worktrees" / "x"
    fake.mkdir(parents=True)
    (fake / "gitdir").write_text(f"{git_dir}\n")
    (fake / "commondir").write_text(f"{other}\n")
    (fake / "HEAD").write_text("ref: refs/heads/main\n")
    git_dir.write_text(f"gitdir: {fake}\n")


def _git_file_to_a_work_tree_of_others(git_dir: Path, other: Path) -> None:
    add = ["git", "worktree", "add", "--quiet", str(other.parent / "linked"), "-b", "linked"]
    subprocess.run(add, cwd=other.parent, env=ENVIRONMENT, check=True)
    git_dir.rename(git_dir.with_name("old"))
    git_dir.write_text(f"gitdir: {other}/worktrees/linked\n")


def _fifo_object(git_dir: Path, other: Path) -> None:
    os.mkfifo(git_dir / "objects" / "00")


def _http_alternates(git_dir: Path, other: Path) -> None:
    (git_dir / "objects" / "info" / "http-alternates").write_text("x")


@pytest.mark.parametrize(
    "lead_away",
    [
        _alternates,
        _objects_symlink,
        _object_symlink,
        _refs_symlink,
        _head_symlink,
        _git_symlink,
        _git_file,
        _git_file_with_a_false_work_tree,
        _git_file_to_a_work_tree_of_others,
        _fifo_object,
        _http_alternates,
    ],
)
def test_a_git_folder_that_leads_elsewhere_is_refused(
    repo: Repo, take: Taker, tmp_path: Path, lead_away: Callable[[Path, Path], None]
) -> None:
    hidden = Repo(tmp_path / "hidden")
    hidden.commit({"secret.ml": b"HIDDEN"})
    repo.commit({})
    lead_away(repo.git_dir, hidden.git_dir)
    assert "HIDDEN" not in refused(take, repo.path, "source-gitdir")


def test_named_pipes_where_git_keeps_settings_do_not_stop_us(repo: Repo, take: Taker) -> None:
    repo.commit({})
    (repo.git_dir / "config").unlink()
    os.mkfifo(repo.git_dir / "config")
    os.mkfifo(repo.git_dir / "packed-refs")
    assert take(repo.path).submission.commit


def test_a_path_that_no_reviewer_typed_is_refused(repo: Repo, take: Taker) -> None:
    repo.commit({})
    with pytest.raises(Rejected) as caught:
        take(repo.path, access=Access(local_paths=False))
    assert caught.value.code == "source-url"


# Objects that lie


def test_an_object_that_is_not_what_its_id_says_is_refused(repo: Repo, take: Taker) -> None:
    honest = repo.tree([Entry(FILE, b"dune-project", PROJECT)])
    repo.commit_tree(honest)
    path = repo.git_dir / "objects" / honest[:2] / honest[2:]
    path.unlink()
    raw = b"100644 dune-project\0" + bytes.fromhex(repo.object("blob", b"other"))
    repo.object("tree", raw, named=honest)
    assert "something else than its id says" in refused(take, repo.path, "source-objects")


def test_replace_refs_and_grafts_change_nothing(repo: Repo, take: Taker) -> None:
    other = repo.commit({"other.ml": b""})
    commit_id = repo.commit({"main.ml": b"mine"})
    repo.git("replace", commit_id, other)
    assert "other.ml" in repo.git("ls-tree", "--name-only", "HEAD")  # the teeth
    source = take(repo.path)
    assert source.submission.commit == commit_id
    assert "main.ml" in contents(source)


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([Entry(FILE, b"..", b"")], "source-name"),
        ([Entry(FILE, b".", b"")], "source-name"),
        ([Entry(FILE, b"", b"")], "source-name"),
        ([Entry(FILE, b"../../x", b"")], "source-name"),
        ([Entry(FILE, b"/etc/x", b"")], "source-name"),
        ([Entry(FILE, b"a", b"1"), Entry(FILE, b"a", b"2")], "source-name"),
        ([Entry(LINK, b"a", b"b"), Entry(FOLDER, b"a", EMPTY_TREE)], "source-name"),
        ([Entry("010644", b"pipe", b"")], "source-special"),
        ([Entry("020644", b"device", b"")], "source-special"),
        ([Entry("9", b"bad mode", b"")], "source-objects"),
        ([Entry(FOLDER, b"a", b"a blob")], "source-objects"),
        ([Entry(FILE, b"a", EMPTY_TREE)], "source-objects"),
    ],
)
def test_trees_that_git_would_not_write_are_refused(
    repo: Repo, take: Taker, entries: list[Entry], code: str
) -> None:
    repo.object("tree", b"")
    repo.commit_tree(repo.tree([Entry(FILE, b"dune-project", PROJECT), *entries]))
    refused(take, repo.path, code)


def test_commits_without_people_or_dates_are_graded(repo: Repo, take: Taker) -> None:
    tree = repo.nested({"dune-project": PROJECT})
    for date in (b"99999999999999", b"-1", b"x", b"9" * 40):
        repo.commit_tree(tree, author=b"", message=b"", date=date)
        source = take(repo.path)
        assert source.submission.subject is not None
        assert source.submission.subject.text == ""
    repo.commit_tree(tree, date=b"1000000000")  # A14: 2001, long before it was received
    submission = take(repo.path).submission
    assert submission.committed_at == "2001-09-09T01:46:40+00:00"
    assert submission.received_at.startswith("2025-03-01")


# Sizes (A08)


def bomb(repo: Repo) -> None:
    below = repo.tree(Entry(FILE, b"f%d" % n, b"boom") for n in range(10))
    for _ in range(8):
        below = repo.tree(Entry(FOLDER, b"d%d" % n, below) for n in range(10))
    repo.commit_tree(
        repo.tree([Entry(FOLDER, b"bomb", below), Entry(FILE, b"dune-project", PROJECT)])
    )


# The peak is read from /proc: ru_maxrss begins with what the parent had at the time of the fork.
MEASURED = """
import re, resource, sys, datetime, pathlib
from grader.errors import Rejected
from grader.intake import IntakeLimits, take
try:
    take(sys.argv[1], ref=None, worktree=False, limits=IntakeLimits(), scratch=pathlib.Path("."),
         received_at=datetime.datetime.now(datetime.UTC))
except Rejected as error:
    print(error.code, error.message)
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def test_a_thousand_million_paths_are_refused_before_any_is_read(
    repo: Repo, tmp_path: Path
) -> None:
    bomb(repo)
    repo.git("gc", "--quiet")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(repo.path)],
        cwd=tmp_path,
        env={**ENVIRONMENT, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=True,
        capture_output=True,
        text=True,
    )
    verdict, ours, gits = done.stdout.splitlines()
    assert verdict == "source-size the submission holds more than 20000 files"
    assert time.monotonic() - started < 10
    assert int(ours) < 200
    assert int(gits) < 200


def test_folders_without_files_count_too(repo: Repo, take: Taker) -> None:
    below = repo.object("tree", b"")
    for _ in range(5):
        below = repo.tree(Entry(FOLDER, b"%d" % n, below) for n in range(10))
    repo.commit_tree(below)
    refused(take, repo.path, "source-size", IntakeLimits(files=1000))


def test_one_wide_folder_and_one_deep_chain_are_refused(repo: Repo, take: Taker) -> None:
    blob = repo.object("blob", b"")
    repo.commit_tree(repo.tree(Entry(FILE, b"%05d" % n, blob) for n in range(3000)))
    refused(take, repo.path, "source-size", IntakeLimits(files=2000))
    below = repo.object("tree", b"")
    for _ in range(300):
        below = repo.tree([Entry(FOLDER, b"d", below)])
    repo.commit_tree(below)
    refused(take, repo.path, "source-size")


def test_a_blob_that_unpacks_to_gigabytes_is_refused_by_its_header(repo: Repo, take: Taker) -> None:
    huge = repo.object("blob", bytes(20 << 20))
    repo.commit_tree(repo.tree([Entry(FILE, b"zeros", huge)]))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "'zeros' is larger than 16 MiB" in refused(take, repo.path, "source-size")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 10 << 10


def test_what_is_left_out_is_not_even_walked(repo: Repo, take: Taker) -> None:
    repo.commit({f"_build/{n}": b"" for n in range(50)})
    assert take(repo.path, limits=IntakeLimits(files=10)).submission.files == 1


# Symlinks (A11)


@pytest.mark.parametrize(
    ("links", "named"),
    [
        ({"passwd": b"/etc/passwd"}, "passwd"),
        ({"lib": b"/"}, "lib"),
        ({"README.md": b"../../../proc/self/environ"}, "README.md"),
        ({"a/b": b"../.."}, "a/b"),
        ({"a/b": b"../../a"}, "a/b"),
        ({"deep": b"x/y", "out": b"deep/../../.."}, "out"),
        ({"x/deep": b"..", "y": b"x/deep/../z"}, "y"),
        ({"nul": b"a\0b"}, "nul"),
        ({"empty": b""}, "empty"),
        ({"e\x1bsc": b"/"}, "e\\x1bsc"),
        ({"dune-project": b"/etc/passwd"}, "dune-project"),
    ],
)
def test_symlinks_out_of_the_tree_are_refused_by_name(
    repo: Repo, take: Taker, links: dict[str | bytes, bytes], named: str
) -> None:
    repo.commit({"main.ml": b"", **{name: link(target) for name, target in links.items()}})
    assert f"symlink '{named}' points outside" in refused(take, repo.path, "source-link")


def test_symlinks_inside_are_kept_and_loops_dropped(repo: Repo, take: Taker) -> None:
    kept = {"docs/lib": b"../lib", "main": b"_build/default/main.exe", "x/y/z": b"../../lib/a.ml"}
    loops = {"loop": b".", "a/up": b"..", "me": b"me", "one": b"two", "two": b"one"}
    files: dict[str | bytes, bytes | Entry] = {
        name: link(target) for name, target in {**kept, **loops}.items()
    }
    repo.commit({"lib/a.ml": b"", **files})
    source = take(repo.path)
    with tarfile.open(fileobj=io.BytesIO(source.tar)) as tar:
        found = {m.name: m.linkname.encode() for m in tar if m.issym()}
    assert found == kept
    notice = source.submission.notices[-1]
    assert notice.endswith("a folder around them: loop, me, one, two, a/up")


def test_following_symlinks_has_a_price_limit(repo: Repo, take: Taker) -> None:
    files = {f"{n:03}": link(b"/".join([b"x"] * 250)) for n in range(450)}
    repo.commit(dict(files.items()))
    started = time.monotonic()
    assert "too many to follow" in refused(take, repo.path, "source-link")
    assert time.monotonic() - started < 10


# Names (A13) and git's own names inside the tree (A04)


def test_strange_names_are_graded_and_shown_escaped(repo: Repo, take: Taker) -> None:
    strange = [b"esc\x1b[2J.ml", b"new\nline", "bidi\u202e.ml".encode(), b"latin\xe9", b"-rf"]
    tree = repo.nested({"dune-project": PROJECT, **dict.fromkeys(strange, b"x")})
    repo.commit_tree(tree, author=b"\x1b[31mEve <e>", message=b"\x1b]0;owned\x07\n")
    source = take(repo.path)
    submission = source.submission
    for raw in strange:
        assert raw in source.tar
    assert submission.author is not None
    assert submission.author.text == "\x1b[31mEve"
    text = "".join(submission.notices)
    assert text.isprintable()
    assert "esc\\x1b[2J.ml" in text
    assert "new\\nline" in text


@pytest.mark.parametrize(
    "name",
    [
        b".git",
        b".GIT",
        b".Git ",
        b".git.",
        b"git~1",
        b"GIT~1",
        b".git::$INDEX_ALLOCATION",
        ".g\u200cit".encode(),
        "\ufeff.git".encode(),
        b"a\\.git\\x",
        b".svn",
    ],
)
def test_gits_own_names_are_left_out_at_any_depth(repo: Repo, take: Taker, name: bytes) -> None:
    hook = b"#!/bin/sh\n"
    repo.commit({name + b"/hooks/post-checkout": hook, b"a/" + name: hook, "a/kept": hook})
    source = take(repo.path)
    assert sorted(contents(source)) == ["a/kept", "dune-project"]
    assert any("git's own data" in notice for notice in source.submission.notices)


def test_submodules_with_hooks_and_symlinks_are_ignored(repo: Repo, take: Taker) -> None:
    modules = b'[submodule "x"]\n\tpath = A/modules/x\r\n\turl = ext::sh -c "touch canary"\n'
    repo.commit(
        {
            ".gitmodules": modules,
            "A/modules/x": Entry(SUBMODULE, b"", "2" * 40),
            "a": link(b"_build"),
        }
    )
    source = take(repo.path)
    assert "submodules are not fetched: A/modules/x" in source.submission.notices
    assert contents(source) == {".gitmodules": modules, "dune-project": PROJECT}
