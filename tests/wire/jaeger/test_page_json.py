"""Spans as Jaeger's page has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from appliance.model.trace import StoredSpan
from appliance.wire.jaeger import page_json
from appliance.wire.span_json import group_spans

Store = Callable[..., StoredSpan]


def encoded(*spans: StoredSpan) -> Any:
    return orjson.loads(page_json.encode([page_json.trace(group_spans(spans))]))["data"][0]


def tags(items: list[dict[str, Any]]) -> dict[str, tuple[str, Any]]:
    return {item["key"]: (item["type"], item["value"]) for item in items}


def test_a_span_in_microseconds(span: Span, store: Store) -> None:
    trace = encoded(store(span))
    (found,) = trace["spans"]

    assert trace["traceID"] == found["traceID"] == "00112233445566778899aabbccddeeff"
    assert found["spanID"] == "0000000000000001"
    assert found["operationName"] == "GET /"
    assert (found["startTime"], found["duration"]) == (1_000_001, 248)
    assert found["references"] == []
    assert tags(found["tags"]) == {
        "span.kind": ("string", "server"),
        "otel.scope.name": ("string", "tests"),
        "otel.scope.version": ("string", "1"),
    }


def test_processes_are_resources(span: Span, store: Store) -> None:
    trace = encoded(store(span), store(span, service="other"), store(span), store(span, service=""))

    assert [item["processID"] for item in trace["spans"]] == ["p1", "p1", "p2", "p3"]
    services = {key: process["serviceName"] for key, process in trace["processes"].items()}
    assert services == {"p1": "shop", "p2": "other", "p3": ""}
    assert tags(trace["processes"]["p1"]["tags"]) == {"pid": ("int64", 7)}


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        (0, "", {}),
        (1, "fine", {"otel.status_code": "OK", "otel.status_description": "fine"}),
        (2, "", {"otel.status_code": "ERROR", "error": True}),
    ],
)
def test_status_becomes_tags(
    span: Span, store: Store, code: int, message: str, expected: dict[str, Any]
) -> None:
    span.status.message = message
    span.status.MergeFromString(bytes([0x18, code]))
    found = tags(encoded(store(span, scope=""))["spans"][0]["tags"])

    known = {"span.kind", "otel.scope.version"}
    assert {key: value for key, (_, value) in found.items() if key not in known} == expected


def test_values_are_typed(span: Span, store: Store) -> None:
    add = span.attributes.add
    add(key="s").value.string_value = "x"
    add(key="b").value.bool_value = False
    add(key="i").value.int_value = 5
    add(key="big").value.int_value = 2**60
    add(key="d").value.double_value = 0.5
    add(key="y").value.bytes_value = b"\x00\x01\xfa"
    add(key="a").value.array_value.values.add(int_value=1)
    add(key="none")
    span.trace_state = "k=v"

    found = tags(encoded(store(span))["spans"][0]["tags"])

    assert found["s"] == ("string", "x")
    assert found["b"] == ("bool", False)
    assert found["i"] == ("int64", 5)
    assert found["big"] == ("int64", str(2**60))
    assert found["d"] == ("float64", 0.5)
    assert found["y"] == ("binary", "AAH6")
    assert found["a"] == ("string", "[1]")
    assert found["none"] == ("string", "")
    assert found["w3c.tracestate"] == ("string", "k=v")


def test_events_become_logs(span: Span, store: Store) -> None:
    event = span.events.add(name="exception", time_unix_nano=5_999)
    event.attributes.add(key="n").value.int_value = 1
    span.events.add(name="ignored").attributes.add(key="event").value.string_value = "own"

    first, second = encoded(store(span))["spans"][0]["logs"]

    assert first["timestamp"] == 5
    assert [field["key"] for field in first["fields"]] == ["event", "n"]
    assert tags(second["fields"]) == {"event": ("string", "own")}


def test_references_are_the_parent_and_the_links(span: Span, store: Store) -> None:
    span.parent_span_id = b"\x00" * 7 + b"\x09"
    span.links.add(trace_id=b"\x11" * 16, span_id=b"\x22" * 8)
    link = span.links.add(trace_id=bytes(8) + b"\x33" * 8, span_id=b"\x44" * 8)
    link.attributes.add(key="opentracing.ref_type").value.string_value = "child_of"

    references = encoded(store(span))["spans"][0]["references"]

    assert [tuple(item.values()) for item in references] == [
        ("CHILD_OF", span.trace_id.hex(), "0000000000000009"),
        ("FOLLOWS_FROM", "11" * 16, "22" * 8),
        ("CHILD_OF", "33" * 8, "44" * 8),
    ]


def test_envelopes() -> None:
    assert orjson.loads(page_json.encode(["a"], total=1)) == {
        "data": ["a"],
        "total": 1,
        "limit": 0,
        "offset": 0,
        "errors": None,
    }
    missing = page_json.error("trace not found", trace_id=bytes(8) + b"\x01" * 8)
    assert missing == {"msg": "trace not found", "traceID": "01" * 8}
    answer = orjson.loads(page_json.encode([], errors=[missing]))
    assert (answer["data"], answer["errors"]) == ([], [missing])


def test_pretty_answers_mean_the_same() -> None:
    plain, pretty = page_json.encode([{"a": 1}]), page_json.encode([{"a": 1}], is_pretty=True)
    assert b"\n" in pretty
    assert b"\n" not in plain
    assert orjson.loads(plain) == orjson.loads(pretty)
