"""Values as JSON, byte for byte as Go's encoding/json writes them (Marshal)."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from appliance.base.errors import BadInput
from appliance.base.go_float import format_value
from appliance.gotemplate.times import Time
from appliance.gotemplate.values import Function, Struct, type_name

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Go escapes what HTML and JavaScript would take for something else.
_SPECIAL = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_RFC3339 = "2006-01-02T15:04:05.999999999Z07:00"
_EXPONENT = re.compile(r"e([+-])0(\d)\Z")


def to_json(value: Any) -> str:  # noqa: PLR0911 - one case for each kind
    """A value as JSON: keys of maps sorted, fields of structs in their order.

    Raises:
        BadInput: It has no JSON, as a function or NaN.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return json_string(value)
        case int():
            return str(int(value))
        case float():
            return _float(value)
        case Time():
            return f'"{value.format(_RFC3339)}"'
        case dict():
            return _object((str(key), item) for key, item in sorted(value.items()))
        case list() | tuple():
            return f"[{','.join(map(to_json, value))}]"
        case Struct():
            names = value.json_names
            named = ((names.get(name, name), x) for name, x in value.go_fields.items())
            return _object((name, x) for name, x in named if name != "-")
    shown = "func" if isinstance(value, Function) else type_name(value)
    raise BadInput(f"json: unsupported type: {shown}")


def json_string(text: str) -> str:
    """A JSON string."""
    return json.dumps(str(text), ensure_ascii=False).translate(_SPECIAL)


def _object(pairs: Iterable[tuple[str, Any]]) -> str:
    return "{" + ",".join(f"{json_string(name)}:{to_json(item)}" for name, item in pairs) + "}"


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise BadInput(f"json: unsupported value: {format_value(value)}")
    # Go writes the exponent with as few digits as it needs where it is negative only.
    return _EXPONENT.sub(
        lambda match: f"e-{match[2]}" if match[1] == "-" else match[0], format_value(value)
    )
