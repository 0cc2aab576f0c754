"""Whatever stands in a TOML file, reading it gives a value or problems and never anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from grader.packs import Problem
from grader.packs.reading import read_model, read_table, to_model
from grader.packs.schema import MODELS

KEYS = sorted(
    {key for model in MODELS.values() for key in model.model_fields}
    | {"run", "suite", "memory", "wall_time", "id", "gate", "levels", "kind", "odd key", "odd"}
)
LEAVES = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["256 MiB", "9" * 400 + " B", "automatic", "graded", "1.0.0", "", "echo"])
    | st.text("aZ1-._ é\0\n", max_size=5)
)
TABLES = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
        ),
        max_leaves=8,
    ),
    max_size=6,
)


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: str(model.__name__))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=TABLES)
def test_any_table_is_a_value_or_problems(model: type[BaseModel], data: dict[str, Any]) -> None:
    read = to_model(data, "some.toml", model)
    if isinstance(read, tuple):
        assert read
        assert all("http" not in problem.message for problem in read)
    else:
        assert isinstance(read, model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = ", "is not valid TOML: invalid value"),
        (b"\xff", "is not UTF-8 text"),
        (b"a = " + b"9" * 5000, "is not valid TOML"),
        (b"a = " + b"[" * 5000, "is nested too deeply"),
        (b"a = 1\na = 2", "is not valid TOML: cannot overwrite a value"),
    ],
)
def test_a_file_that_is_no_toml_is_one_problem(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "some.toml"
    file.write_bytes(content)
    read = read_table(file, "some.toml")
    assert isinstance(read, tuple)
    assert [problem.message.startswith(message) for problem in read] == [True]


@pytest.mark.parametrize(
    ("text", "line"),
    [("x = 1\n\ny = ?\n", 3), ("x = 1\ny = [\n", 3), ("x = 1\ny = 2 z = 3", 2)],
)
def test_a_slip_in_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "some.toml"
    file.write_text(text)
    read = read_table(file, "some.toml")
    assert isinstance(read, tuple)
    assert [problem.line for problem in read] == [line]


def test_a_folder_in_place_of_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "expect.toml").mkdir()
    read = read_model(tmp_path / "expect.toml", "expect.toml", MODELS["expect"])
    assert read == (Problem("expect.toml", "cannot be read: Is a directory"),)


def test_a_key_goes_by_the_id_of_its_entry_or_else_by_its_place() -> None:
    data = json.loads('{"criteria": [{"id": "echo", "point": 1}, {"title": 3}, 4]}')
    read = to_model(data, "rubric.toml", MODELS["rubric"])
    assert isinstance(read, tuple)
    keys = [problem.key for problem in read]
    assert "criteria[echo].point" in keys
    assert "criteria[2].title" in keys
    assert "criteria[3]" in keys
