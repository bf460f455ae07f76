"""Values of a Thrift struct that was read without a schema; one of another type is as if absent."""

from __future__ import annotations

from typing import Any

_INT64_MASK = 2**64 - 1


def integer(fields: dict[int, Any], number: int) -> int:
    """A number, 0 when it is absent; it fits an int64."""
    value = fields.get(number, 0)
    return value if type(value) is int else 0


def floor(fields: dict[int, Any], number: int) -> int:
    """A number that cannot be negative."""
    return max(integer(fields, number), 0)


def text(fields: dict[int, Any], number: int) -> str:
    """A text, empty when it is absent; bytes that are not UTF-8 are replaced."""
    value = fields.get(number)
    return value.decode(errors="replace") if type(value) is bytes else ""


def structs(fields: dict[int, Any], number: int) -> list[dict[int, Any]]:
    """A list of structs, empty when it is absent."""
    value = fields.get(number)
    if type(value) is not list:
        return []
    return value if not value or type(value[0]) is dict else []


def identifier(number: int) -> bytes:
    """Eight bytes of an id that is an int64."""
    return (number & _INT64_MASK).to_bytes(8, "big")
