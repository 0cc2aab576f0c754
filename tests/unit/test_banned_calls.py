"""Calls that would hand a candidate the host: none of them stands anywhere in grader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "grader"

BANNED_MODULES = {
    "pickle": "unpickling runs what it reads",
    "marshal": "unmarshalling runs what it reads",
    "shelve": "a shelf is pickled",
    "dill": "unpickling runs what it reads",
}
BANNED_NAMES = {"eval": "runs text", "exec": "runs text", "__import__": "hides an import"}
BANNED_ATTRIBUTES = {
    "extractall": "an archive decides where it writes",
    "put_archive": "follows the container's links",
    "get_archive": "follows the container's links",
}
BANNED_OF_MODULE = {
    ("os", "system"): "runs a shell",
    ("os", "popen"): "runs a shell",
    ("yaml", "load"): "builds any object",
    ("builtins", "eval"): "runs text",
    ("builtins", "exec"): "runs text",
}
ENVIRONMENT = {"environ", "environb", "getenv", "putenv", "unsetenv"}
MAY_READ_ENVIRONMENT = {"cli", "testkit"}
UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false|autoescape\s*=\s*False")


def offences(text: str, part: str = "stages") -> list[str]:
    """What is banned in this source of a module in `grader/<part>`, as `line: what`."""
    return [f"{line}: {what}" for line, what in _found(ast.parse(text), part)]


def _found(tree: ast.Module, part: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    if (top := alias.name.partition(".")[0]) in BANNED_MODULES:
                        yield node.lineno, f"{top}: {BANNED_MODULES[top]}"
            case ast.ImportFrom(module=str(module), names=names, level=0):
                if module in BANNED_MODULES:
                    yield node.lineno, f"{module}: {BANNED_MODULES[module]}"
                for alias in names:
                    yield from _of_module(node.lineno, module, alias.name, part)
            case ast.Name(id=name) if name in BANNED_NAMES:
                yield node.lineno, f"{name}: {BANNED_NAMES[name]}"
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield from _of_module(node.lineno, module, name, part)
            case ast.keyword(arg="shell", value=value):
                if not (isinstance(value, ast.Constant) and value.value is False):
                    yield value.lineno, "shell: a list of arguments needs none"
            case ast.keyword(arg="autoescape", value=ast.Constant(value=False)):
                yield node.value.lineno, "autoescape: a template shows a candidate's text"
        if isinstance(node, ast.Attribute) and node.attr in BANNED_ATTRIBUTES:
            yield node.lineno, f"{node.attr}: {BANNED_ATTRIBUTES[node.attr]}"


def _of_module(line: int, module: str, name: str, part: str) -> Iterator[tuple[int, str]]:
    if (module, name) in BANNED_OF_MODULE:
        yield line, f"{module}.{name}: {BANNED_OF_MODULE[module, name]}"
    if module == "os" and name in ENVIRONMENT and part not in MAY_READ_ENVIRONMENT:
        yield line, f"os.{name}: only the command line reads the environment"


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def templates() -> list[Path]:
    endings = {".html", ".jinja", ".j2", ".xml", ".md"}
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in endings)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_banned_call(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0]
    assert offences(path.read_text(encoding="utf-8"), part) == []


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_switches_escaping_off(path: Path) -> None:
    assert UNESCAPED.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from pickle import loads",
        "import marshal as m",
        "import yaml\nyaml.load(text)",
        "eval('1')",
        "exec('1')",
        "import builtins\nbuiltins.exec('1')",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=wanted)",
        "import os\nos.system('ls')",
        "from os import system",
        "archive.extractall(path)",
        "container.put_archive('/', data)",
        "container.get_archive('/')",
        "import os\nos.environ['HOME']",
        "import os\nos.getenv('HOME')",
        "from os import environ",
        "Environment(autoescape=False)",
    ],
)
def test_the_gate_finds(text: str) -> None:
    assert len(offences(text)) == 1


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("import os\nos.environ['HOME']", "cli"),
        ("import os\nos.environ['HOME']", "testkit"),
        ("container.exec_run(['ls'])", "sandbox"),
        ("subprocess.run(['ls'], shell=False)", "intake"),
        ("re.compile('x')", "stages"),
    ],
)
def test_the_gate_lets_pass(text: str, part: str) -> None:
    assert offences(text, part) == []


@pytest.mark.parametrize("text", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape false %}"])
def test_the_gate_finds_unescaped_text_in_templates(text: str) -> None:
    assert UNESCAPED.search(text)
