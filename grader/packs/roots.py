"""Where packs are found: folders of packs, by name, or any folder by its path."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader import escape
from grader.errors import PackError
from grader.model.assignment import Assignment
from grader.packs.loading import FILE, load_pack
from grader.packs.pack import Pack
from grader.packs.problems import PackProblems, Problem, nearest
from grader.packs.reading import read_model, read_table


@dataclass(frozen=True, slots=True)
class PackSummary:
    """One line of a list. `name` is the folder's; the rest is empty where it cannot be read."""

    name: str
    root: Path
    title: str
    summary: str
    version: str
    points: float
    problems: tuple[Problem, ...]


def find_pack(name: str, roots: Iterable[Path], sandboxes: Collection[str] | None = None) -> Pack:
    """The pack `name`: a folder's path if it has a `/` or is a pack's folder, else looked up.

    Raises PackError `unknown-assignment`, with the nearest name, and PackProblems.
    """
    if "/" in name or (Path(name) / FILE).is_file():
        return _at_path(Path(name), sandboxes)
    found = {root.name: root for root in _pack_folders(roots)}
    if name not in found:
        close = nearest(name, found)
        known = ", ".join(sorted(found)) or "none"
        raise PackError(
            "unknown-assignment",
            f"there is no assignment {escape.one_line(name)!r}",
            details=(f"perhaps you meant {close!r}",) if close else (f"known: {known}",),
            hint="grade assignment list shows them; a path such as ./my-pack works as well",
        )
    pack = load_pack(found[name], sandboxes)
    if pack.assignment.id != name:
        message = f"is {pack.assignment.id!r} while the folder is called {name!r}"
        raise PackProblems(pack.root, [Problem(FILE, message, key="id")])
    return pack


def list_packs(
    roots: Iterable[Path], sandboxes: Collection[str] | None = None
) -> tuple[PackSummary, ...]:
    """Every pack under `roots`, sorted by name; one that is wrong carries its problems."""
    folders = {root.name: root for root in _pack_folders(roots)}
    return tuple(_summary(name, folders[name], sandboxes) for name in sorted(folders))


def sandbox_names(roots: Iterable[Path]) -> frozenset[str]:
    """The sandboxes under `roots` that can build and run a submission."""
    files = (file for root in roots for file in root.glob("*/sandbox.toml"))
    return frozenset(file.parent.name for file in files if _builds_and_runs(file))


def _at_path(root: Path, sandboxes: Collection[str] | None) -> Pack:
    if not (root / FILE).is_file():
        raise PackError(
            "unknown-assignment",
            f"there is no assignment at {escape.one_line(str(root))}: {FILE} is missing",
            hint="give the folder that holds assignment.toml",
        )
    return load_pack(root, sandboxes)


def _pack_folders(roots: Iterable[Path]) -> Iterator[Path]:
    # Reversed, so that in a mapping by name the first root wins.
    for root in reversed(tuple(roots)):
        marks = (root.glob(f"*/{name}") for name in (FILE, "rubric.toml", "suite"))
        yield from sorted({found.parent for each in marks for found in each})


def _summary(name: str, root: Path, sandboxes: Collection[str] | None) -> PackSummary:
    try:
        pack = load_pack(root, sandboxes)
    except PackProblems as error:
        read = read_model(root / FILE, FILE, Assignment)
        title, summary, version = (
            ("", "", "") if isinstance(read, tuple) else (read.title, read.summary, read.version)
        )
        return PackSummary(name, root, title, summary, version, 0, error.problems)
    shown = pack.assignment
    points = sum(criterion.points for criterion in pack.rubric.criteria)
    return PackSummary(name, root, shown.title, shown.summary, shown.version, points, ())


def _builds_and_runs(file: Path) -> bool:
    definition = read_table(file, file.name)
    images = definition.get("images") if isinstance(definition, dict) else None
    return isinstance(images, dict) and {"build", "run"} <= set(images)
