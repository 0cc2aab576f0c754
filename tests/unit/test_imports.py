"""Dependencies point one way, and nothing imports in a circle."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "grader"

GROUND = {"model", "errors", "escape"}
MIDDLE = {"packs", "intake", "sandbox"}
BELOW_PIPELINE = GROUND | MIDDLE | {"stages"}
UP_TO_PIPELINE = BELOW_PIPELINE | {"pipeline"}
EVERYTHING = UP_TO_PIPELINE | {"replay", "executor", "store", "report", "verify"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "model": {"errors"},
    "escape": {"model", "errors"},
    "packs": GROUND,
    "intake": GROUND,
    "sandbox": GROUND,
    "stages": GROUND | MIDDLE,
    "pipeline": BELOW_PIPELINE,
    "executor": UP_TO_PIPELINE,
    "store": UP_TO_PIPELINE,
    "verify": UP_TO_PIPELINE,
    "replay": UP_TO_PIPELINE,
    "report": GROUND,
    "testkit": set(),
    "cli": EVERYTHING,
    "__main__": {"cli"},
}
"""Part of grader -> the other parts it may import. `grader` itself holds only the version."""


def modules() -> dict[str, ast.Module]:
    """Dotted name -> syntax tree of every module of the package; the template is no part of it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if parts[:3] in {("grader", "packs", "template"), ("grader", "data", "assignments")}:
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_bytes())
    return found


def imports_of(name: str, tree: ast.Module, known: set[str], packages: set[str]) -> Iterator[str]:
    """What the module imports, on any level: module names of grader, top-level names of others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                parts = parts[: len(parts) - node.level + (name in packages)]
                base = ".".join([*parts, base] if base else parts)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in known else base


MODULES = modules()
PACKAGES = {
    ".".join(path.parent.relative_to(PACKAGE.parent).parts) for path in PACKAGE.rglob("__init__.py")
}
IMPORTS = {
    name: set(imports_of(name, tree, set(MODULES), PACKAGES)) for name, tree in MODULES.items()
}


def part_of(module: str) -> str:
    """`grader.packs.tree` -> `packs`; `grader` -> an empty string."""
    return module.partition(".")[2].partition(".")[0]


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "grader"


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """The names along one import circle, or an empty list."""
    done: set[str] = set()

    def follow(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        for target in sorted(graph.get(name, ())):
            if found := follow(target, [*path, name]):
                return found
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := follow(name, []))), [])


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_point_one_way(name: str) -> None:
    part = part_of(name)
    assert part == "" or part in MAY_IMPORT, f"give {part!r} a place in MAY_IMPORT"
    allowed = MAY_IMPORT.get(part, set()) | {part}
    if part != "testkit":
        allowed |= {""}  # grader.__version__
    targets = {target for target in IMPORTS[name] if is_ours(target)}
    assert {target for target in targets if part_of(target) not in allowed} == set()


def test_nothing_imports_in_a_circle() -> None:
    ours = {name: {item for item in found if is_ours(item)} for name, found in IMPORTS.items()}
    assert circle_in(ours) == []


def test_only_the_sandbox_imports_docker() -> None:
    users = {
        name for name, found in IMPORTS.items() if any(_top(item) == "docker" for item in found)
    }
    assert {name for name in users if part_of(name) != "sandbox"} == set()


def test_the_testkit_needs_only_the_standard_library_and_pytest() -> None:
    """It is copied into the examiner, which has nothing else."""
    names = {name for name in IMPORTS if part_of(name) == "testkit"}
    foreign = {_top(item) for name in names for item in IMPORTS[name]}
    assert foreign - set(sys.stdlib_module_names) - {"pytest", "grader"} == set()


def test_the_package_itself_imports_nothing() -> None:
    assert {item for item in IMPORTS["grader"] if item != "__future__"} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import docker.errors", {"docker.errors"}),
        ("from grader import errors", {"grader.errors"}),
        ("from grader import __version__", {"grader"}),
        ("from grader.packs.tree import digest_of", {"grader.packs.tree"}),
        ("def f():\n    from . import tree", {"grader.packs.tree"}),
        ("from ..errors import PackError", {"grader.errors"}),
    ],
)
def test_the_reader_sees_every_form_of_import(text: str, expected: set[str]) -> None:
    known = {"grader", "grader.errors", "grader.packs", "grader.packs.tree"}
    packages = {"grader", "grader.packs"}
    assert set(imports_of("grader.packs.pack", ast.parse(text), known, packages)) == expected


def test_a_circle_is_found() -> None:
    assert circle_in({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]


def _top(module: str) -> str:
    return module.partition(".")[0]
