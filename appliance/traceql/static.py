"""Constants and attribute values with their types, as TraceQL knows them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Type(Enum):
    """Types of values; a STRING_ARRAY's value is a tuple of str, and so on."""

    NIL = "nil"
    INT = "int"
    FLOAT = "float"
    STRING = "string"
    BOOLEAN = "boolean"
    DURATION = "duration"
    STATUS = "status"
    KIND = "kind"
    INT_ARRAY = "[]int"
    FLOAT_ARRAY = "[]float"
    STRING_ARRAY = "[]string"
    BOOLEAN_ARRAY = "[]boolean"


class Status(IntEnum):
    """A span's status in TraceQL's order (OTLP: unset 0, ok 1, error 2)."""

    ERROR = 0
    OK = 1
    UNSET = 2


class Kind(IntEnum):
    """A span's kind, numbered as in OTLP."""

    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


#: Plain values: str, bool, int (also durations in nanoseconds), float, Status, Kind, tuples.
StaticValue = (
    str | bool | int | float | tuple[str, ...] | tuple[bool, ...] | tuple[float, ...] | None
)


@dataclass(frozen=True, slots=True)
class Static:
    """A value and its type; 1 and 1.0 and true are different statics."""

    type: Type
    value: StaticValue = None


NIL = Static(Type.NIL)
TRUE = Static(Type.BOOLEAN, value=True)
FALSE = Static(Type.BOOLEAN, value=False)
