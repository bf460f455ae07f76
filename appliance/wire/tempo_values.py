"""Values of TraceQL as Tempo answers them: OpenTelemetry's AnyValue, tags, labels of Prometheus.

In JSON this is protobuf's own mapping: 64-bit integers are strings.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from appliance.base.go_quantity import print_go_duration
from appliance.wire.numbers import print_general

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.traceql.static import Static

    Pairs = Iterable[tuple[str, Static]]

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_ELEMENTS = {"[]int": "int", "[]float": "float", "[]string": "string", "[]boolean": "boolean"}
_QUOTED = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n"})


def json_number(value: float) -> float | str:
    """A double in protobuf's JSON mapping, where some are strings."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def value_json(value: Static) -> dict[str, object]:
    """An AnyValue."""
    return _value_json(value.type.value, value.value)


def _value_json(kind: str, value: Any) -> dict[str, object]:
    if kind == "int":
        return {"intValue": str(value)}
    if kind == "float":
        return {"doubleValue": json_number(value)}
    if kind == "boolean":
        return {"boolValue": value}
    if kind in _ELEMENTS:
        elements = [_value_json(_ELEMENTS[kind], item) for item in value]
        return {"arrayValue": {"values": elements} if elements else {}}
    return {"stringValue": _text(kind, value)}


def pairs_json(pairs: Pairs) -> list[dict[str, object]]:
    """KeyValues."""
    return [{"key": key, "value": value_json(value)} for key, value in pairs]


def fill_pairs(target: Any, pairs: Pairs) -> None:
    """Append KeyValues to a list of a protobuf message."""
    for key, value in pairs:
        _fill(target.add(key=key).value, value.type.value, value.value)


def _fill(target: Any, kind: str, value: Any) -> None:
    if kind == "int":
        target.int_value = value
    elif kind == "float":
        target.double_value = value
    elif kind == "boolean":
        target.bool_value = value
    elif kind in _ELEMENTS:
        target.array_value.SetInParent()
        for item in value:
            _fill(target.array_value.values.add(), _ELEMENTS[kind], item)
    else:
        target.string_value = _text(kind, value)


def _text(kind: str, value: Any) -> str:
    """What has no type of its own in an AnyValue."""
    if kind == "string":
        return str(value)
    if kind == "nil":
        return "nil"
    if kind == "duration":
        return print_go_duration(value)
    return str(value.name).lower()  # status and kind


def print_value(value: Static) -> str:
    """A value as plain text, without quotes: `1.0` is a float, `1` an integer."""
    return _print(value.type.value, value.value)


def _print(kind: str, value: Any) -> str:
    if kind == "int":
        return str(value)
    if kind == "float":
        return print_tag_float(value)
    if kind == "boolean":
        return "true" if value else "false"
    if kind in _ELEMENTS:
        return "[" + ", ".join(_print(_ELEMENTS[kind], item) for item in value) + "]"
    return _text(kind, value)


def print_tag_float(value: float) -> str:
    """A float that nobody takes for an integer."""
    text = print_general(value)
    return text if set(text) & set(".eEnN") else f"{text}.0"


def prom_labels(pairs: Pairs) -> str:
    """Labels of a series in Prometheus' notation, `{name="x", "span.foo"="bar"}`, sorted."""
    shown = {}
    for name, value in pairs:
        kind = value.type.value
        shown[name] = "<nil>" if kind == "nil" else print_value(value)
        if not shown[name] and kind == "string":
            shown[name] = "<empty>"
    parts = [f"{_label_name(name)}={_quote(text)}" for name, text in sorted(shown.items())]
    return "{" + ", ".join(parts) + "}"


def _label_name(name: str) -> str:
    return name if _LABEL_NAME.fullmatch(name) else _quote(name)


def _quote(text: str) -> str:
    return f'"{text.translate(_QUOTED)}"'
