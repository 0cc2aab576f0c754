"""docs/pack-format.md names every key there is, and its examples are right."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from grader.model.verdict import Verdict
from grader.packs.reading import to_model
from grader.packs.schema import MODELS

PAGE = (Path(__file__).parents[2] / "docs" / "pack-format.md").read_text(encoding="utf-8")


def section(name: str) -> str:
    return PAGE.split(f"## `{name}.toml`")[1].split("\n## ")[0]


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from keys_of(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_key_is_described(name: str) -> None:
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`", section(name)))))
    assert set(keys_of(MODELS[name])) - words - {"build", "run", "suite", "limits"} == set()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_example_is_right(name: str) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", section(name), re.DOTALL)
    read = [to_model(tomllib.loads(block), name, MODELS[name]) for block in blocks]
    assert read
    assert [value for value in read if isinstance(value, tuple)] == []


def test_every_verdict_is_named() -> None:
    assert [verdict for verdict in Verdict if f"`{verdict.value}`" not in section("expect")] == []
