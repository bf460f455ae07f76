"""What templates compute with: Python values that stand for Go's.

    None → nil   bool   int   float → float64   str → string   list → slice   dict → map

A class of our own may say more, by attributes (see `Described`): the name of its Go type, its
methods, its fields, how it prints. A map with the attribute `zero` gives that for unknown keys.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Go's name of the type that takes every value.
ANY = "interface {}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method.

    Attributes:
        params: Go types of the fixed parameters.
        call: Gets the arguments; raises ApplianceError to fail the template.
        rest: Go type of the further ones; None when there are none.
    """

    params: tuple[str, ...]
    call: Callable[..., Any]
    rest: str | None = None


class Described(Protocol):
    """What a class of values may say; all of it is optional.

    Attributes:
        go_type: Name of its Go type.
        go_underlying: Of a named type: the plain one that it can be passed for.
        go_methods: By name; the receiver is the first argument and not among `params`.
        go_fields: Of a struct.
    """

    go_type: str
    go_underlying: str
    go_methods: Mapping[str, Function]
    go_fields: Mapping[str, Any]

    def go_string(self) -> str:
        """What its String method gives."""
        ...


class StringMap(dict[str, str]):
    """A map whose unknown keys are empty strings."""

    go_type = "map[string]string"
    zero = ""


class StringList(list[str]):
    """A slice of strings."""

    go_type = "[]string"


@dataclass(frozen=True, slots=True, eq=False)
class Struct:
    """A struct without methods.

    Attributes:
        json_names: Of its fields, where they differ; `-`: left out.
    """

    go_type: str
    go_fields: Mapping[str, Any] = field(default_factory=dict)
    json_names: Mapping[str, str] = field(default_factory=dict)


class Int64(int):
    """An integer of type int64."""

    go_type = "int64"


class Byte(int):
    """A byte of a string."""

    go_type = "uint8"


class SafeHtml(str):
    """Text that needs no escaping in HTML."""

    __slots__ = ()
    go_type = "template.HTML"


class SafeUrl(str):
    """An address that needs no checking in HTML."""

    __slots__ = ()
    go_type = "template.URL"


def type_name(value: Any) -> str:  # noqa: PLR0911 - one case for each type
    """Go's name of a value's type."""
    described = getattr(value, "go_type", None)
    if described is not None:
        return str(described)
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float64"
        case str():
            return "string"
        case dict():
            return "map[string]interface {}"
        case list() | tuple():
            return "[]interface {}"
    return type(value).__name__


def truth(value: Any) -> bool:
    """Whether `if` takes a value for true: not zero, not empty."""
    if value is None or isinstance(value, bool | int | float | str | list | tuple | dict):
        return bool(value)
    return True


def fits(value: Any, wanted: str) -> bool:
    """Whether a value can be passed where a Go type is wanted."""
    if wanted == ANY:
        return True
    if value is None:
        return False
    return type_name(value) == wanted or getattr(value, "go_underlying", None) == wanted
