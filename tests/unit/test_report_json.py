"""The record as JSON: it reads back, it matches the published schema, it is inert."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from grader.errors import StoreError
from grader.report.json import grade_json, load_grade
from grader.report.schema import grade_schema
from tests.builders import IMAGES, build, environment, grade, text
from tests.golden.grades import GRADES
from tests.golden.refresh import SCHEMA


@pytest.mark.parametrize("name", GRADES)
def test_a_grade_reads_back_equal(name: str) -> None:
    assert load_grade(grade_json(GRADES[name]())) == GRADES[name]()


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_any_text_reads_back_and_the_file_is_plain_ascii(raw: str) -> None:
    record = grade(build=build(log=text(raw)))
    written = grade_json(record)
    assert written.isascii()
    assert not set(map(chr, [*range(32), 127])) - {"\n"} & set(written)
    assert load_grade(written) == record


def test_equal_grades_give_equal_files() -> None:
    backwards = dict(reversed(IMAGES.items()))
    assert grade_json(grade(environment=environment(images=backwards))) == grade_json(grade())


def test_the_published_schema_is_the_model() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == grade_schema(), "if this is meant: make goldens"


@pytest.mark.parametrize("name", GRADES)
def test_records_validate_against_the_published_schema(name: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    record = json.loads(grade_json(GRADES[name]()))
    assert list(Draft202012Validator(schema).iter_errors(record)) == []
    del record["seed"]
    assert list(Draft202012Validator(schema).iter_errors(record)) != []


@pytest.mark.parametrize("broken", ["", "[]", "{}", '{"format": 2}', "[" * 100_000])
def test_what_is_no_grade_is_refused_in_one_sentence(broken: str) -> None:
    with pytest.raises(StoreError) as caught:
        load_grade(broken)
    assert caught.value.code == "unreadable-grade"
