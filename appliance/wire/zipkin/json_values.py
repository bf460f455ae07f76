"""What v1 and v2 JSON share: the list of spans, and values that are checked as they are read."""

from __future__ import annotations

from typing import Any

import orjson

from appliance.base.errors import BadInput
from appliance.wire.zipkin.span import Endpoint

#: Microseconds beyond this do not fit an int64 of nanoseconds (the year 2262).
_MAX_US = 2**63 // 1000


def span_list(body: bytes) -> list[dict[str, Any]]:
    """The objects of a body that is a list of spans.

    Raises:
        BadInput: Not JSON, or not such a list.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"body is not JSON: {error}", position=error.pos) from error
    if not isinstance(document, list):
        raise BadInput("the body: expected an array of spans")
    for index, item in enumerate(document):
        if not isinstance(item, dict):
            raise BadInput(f"spans[{index}]: expected an object")
    return document


def text(document: dict[str, Any], key: str, place: str) -> str:
    """A string, empty when it is absent or null."""
    value = document.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{place}.{key}: expected a string, got {value!r:.100}")
    return value


def microseconds(document: dict[str, Any], key: str, place: str) -> int | None:
    """A time or duration; None when it is absent, null or zero (which means absent)."""
    value = document.get(key)
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or value == 0:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MAX_US:
        raise BadInput(f"{place}.{key}: expected microseconds, got {value!r:.100}")
    return value


def flag(document: dict[str, Any], key: str, place: str) -> bool:
    """A boolean, false when it is absent or null."""
    value = document.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadInput(f"{place}.{key}: expected true or false, got {value!r:.100}")
    return bool(value)


def objects(document: dict[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    """A list of objects, nulls left out; empty when it is absent."""
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadInput(f"{place}.{key}: expected an array")
    for index, item in enumerate(value):
        if item is not None and not isinstance(item, dict):
            raise BadInput(f"{place}.{key}[{index}]: expected an object")
    return [item for item in value if item is not None]


def endpoint(document: dict[str, Any], key: str, place: str) -> Endpoint:
    """One end of a call; absent is the empty one."""
    value = document.get(key)
    if value is None:
        return Endpoint()
    inner = f"{place}.{key}"
    if not isinstance(value, dict):
        raise BadInput(f"{inner}: expected an object")
    port = value.get("port") or 0
    if isinstance(port, str) and port.isdecimal() and len(port) < 6:
        port = int(port)
    if not isinstance(port, int) or not 0 <= port <= 0xFFFF:
        raise BadInput(f"{inner}.port: expected a port, got {port!r:.100}")
    ip = text(value, "ipv4", inner) or text(value, "ipv6", inner)
    return Endpoint(text(value, "serviceName", inner), ip, port)


def timed_texts(document: dict[str, Any], place: str) -> list[tuple[int, str, Endpoint]]:
    """Annotations with a text: time, text, endpoint (v1)."""
    found = []
    for index, item in enumerate(objects(document, "annotations", place)):
        inner = f"{place}.annotations[{index}]"
        value = text(item, "value", inner)
        if value:
            at = microseconds(item, "timestamp", inner) or 0
            found.append((at, value, endpoint(item, "endpoint", inner)))
    return found
