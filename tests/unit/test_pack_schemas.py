"""The schemas that editors use agree with the models and with every pack there is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from grader.model.assignment import Assignment
from grader.packs import Expectation
from grader.packs.reading import to_model
from grader.packs.schema import MODELS, schema_of, schema_texts, write_schemas

PROJECT = Path(__file__).parents[2]
COMMITTED = PROJECT / "docs" / "schemas"
TEMPLATE = PROJECT / "grader" / "packs" / "template"
PLACES = [TEMPLATE, PROJECT / "assignments"]
FILES = sorted(file for place in PLACES for name in MODELS for file in place.rglob(f"{name}.toml"))


def errors_of(name: str, data: dict[str, Any]) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema_of(name))
    return [error.message for error in validator.iter_errors(data)]


def read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8").replace("PACK_NAME", "example"))


@pytest.mark.parametrize("name", sorted(schema_texts()))
def test_the_committed_schema_is_the_generated_one(name: str) -> None:
    """After a change of the models: python -m grader.packs.schema docs/schemas"""
    assert (COMMITTED / name).read_text(encoding="utf-8") == schema_texts()[name]


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    write_schemas(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(schema_texts())


@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_schema_is_valid_and_knows_no_null(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(name))
    assert "null" not in json.dumps(schema_of(name))


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_the_schema_takes_every_file_of_every_pack(file: Path) -> None:
    assert errors_of(file.stem, read(file)) == []


def takes_limit(key: str, value: object) -> bool:
    """Whether both the schema and the model take `limits.run.<key> = value`."""
    data = read(TEMPLATE / "assignment.toml")
    data["limits"]["run"][key] = value
    by_schema = errors_of("assignment", data) == []
    by_model = isinstance(to_model(data, "assignment.toml", Assignment), Assignment)
    assert by_schema == by_model
    return by_schema


@pytest.mark.parametrize("value", ["256 MiB", "1.5GiB", "12 B", 4096])
def test_sizes_are_text_with_a_unit_or_whole_numbers(value: object) -> None:
    assert takes_limit("memory", value)


@pytest.mark.parametrize("value", ["256", "12 MB", "-1 B", 0, -1, 1.5, True, [], "B"])
def test_other_sizes_are_refused(value: object) -> None:
    assert not takes_limit("memory", value)


@pytest.mark.parametrize("value", ["90 s", "2 min", "1.5h", "250 ms", 90, 0.5])
def test_durations_are_text_with_a_unit_or_numbers(value: object) -> None:
    assert takes_limit("wall_time", value)


@pytest.mark.parametrize("value", ["90", "2 minutes", "-1 s", 0, -1.0, False, {}])
def test_other_durations_are_refused(value: object) -> None:
    assert not takes_limit("wall_time", value)


@pytest.mark.parametrize("points", [10, 2.5, [0, 3], [1.5, 2]])
def test_points_are_a_number_or_a_pair(points: object) -> None:
    data = {"says": "x", "points": points}
    assert errors_of("expect", data) == []
    assert isinstance(to_model(data, "expect.toml", Expectation), Expectation)


@pytest.mark.parametrize("points", ["10", [1], [1, 2, 3], -1, True, [0, "3"]])
def test_other_points_are_refused(points: object) -> None:
    data = {"says": "x", "points": points}
    assert errors_of("expect", data) != []
    assert not isinstance(to_model(data, "expect.toml", Expectation), Expectation)
