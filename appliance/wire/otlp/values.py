"""Attribute values as text and as Python values, as Go's collector library turns them into both.

Text is `pcommon.Value.AsString`: strings as they are, numbers in their shortest form, maps and
arrays as JSON with sorted keys, bytes as base64.
"""

from __future__ import annotations

import base64
import functools
import re
from typing import TYPE_CHECKING, Any

import orjson

from appliance.wire.numbers import print_float

if TYPE_CHECKING:
    from appliance.model.trace import AttributeValue

_INVALID = re.compile(r"[^a-zA-Z0-9_]")
_BETWEEN = re.compile(r"[^a-zA-Z0-9]+")
_RESERVED = re.compile(r"__(.*)__", re.DOTALL)
#: What Go's encoding/json escapes inside strings beyond what JSON demands.
_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@functools.lru_cache(maxsize=8192)
def label_name(key: str) -> str:
    """An attribute's key as a label name: what a label may not contain becomes `_`.

    A leading digit gets `key_` in front, a single leading underscore `key`.
    """
    name = _INVALID.sub("_", key)
    if name[:1].isdigit():
        return "key_" + name
    if name.startswith("_") and not name.startswith("__"):
        return "key" + name
    return name


@functools.lru_cache(maxsize=8192)
def log_label_name(key: str) -> str:
    """The name Loki gives an attribute, or structured metadata: otherwise than Prometheus does.

    Whatever is between letters and digits becomes one `_`, but the pairs around `__name__`; a
    leading digit gets `key_` in front.
    """
    reserved = _RESERVED.fullmatch(key)
    if reserved is not None:
        return f"__{_BETWEEN.sub('_', reserved[1])}__"
    name = _BETWEEN.sub("_", key)
    return "key_" + name if name[:1].isdigit() else name


def to_text(value: Any) -> str:
    """An AnyValue as text; the empty string for no value."""
    text: str = value.string_value  # by far the most frequent, and cheaper than asking which
    return text or print_value(to_value(value))


def to_value(value: Any) -> AttributeValue:
    """An AnyValue as a Python value; None for no value."""
    text: str = value.string_value
    if text:
        return text
    kind = value.WhichOneof("value")
    if kind == "kvlist_value":
        return {pair.key: to_value(pair.value) for pair in value.kvlist_value.values}
    if kind == "array_value":
        return [to_value(item) for item in value.array_value.values]
    found: AttributeValue = None if kind is None else getattr(value, kind)
    return found


def flatten(pairs: dict[str, str], key: str, value: Any) -> None:
    """Add an attribute to the label pairs of logs; maps become one pair per leaf.

    Empty values are left out, as an empty label is an absent one.
    """
    text: str = value.string_value
    if not text and value.HasField("kvlist_value"):
        for pair in value.kvlist_value.values:
            flatten(pairs, f"{key}_{pair.key}" if key else pair.key, pair.value)
        return
    text = text or print_value(to_value(value))
    if text and key:
        pairs[log_label_name(key)] = text


def to_json(value: AttributeValue | object) -> str:
    """A value as Go's encoding/json prints it: sorted keys, no spaces, HTML characters escaped."""
    if isinstance(value, str):
        return orjson.dumps(value).decode().translate(_HTML)
    if isinstance(value, float):
        return _json_float(value)
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, dict):
        pairs = sorted(value.items())
        return "{" + ",".join(f"{to_json(key)}:{to_json(item)}" for key, item in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    return orjson.dumps(value).decode()


def print_value(value: AttributeValue) -> str:
    """A value as text; the empty string for no value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, float) and (value != value or value in (_INFINITY, -_INFINITY)):  # noqa: PLR0124 - NaN
        return print_float(value)
    return to_json(value)


def _json_float(value: float) -> str:
    """As encoding/json: an exponent below 1e-6 and from 1e21 on, of one digit if that is enough."""
    size = abs(value)
    if value != value or size == _INFINITY:  # noqa: PLR0124 - NaN
        return f'"{print_float(value)}"'
    if size != 0 and (size < 1e-6 or size >= 1e21):
        mantissa, _, exponent = repr(value).partition("e")
        sign = "+" if int(exponent) > 0 else ""
        return f"{mantissa.removesuffix('.0')}e{sign}{int(exponent)}"
    return print_float(value)


_INFINITY = float("inf")
