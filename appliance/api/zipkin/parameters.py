"""Parameters of Zipkin's queries (zipkin2.storage.QueryRequest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.errors import BadInput
from appliance.traces.criteria import SpanCriteria
from appliance.traces.find import TraceSearch
from appliance.traces.window import EARLIEST_NS, LATEST_NS, Window
from appliance.wire.zipkin.span import hex_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY_MS = 86_400_000
_LIMIT = 10
_US, _MS = 1000, 1_000_000


def parse_search(query: Mapping[str, str], now_ns: int) -> TraceSearch:
    """Parameters of `/api/v2/traces`.

    Args:
        now_ns: The end when none is given.

    Raises:
        BadInput: One of them cannot be read; the text names it.
    """
    shortest, longest = _number(query, "minDuration"), _number(query, "maxDuration")
    tags = _tags(query.get("annotationQuery", ""))
    if query.get("remoteServiceName"):
        tags["peer.service"] = query["remoteServiceName"]
    limit = _number(query, "limit")
    if limit == 0:
        raise BadInput("limit should be positive: was 0")
    criteria = SpanCriteria(
        service=query.get("serviceName") or None,
        operation=query.get("spanName") or None,
        tags=tags,
        min_duration_ns=None if shortest is None else shortest * _US,
        max_duration_ns=None if longest is None else longest * _US,
    )
    return TraceSearch(criteria, parse_window(query, now_ns), _LIMIT if limit is None else limit)


def parse_window(query: Mapping[str, str], now_ns: int) -> Window:
    """`endTs` and `lookback`, both in milliseconds; the end is included.

    Raises:
        BadInput: One of them cannot be read.
    """
    end_ms, lookback_ms = _number(query, "endTs"), _number(query, "lookback")
    end = now_ns if end_ms is None else end_ms * _MS
    start = end - (_DAY_MS if lookback_ms is None else lookback_ms) * _MS
    return Window(max(start, EARLIEST_NS), min(end + _MS, LATEST_NS))


def parse_ids(text: str) -> list[bytes]:
    """Trace ids between commas, at least one.

    Raises:
        BadInput: There is none, or one cannot be read.
    """
    ids = [parse_trace_id(part) for part in text.split(",") if part.strip()]
    if not ids:
        raise BadInput("traceIds parameter is empty")
    return list(dict.fromkeys(ids))


def parse_trace_id(text: str) -> bytes:
    """Up to 32 hexadecimal digits, padded with zeros on the left.

    Raises:
        BadInput: Something else.
    """
    return hex_id(text.strip(), 16, "traceId")


def _tags(text: str) -> dict[str, str]:
    """Conditions joined by `and`: `key=value`, or the text of an annotation, or `error`."""
    found = {}
    for part in text.split(" and "):
        key, equals, value = part.strip().partition("=")
        if equals:
            found[key] = value
        elif key == "error":
            found[key] = "true"
        elif key:
            found["event"] = key
    return found


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise BadInput(f"{name}: expected a whole number, got {text!r:.100}")
    return int(text)
