"""Sandbox definitions: what ships can be read, and what is wrong is said all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import PackError
from grader.sandbox.definition import list_sandboxes, load_sandbox, read_tree

SHIPPED = (Path(__file__).parents[2] / "sandboxes",)
GOOD = 'format = 1\ntitle = "Small"\n[images.run]\ntarget = "run"\n'


def write(root: Path, settings: str, dockerfile: str | None = "FROM ${BASE} AS run\n") -> Path:
    folder = root / "small"
    folder.mkdir()
    (folder / "sandbox.toml").write_text(settings)
    if dockerfile is not None:
        (folder / "Dockerfile").write_text(dockerfile)
    return folder


def details(root: Path) -> str:
    with pytest.raises(PackError) as caught:
        load_sandbox("small", (root,))
    assert caught.value.code == "bad-sandbox"
    return "\n".join(caught.value.details)


def test_the_shipped_sandboxes_have_their_roles() -> None:
    roles = {sandbox.name: sandbox.roles for sandbox in list_sandboxes(SHIPPED)}
    assert roles == {"examiner": ("examiner",), "ocaml": ("run", "build")}


def test_the_examiner_is_built_with_the_testkit_and_nothing_else_of_grade() -> None:
    context = load_sandbox("examiner", SHIPPED).context("examiner")
    assert "testkit/__main__.py" in context
    assert not [path for path in context if "/" in path and not path.startswith("testkit/")]


def test_every_package_list_names_each_package_once() -> None:
    for path in SHIPPED[0].glob("*/packages*.txt"):
        lines = [line.partition("#")[0].split() for line in path.read_text().splitlines()]
        names = [name for line in lines for name in line]
        assert all(len(line) <= 1 for line in lines), path
        assert len(names) == len(set(names)), path


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(PackError) as caught:
        load_sandbox("ocmal", SHIPPED)
    assert caught.value.code == "unknown-sandbox"
    assert "'ocaml'" in caught.value.message


def test_the_first_root_wins(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    folder.rename(tmp_path / "ocaml")
    assert load_sandbox("ocaml", (tmp_path, *SHIPPED)).root == tmp_path / "ocaml"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("format = 1\ntitle = ", "Invalid value"),
        (GOOD.replace("format = 1\n", ""), "format: Field required"),
        (GOOD.replace("title", "titel"), "titel: unknown key; did you mean 'title'?"),
        (GOOD + "toools = {}\n", "images.run.toools: unknown key; did you mean 'tools'?"),
        (GOOD + 'include = ["grader"]\n', "images.run.include.0"),
        (GOOD.replace('"run"', '"rum"'), "no stage 'rum'; did you mean 'run'?"),
        ('format = 1\ntitle = "x"\nimages = {}\n', "images"),
    ],
    ids=["syntax", "missing", "misspelt", "nested", "include", "target", "empty"],
)
def test_a_wrong_definition_says_where_and_what(tmp_path: Path, settings: str, said: str) -> None:
    write(tmp_path, settings)
    assert said in details(tmp_path)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("title", "titel").replace("target", "tarket"))
    said = details(tmp_path)
    assert "titel" in said
    assert "tarket" in said


def test_a_missing_dockerfile_is_said(tmp_path: Path) -> None:
    write(tmp_path, GOOD, dockerfile=None)
    assert "the file is missing" in details(tmp_path)


def test_a_tree_leaves_out_caches_hidden_files_and_links(tmp_path: Path) -> None:
    for path in ("a", "b/c", ".hidden", "__pycache__/d", "_build/e"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "link").symlink_to("/etc/hostname")
    assert read_tree(tmp_path) == {"a": b"a", "b/c": b"b/c"}
