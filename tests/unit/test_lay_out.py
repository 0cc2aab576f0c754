"""A solution that only changes another is graded whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.packs import PackProblems, load_pack
from grader.packs.lay_out import laid_out
from grader.packs.new import new_pack
from grader.stages.source import take_for

MUTANT = "wrong/mutant"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = new_pack("echoes", tmp_path / "packs")
    mutant = root / "solutions" / MUTANT
    (mutant / "lib").mkdir(parents=True)
    (mutant / "lib" / "echo_server.ml").write_text("let run () = exit 7\n")
    (mutant / "expect.toml").write_text(
        'says = "gives up"\npoints = 0\nchanges = "accepted/model"\n'
    )
    return root


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_the_changed_file_lies_over_the_whole_solution(root: Path, tmp_path: Path) -> None:
    pack = load_pack(root)
    model, mutant = files(pack.solution("accepted/model")), files(pack.solution(MUTANT))
    with laid_out(pack, root / "solutions" / MUTANT, tmp_path) as whole:
        assert files(whole) == model | mutant
    assert not whole.exists()


def test_everything_else_is_what_it_is(root: Path, tmp_path: Path) -> None:
    pack = load_pack(root)
    for folder in (pack.starter, pack.solution("accepted/model"), tmp_path):
        with laid_out(pack, folder, tmp_path) as whole:
            assert whole == folder


def test_the_source_keeps_the_name_that_was_typed(root: Path, tmp_path: Path) -> None:
    pack = load_pack(root)
    typed = str(root / "solutions" / MUTANT)
    source = take_for(pack, typed, scratch=tmp_path)
    assert source.submission.label.text == typed
    assert source.submission.files > 2


@pytest.mark.parametrize(
    ("base", "extra", "words"),
    [
        ("accepted/modle", "", "perhaps you meant"),
        (MUTANT, "", "names no whole solution"),
        ("accepted/model", "lib/new.ml", "is not in accepted/model"),
    ],
)
def test_a_change_of_nothing_is_a_problem_of_the_pack(
    root: Path, base: str, extra: str, words: str
) -> None:
    mutant = root / "solutions" / MUTANT
    (mutant / "expect.toml").write_text(f'says = "gives up"\npoints = 0\nchanges = "{base}"\n')
    if extra:
        (mutant / extra).write_text("let x = 1\n")
    with pytest.raises(PackProblems) as caught:
        load_pack(root)
    assert words in caught.value.render()
