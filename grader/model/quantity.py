"""Sizes and durations as people write them in TOML: `"256 MiB"`, `"2 min"`, or plain numbers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_TIMES = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_QUANTITY = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([A-Za-z]+)")


def _read(value: object, units: dict[str, float] | dict[str, int], example: str) -> object:
    if not isinstance(value, str):
        return value
    match = _QUANTITY.fullmatch(value.strip())
    if match is None or match[2] not in units:
        raise ValueError(f"write a number and one of {', '.join(units)}, for example {example!r}")
    return float(match[1]) * units[match[2]]


def _read_bytes(value: object) -> object:
    size = _read(value, _SIZES, "256 MiB")
    # Only text was multiplied by a unit; 1.5 as a number of bytes stays wrong.
    return int(size) if isinstance(value, str) and isinstance(size, float) else size


def _read_seconds(value: object) -> object:
    return _read(value, _TIMES, "90 s")


_WrittenBytes = (
    Annotated[int, Field(gt=0)]
    | Annotated[str, Field(pattern=r"^\s*\d{1,15}(\.\d{1,9})?\s*(B|KiB|MiB|GiB)\s*$")]
)
_WrittenSeconds = (
    Annotated[float, Field(gt=0)]
    | Annotated[str, Field(pattern=r"^\s*\d{1,15}(\.\d{1,9})?\s*(ms|s|min|h)\s*$")]
)

Bytes = Annotated[
    int, Field(gt=0), BeforeValidator(_read_bytes, json_schema_input_type=_WrittenBytes)
]
"""A positive number of bytes."""

Seconds = Annotated[
    float, Field(gt=0), BeforeValidator(_read_seconds, json_schema_input_type=_WrittenSeconds)
]
"""A positive number of seconds."""


def show_bytes(size: int) -> str:
    """`1.5 MiB`, `640 KiB`, `12 B`: at most one decimal, binary units."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} B"


def show_seconds(seconds: float) -> str:
    """`2 min 5 s`, `12 s`, `0.35 s`, `4 ms`."""
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if seconds >= 10:
        return f"{seconds:.0f} s"
    if seconds >= 0.1:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    return f"{seconds * 1000:.0f} ms"
