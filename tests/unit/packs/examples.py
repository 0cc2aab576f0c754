"""The examples of this folder: `python -m tests.unit.packs.examples` writes their problems anew."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from grader.packs import PackProblems, load_pack
from grader.packs.new import new_pack

HERE = Path(__file__).parent
EXAMPLES = sorted(file.parent for file in HERE.glob("*/problems.txt"))
SANDBOXES = ("ocaml", "ocaml-cxx")
_OURS = {"removed.txt", "problems.txt"}


def lay_over(root: Path, example: Path) -> None:
    """Change the pack at `root` as the example says."""
    removed = example / "removed.txt"
    for name in removed.read_text().split() if removed.exists() else ():
        place = root / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    for file in example.rglob("*"):
        if file.is_file() and file.name not in _OURS:
            target = root / str(file.relative_to(example)).removesuffix(".txt")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())


def problems_in(root: Path) -> list[str]:
    try:
        load_pack(root, SANDBOXES)
    except PackProblems as error:
        return [str(problem) for problem in error.problems]
    return []


def refresh() -> None:
    for example in EXAMPLES:
        with tempfile.TemporaryDirectory() as folder:
            root = new_pack("example", Path(folder))
            lay_over(root, example)
            text = "".join(f"{problem}\n" for problem in problems_in(root))
        (example / "problems.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    refresh()
