"""The functions that every template has (Go's text/template, "Functions").

`and` and `or` evaluate their arguments only as far as needed, so the executor knows them by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from appliance.base.errors import BadInput
from appliance.gotemplate.printf import format_value, sprint, sprintf, sprintln
from appliance.gotemplate.values import ANY, Byte, Function, Struct, truth, type_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_HTML = {
    '"': "&#34;",
    "'": "&#39;",
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "\0": "\N{REPLACEMENT CHARACTER}",
}
_JS = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026",
    "=": "\\u003D",
}  # fmt: skip
_BAD_TYPE = "invalid type for comparison"


class NotAFunction(BadInput):
    """`call` was given something else; the message is its type."""


def _text_of(values: tuple[Any, ...]) -> str:
    """One string as it is, anything else as `print` shows it."""
    if len(values) == 1 and isinstance(values[0], str):
        return str(values[0])
    return sprint(["<no value>" if value is None else value for value in values])


def html(*values: Any) -> str:
    """Text with HTML's special characters escaped."""
    return escape_html(_text_of(values))


def escape_html(text: str) -> str:
    """As Go's template.HTMLEscapeString."""
    return re.sub("[\"'&<>\\0]", lambda match: _HTML[match[0]], text)


def js(*values: Any) -> str:
    """Text escaped for a string of JavaScript."""
    return "".join(
        _JS.get(char) or (char if char.isprintable() or char == " " else f"\\u{ord(char):04X}")
        for char in _text_of(values)
    )


def urlquery(*values: Any) -> str:
    """Text escaped for the query of an address."""
    return quote_plus(_text_of(values))


# -- comparison


def _kind(value: Any) -> str:
    """What can be compared with one another; empty for what cannot."""
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "string"
    return ""


def _incompatible(first: Any, second: Any) -> BadInput:
    types = f"{type_name(first)} and {type_name(second)}"
    return BadInput(f"incompatible types for comparison: {types}")


def equal(first: Any, *others: Any) -> bool:
    """Whether the first value equals one of the others.

    Raises:
        BadInput: They cannot be compared.
    """
    if not others:
        raise BadInput("missing argument for comparison")
    for other in others:
        if _kind(first) != _kind(other):
            if first is not None and other is not None:
                raise _incompatible(first, other)
        elif first is None or other is None:
            if first is other:
                return True
        elif not _kind(first) and type_name(first) != type_name(other):
            types = f"{_shown(first)}: {type_name(first)}, {type_name(other)}: {_shown(other)}"
            raise BadInput(f"non-comparable types {types}")
        elif isinstance(other, list | dict | Struct):
            raise BadInput(f"non-comparable type {_shown(other)}: {type_name(other)}")
        elif first == other:
            return True
    return False


def _shown(value: Any) -> str:
    return format_value(value).removeprefix("&")


def less(first: Any, second: Any) -> bool:
    """Whether the first value is less.

    Raises:
        BadInput: They cannot be ordered.
    """
    kind, other = _kind(first), _kind(second)
    if not kind or not other:
        raise BadInput(_BAD_TYPE)
    if kind != other:
        raise _incompatible(first, second)
    if kind == "bool":
        raise BadInput(_BAD_TYPE)
    return bool(first < second)


def less_or_equal(first: Any, second: Any) -> bool:
    """Whether the first value is less or equal."""
    return less(first, second) or equal(first, second)


# -- collections


def _position(index: Any, length: int) -> int:
    if index is None:
        raise BadInput("cannot index slice/array with nil")
    if isinstance(index, bool) or not isinstance(index, int):
        raise BadInput(f"cannot index slice/array with type {type_name(index)}")
    if not 0 <= index <= length:
        raise BadInput(f"index out of range: {index}")
    return index


def index_of(item: Any, *indexes: Any) -> Any:
    """An element: `index x 1 "a"` is x[1]["a"].

    Raises:
        BadInput: There is no such element, or there cannot be.
    """
    if item is None:
        raise BadInput("index of untyped nil")
    for index in indexes:
        if item is None:
            raise BadInput("index of nil pointer")
        if isinstance(item, str | list | tuple):
            at = _position(index, len(item))
            if at == len(item):
                kind = "string" if isinstance(item, str) else "slice"
                raise BadInput(f"reflect: {kind} index out of range")
            item = Byte(item.encode()[at]) if isinstance(item, str) else item[at]
        elif isinstance(item, dict):
            if index is None:
                raise BadInput("value is nil; should be of type string")
            if not isinstance(index, str):
                raise BadInput(f"value has type {type_name(index)}; should be string")
            item = item.get(index, getattr(item, "zero", None))
        else:
            raise BadInput(f"can't index item of type {type_name(item)}")
    return item


def slice_of(item: Any, *indexes: Any) -> Any:
    """A part: `slice x 1 3` is x[1:3]; strings count in bytes.

    Raises:
        BadInput: It has no such part.
    """
    if item is None:
        raise BadInput("slice of untyped nil")
    if len(indexes) > 3:
        raise BadInput(f"too many slice indexes: {len(indexes)}")
    if isinstance(item, str):
        if len(indexes) == 3:
            raise BadInput("cannot 3-index slice a string")
    elif not isinstance(item, list | tuple):
        raise BadInput(f"can't slice item of type {type_name(item)}")
    body = item.encode() if isinstance(item, str) else item
    places = [_position(index, len(body)) for index in indexes]
    start, end = (*places, 0)[0], (*places, len(body))[1] if len(places) > 1 else len(body)
    if start > end:
        raise BadInput(f"invalid slice index: {start} > {end}")
    if len(places) == 3 and end > places[2]:
        raise BadInput(f"invalid slice index: {end} > {places[2]}")
    if isinstance(body, bytes):
        return body[start:end].decode("utf-8", "replace")
    return type(item)(item[start:end])


def length_of(item: Any) -> int:
    """Elements, or a string's bytes.

    Raises:
        BadInput: It has no length.
    """
    if item is None:
        raise BadInput("reflect: call of reflect.Value.Type on zero Value")
    if isinstance(item, str):
        return len(item.encode())
    if isinstance(item, list | tuple | dict):
        return len(item)
    raise BadInput(f"len of type {type_name(item)}")


def _call(function: Any, *args: Any) -> Any:
    if function is None:
        raise BadInput("call of nil")
    if not isinstance(function, Function):
        raise NotAFunction(type_name(function))
    return function.call(*args)


BUILTINS: Mapping[str, Function] = {
    "and": Function((ANY,), lambda *values: values[-1], rest=ANY),
    "or": Function((ANY,), lambda *values: values[-1], rest=ANY),
    "not": Function((ANY,), lambda value: not truth(value)),
    "eq": Function((ANY,), equal, rest=ANY),
    "ne": Function((ANY, ANY), lambda first, second: not equal(first, second)),
    "lt": Function((ANY, ANY), less),
    "le": Function((ANY, ANY), less_or_equal),
    "gt": Function((ANY, ANY), lambda first, second: not less_or_equal(first, second)),
    "ge": Function((ANY, ANY), lambda first, second: not less(first, second)),
    "len": Function((ANY,), length_of),
    "index": Function((ANY,), index_of, rest=ANY),
    "slice": Function((ANY,), slice_of, rest=ANY),
    "call": Function((ANY,), _call, rest=ANY),
    "html": Function((), html, rest=ANY),
    "js": Function((), js, rest=ANY),
    "urlquery": Function((), urlquery, rest=ANY),
    "print": Function((), lambda *values: sprint(values), rest=ANY),
    "println": Function((), lambda *values: sprintln(values), rest=ANY),
    "printf": Function(("string",), lambda form, *values: sprintf(form, values), rest=ANY),
}
