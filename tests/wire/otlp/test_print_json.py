"""OTLP/JSON as the collector prints it."""

from __future__ import annotations

import math
from typing import Any

import orjson

from appliance.wire.otlp.json import traces_from_json
from appliance.wire.otlp.print_json import print_traces
from appliance.wire.span_json import group_spans
from tests.spans import PlainLink, PlainSpan, otlp_request

SPAN = PlainSpan(
    0xAB,
    2,
    parent=1,
    start_ns=5,
    duration_ns=2,
    status=2,
    attributes={"y": b"\xff", "i": 2**60, "f": math.inf, "n": math.nan},
    links=[PlainLink(0xCD, 3)],
)


def test_ids_are_hexadecimal_enums_numbers_and_wide_integers_text() -> None:
    document: Any = print_traces(group_spans([SPAN.stored()]))
    span = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    assert span["traceId"] == "0" * 30 + "ab"
    assert (span["parentSpanId"], span["links"][0]["spanId"]) == ("0" * 15 + "1", "0" * 15 + "3")
    assert (span["kind"], span["status"], span["endTimeUnixNano"]) == (2, {"code": 2}, "7")
    values = {item["key"]: item["value"] for item in span["attributes"]}
    assert values["y"] == {"bytesValue": "/w=="}
    assert values["i"] == {"intValue": str(2**60)}
    assert values["f"] == {"doubleValue": "Infinity"}
    assert values["n"] == {"doubleValue": "NaN"}


def test_it_is_read_back() -> None:
    groups = group_spans([SPAN.stored()])
    again = traces_from_json(orjson.dumps(print_traces(groups)))
    assert again == otlp_request([SPAN])
