"""TOML files into values of the model. Types are strict: `processes = "12"` is not a number."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from grader.packs.problems import Problem
from grader.packs.wording import key_path, problems_of

M = TypeVar("M", bound=BaseModel)


def read_model(path: Path, file: str, model: type[M]) -> M | tuple[Problem, ...]:
    """The value that the TOML file at `path` holds, or everything that is wrong with it."""
    data = read_table(path, file)
    return to_model(data, file, model) if isinstance(data, dict) else data


def read_table(path: Path, file: str) -> dict[str, Any] | tuple[Problem, ...]:
    """The file as plain tables, lists, text, numbers and truth values."""
    try:
        text = path.read_bytes().decode("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return (Problem(file, "is missing"),)
    except OSError as error:
        return (Problem(file, f"cannot be read: {error.strerror}"),)
    except UnicodeDecodeError:
        return (Problem(file, "is not UTF-8 text"),)
    except tomllib.TOMLDecodeError as error:
        return (_syntax_problem(str(error), text, file),)
    except ValueError as error:  # a number of more digits than Python reads
        return (Problem(file, f"is not valid TOML: {error}"),)
    except RecursionError:
        return (Problem(file, "is nested too deeply"),)
    odd = tuple(
        Problem(file, "must be text, a finite number, true or false", key=key_path(place, data))
        for place in _odd_places(data, ())
    )
    return odd or data


def to_model(data: dict[str, Any], file: str, model: type[M]) -> M | tuple[Problem, ...]:
    try:
        # Through JSON, because pydantic's strict mode takes lists for tuples and text for enums
        # only there, and TOML has neither tuples nor enums.
        return model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        return problems_of(error, file, model, data)


def _syntax_problem(message: str, text: str, file: str) -> Problem:
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if place is None:
        return Problem(file, f"is not valid TOML: {message}")
    line = int(place[1]) if place[1] else text.count("\n") + 1
    what = message[: place.start()]
    return Problem(file, f"is not valid TOML: {what[:1].lower()}{what[1:]}", line=line)


def _odd_places(data: object, place: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    match data:
        case dict():
            for key, value in data.items():
                yield from _odd_places(value, (*place, key))
        case list():
            for index, value in enumerate(data):
                yield from _odd_places(value, (*place, index))
        case float() if not math.isfinite(data):
            yield place
        case str() | int() | float():
            pass
        case _:
            yield place
