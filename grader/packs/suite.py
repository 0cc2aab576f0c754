"""What a hidden suite says about itself, read from its text: nothing of it is ever imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.packs.pack import Pack
from grader.packs.problems import Problem, nearest
from grader.packs.rubric import RubricReading
from grader.packs.tree import pack_files

_TestFunction = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class CaseOutline:
    """A test function. A parametrised one stands for several cases.

    `title` is the first line of its docstring, `brief` the sentence it quotes; `in_brief` tells
    whether `brief.md` really has that sentence.
    """

    name: str
    title: str
    brief: str
    in_brief: bool


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """`test_<criterion>.py`."""

    file: str
    criterion: str
    cases: tuple[CaseOutline, ...]


def suite_outline(pack: Pack) -> tuple[SuiteFile, ...]:
    """The test files of the suite in the order of the rubric, with their cases."""
    brief = _words(pack.brief())
    outline = []
    for criterion in pack.rubric.criteria:
        path = pack.root / "suite" / test_file(criterion.id)
        if path.is_file():
            cases = tuple(_case(test, brief) for test in _tests(ast.parse(path.read_bytes())))
            outline.append(SuiteFile(path.name, criterion.id, cases))
    return tuple(outline)


def test_file(criterion: str) -> str:
    """`crash-safety` -> `test_crash_safety.py`."""
    return f"test_{criterion.replace('-', '_')}.py"


def _criterion_named(file: str) -> str:
    return Path(file).stem.removeprefix("test_").replace("_", "-")


def suite_problems(root: Path, rubric: RubricReading) -> Iterator[Problem]:
    """Test files and criteria that do not match, and files that are not Python."""
    suite = root / "suite"
    files = pack_files(suite)
    expected = {test_file(name) for name in rubric.ids}
    for criterion in rubric.automatic:
        name = test_file(criterion.id)
        if name not in files:
            yield Problem(f"suite/{name}", f"is missing: criterion {criterion.id!r} has no cases")
    for file in files:
        is_test = re.fullmatch(r"(.*/)?test_[^/]*\.py", file) is not None
        if is_test and file not in expected and rubric.readable:
            close = nearest(_criterion_named(file), rubric.ids)
            yield Problem(
                f"suite/{file}",
                "belongs to no criterion of rubric.toml",
                suggestion=test_file(close) if close else "",
            )
        if file.endswith(".py"):
            yield from _python_problems(suite / file, f"suite/{file}", is_test, rubric)


def _python_problems(
    path: Path, file: str, is_test: bool, rubric: RubricReading
) -> Iterator[Problem]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        what = error.msg if isinstance(error, SyntaxError) else str(error)
        yield Problem(file, f"is not valid Python: {what}", line=line)
        return
    if is_test and not any(_tests(tree)):
        yield Problem(file, "has no test function")
    for line, name in _criterion_marks(tree):
        if rubric.readable and name not in rubric.ids:
            message = f"marks a case with an unknown criterion: {name!r}"
            yield Problem(file, message, line=line, suggestion=nearest(name, rubric.ids))


def _tests(tree: ast.Module) -> Iterator[_TestFunction]:
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) and node.name[:4] == "Test" else [node]
        for item in inner:
            if isinstance(item, _TestFunction) and item.name.startswith("test"):
                yield item


def _criterion_marks(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="criterion", value=ast.Attribute(attr="mark")),
                args=[ast.Constant(value=str(name))],
            ):
                yield node.lineno, name


def _case(test: _TestFunction, brief: str) -> CaseOutline:
    text = ast.get_docstring(test) or ""
    quoted = re.search(r'Brief:\s*"(.+?)"\s*(?:\n\s*\n|$)', text, re.DOTALL)
    sentence = " ".join(quoted[1].split()) if quoted else ""
    return CaseOutline(
        name=test.name,
        title=text.split("\n", 1)[0].strip().removesuffix("."),
        brief=sentence,
        in_brief=bool(sentence) and _words(sentence) in brief,
    )


def _words(text: str) -> str:
    """Text without line breaks and Markdown's emphasis, so that a quotation can be found in it."""
    return " ".join(re.sub(r"[*`_]", "", text).split())
