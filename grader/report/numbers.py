"""How the reports write numbers, counts and times."""

from __future__ import annotations

import math
from datetime import UTC, datetime


def number(value: float, *, below: float | None = None) -> str:
    """At most one decimal, more only where rounding would reach `below` and `value` does not.

    So 59.97 under a pass mark of 60 reads `59.97` and never `60`.
    """
    if below is None or value >= below:
        return _trimmed(f"{value:.1f}")
    for digits in (1, 2, 3, 4):
        text = f"{value:.{digits}f}"
        if float(text) < below:
            return _trimmed(text)
    return _trimmed(f"{(math.ceil(below * 10_000) - 1) / 10_000:.4f}")


def share(part: float, whole: float) -> str:
    """`part` of `whole` in percent for a bar: between 0 and 100, one decimal."""
    if whole <= 0:
        return "0"
    return number(min(100.0, max(0.0, 100.0 * part / whole)))


def count(amount: int, noun: str, plural: str = "") -> str:
    """`1 case`, `1,204 cases`."""
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def when(text: str) -> str:
    """An ISO 8601 time as `2025-11-26 10:00:00 UTC`; text that is no such time stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
