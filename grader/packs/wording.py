"""Validation errors in the words of somebody who writes TOML, with the nearest right key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.packs.problems import Problem, nearest

_FIXED = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "finite_number": "must be a finite number",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
_PATTERNS = {
    "[a-z0-9-]{0,39}": "must be lower-case letters, digits and hyphens, starting with a letter, "
    "at most 40 characters",
    r"\d+\.\d+\.\d+": 'must be three numbers such as "1.0.0"',
    "[A-Za-z0-9._-]*": "must be a relative path whose parts do not start with a dot",
}


def problems_of(
    error: ValidationError, file: str, model: type[BaseModel], data: object
) -> tuple[Problem, ...]:
    """One `Problem` for each thing pydantic found in `data`, read from `file`."""
    items = error.errors(include_url=False)
    return tuple(
        Problem(
            file,
            _message(item["type"], item.get("ctx", {}), item["msg"]),
            key=key_path(item["loc"], data),
            suggestion=_suggestion(item["type"], item.get("ctx", {}), item, model),
        )
        for item in items
        if not _is_echo(item, items)
    )


def _is_echo(item: Any, items: Sequence[Any]) -> bool:
    """Whether a list is called too short only because its entries are wrong."""
    place = item["loc"]
    return item["type"] == "too_short" and any(
        other["loc"][: len(place)] == place and len(other["loc"]) > len(place) for other in items
    )


def key_path(location: Sequence[int | str], data: object) -> str:
    """`criteria[functional].gate.at_least`: a list entry goes by its id, else by its place."""
    path = ""
    for part in location:
        holder, data = data, _inside(data, part)
        if part == "[key]" or (isinstance(part, int) and not isinstance(holder, list)):
            continue  # the key itself is wrong, or one number stands for a pair
        if isinstance(part, int):
            name = data.get("id") if isinstance(data, dict) else None
            path += f"[{name if isinstance(name, str) else part + 1}]"
        else:
            path += f".{_quoted(part)}" if path else _quoted(part)
    return path


def _inside(data: object, part: int | str) -> object:
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, list) and isinstance(part, int) and part < len(data):
        return data[part]
    return None


def _quoted(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{key}"'


def _message(kind: str, context: dict[str, Any], fallback: str) -> str:
    match kind:
        case "extra_forbidden":
            return "is not a known key"
        case "greater_than":
            return f"must be more than {context['gt']:g}"
        case "greater_than_equal":
            return f"must be {context['ge']:g} or more"
        case "less_than_equal":
            return f"must be {context['le']:g} or less"
        case "string_too_long":
            return f"must be at most {context['max_length']} characters"
        case "literal_error" | "enum":
            return f"must be {context['expected']}"
        case "string_pattern_mismatch":
            return _pattern_message(context["pattern"])
        case "value_error":
            return f"is not understood: {context['error']}"
    return _FIXED.get(kind, fallback[:1].lower() + fallback[1:])


def _pattern_message(pattern: str) -> str:
    for part, words in _PATTERNS.items():
        if part in pattern:
            return words
    return f"must match {pattern}"


def _suggestion(kind: str, context: dict[str, Any], item: Any, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        *place, key = item["loc"]
        return nearest(key, _fields(model, place))
    if kind in ("literal_error", "enum"):
        return nearest(item["input"], re.findall(r"'([^']+)'", context["expected"]))
    return ""


def _fields(model: type[BaseModel], place: Iterable[int | str]) -> tuple[str, ...]:
    for part in place:
        if isinstance(part, int):
            continue
        inner = _model_in(model.model_fields[part].annotation)
        if inner is None:
            return ()
        model = inner
    return tuple(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
