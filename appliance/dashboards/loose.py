"""Parts of JSON of unknown make: what fits is taken, everything else counts as not there."""

from __future__ import annotations

import math
from typing import Any

#: Integers that every JSON reader has exactly.
_MOST = 2**53


def text(value: object, default: str = "") -> str:
    """A text; numbers and truth values are written as JSON writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        found = float(value)
        return str(int(found)) if found.is_integer() and abs(found) < _MOST else repr(value)
    return default


def number(value: object) -> float | None:
    """A finite number, also one that is written as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def integer(value: object) -> int | None:
    """A whole number, also one that is written as text."""
    found = number(value)
    return int(found) if found is not None and abs(found) < _MOST else None


def flag(value: object, *, default: bool = False) -> bool:
    """A truth value."""
    return value if isinstance(value, bool) else default


def mapping(value: object) -> dict[str, Any]:
    """An object; empty when it is none."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """A list; empty when it is none."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [item for item in sequence(value) if isinstance(item, dict)]


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list; a lone text is a list of one."""
    found = [value] if isinstance(value, str) else sequence(value)
    return tuple(text(item) for item in found if isinstance(item, str | int | float))


def at(value: object, *names: str) -> Any:
    """What stands at a path of keys; None where there is nothing."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def without_none(value: dict[str, Any]) -> dict[str, Any]:
    """An object without the keys whose value is null."""
    return {name: item for name, item in value.items() if item is not None}
