"""Answers of searches."""

from __future__ import annotations

import orjson

from appliance.traceql.results import FoundSpan, FoundSpanset, FoundTrace, SearchResult
from appliance.traceql.static import Static, Type
from appliance.wire.messages.tempo_pb2 import SearchResponse
from appliance.wire.span_json import to_dict
from appliance.wire.tempo_search import NO_ROOT, search_json, search_protobuf

SPAN = FoundSpan(0xA1, "GET /", 1_000, 2_500_000, [("status", Static(Type.STRING, "error"))])
TRACE = FoundTrace(
    bytes(8) + b"\x01" * 8,
    "shop",
    "GET /",
    1_000,
    12_345_678,
    [FoundSpanset([SPAN], 7, [("count()", Static(Type.INT, 7))])],
    {"shop": (7, 0), "db": (2, 1)},
)
RESULT = SearchResult([TRACE], inspected_traces=3, inspected_spans=40, inspected_bytes=500)
METRICS = {
    "inspectedTraces": 3,
    "inspectedBytes": "500",
    "completedJobs": 1,
    "totalJobs": 1,
    "inspectedSpans": "40",
}


def test_a_trace_that_was_found() -> None:
    spanset = {
        "spans": [
            {
                "spanID": "00000000000000a1",
                "name": "GET /",
                "startTimeUnixNano": "1000",
                "durationNanos": "2500000",
                "attributes": [{"key": "status", "value": {"stringValue": "error"}}],
            }
        ],
        "matched": 7,
        "attributes": [{"key": "count()", "value": {"intValue": "7"}}],
    }
    assert orjson.loads(search_json(RESULT)) == {
        "traces": [
            {
                "traceID": "101010101010101",
                "rootServiceName": "shop",
                "rootTraceName": "GET /",
                "startTimeUnixNano": "1000",
                "durationMs": 12,
                "spanSet": spanset,
                "spanSets": [spanset],
                "serviceStats": {"shop": {"spanCount": 7}, "db": {"spanCount": 2, "errorCount": 1}},
            }
        ],
        "metrics": METRICS,
    }


def test_protobuf_has_the_same() -> None:
    message = SearchResponse.FromString(search_protobuf(RESULT))
    document = orjson.loads(search_json(RESULT))
    (trace,) = document["traces"]
    stats = {
        name: {"spanCount": one.spanCount}
        | ({"errorCount": one.errorCount} if one.errorCount else {})
        for name, one in message.traces[0].serviceStats.items()
    }
    assert stats == trace.pop("serviceStats")
    message.traces[0].ClearField("serviceStats")
    assert to_dict(message) == document


def test_a_search_by_tags_tells_nothing_of_spans() -> None:
    (trace,) = orjson.loads(search_json(RESULT, with_spans=False))["traces"]
    assert set(trace) == {
        "traceID", "rootServiceName", "rootTraceName", "startTimeUnixNano", "durationMs",
    }  # fmt: skip
    message = SearchResponse.FromString(search_protobuf(RESULT, with_spans=False))
    assert not message.traces[0].spanSets


def test_nothing_and_no_root() -> None:
    assert orjson.loads(search_json(SearchResult([])))["traces"] == []
    rootless = SearchResult([FoundTrace(bytes(15) + b"\x0f", "", "", 5, 6)])
    (trace,) = orjson.loads(search_json(rootless))["traces"]
    assert trace == {"traceID": "f", "rootServiceName": NO_ROOT, "startTimeUnixNano": "5"}
