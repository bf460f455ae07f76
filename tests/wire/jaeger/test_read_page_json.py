"""Jaeger's JSON as its clients of old wrote it; see trace_files for round trips."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger.read_page_json import read_traces


def read(span: dict[str, Any], **trace: Any) -> Any:
    base = {"traceID": "a", "spanID": "b", "operationName": "op", "startTime": 5, "duration": 2}
    document = {"data": [{"spans": [base | span], **trace}]}
    request = ExportTraceServiceRequest.FromString(read_traces(document))
    [group] = request.resource_spans
    return group, group.scope_spans[0].spans[0]


def test_times_are_microseconds() -> None:
    _, span = read({})
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (5000, 7000)
    assert (span.trace_id.hex(), span.span_id.hex()) == ("0" * 31 + "a", "0" * 15 + "b")


def test_a_process_of_its_own_or_of_the_trace() -> None:
    tags = [{"key": "pid", "type": "int64", "value": 7}]
    process = {"serviceName": "shop", "tags": tags}
    for group, _ in (
        read({"processID": "p1"}, processes={"p1": process}),
        read({"process": process}),
    ):
        found = {item.key: item.value for item in group.resource.attributes}
        assert found["service.name"].string_value == "shop"
        assert found["pid"].int_value == 7


def test_the_first_reference_in_the_trace_is_the_parent() -> None:
    references = [
        {"refType": "FOLLOWS_FROM", "traceID": "a", "spanID": "1"},
        {"refType": "CHILD_OF", "traceID": "ff", "spanID": "2"},
        {"refType": "CHILD_OF", "traceID": "a", "spanID": "3"},
        {"refType": "CHILD_OF", "traceID": "a", "spanID": "4"},
    ]
    _, span = read({"references": references})
    assert span.parent_span_id[-1] == 3
    assert [(link.trace_id[-1], link.span_id[-1]) for link in span.links] == [
        (10, 1),
        (255, 2),
        (10, 4),
    ]
    assert [len(link.attributes) for link in span.links] == [0, 1, 1]
    _, old = read({"parentSpanID": "7"})
    assert old.parent_span_id[-1] == 7


def test_tags_of_old_clients() -> None:
    tags = [
        {"key": "error", "type": "bool", "value": True},
        {"key": "span.kind", "value": "client"},
        {"key": "n", "type": "int64", "value": "9007199254740993"},
        {"key": "internal.span.format", "value": "jaeger"},
        {"key": "untyped", "value": 1.5},
    ]
    _, span = read({"tags": tags})
    assert (span.kind, span.status.code) == (3, 2)
    found = {item.key: item.value for item in span.attributes}
    assert sorted(found) == ["n", "untyped"]
    assert found["n"].int_value == 9007199254740993
    assert found["untyped"].double_value == 1.5


def test_an_error_beside_another_status_stays_a_tag() -> None:
    tags = [
        {"key": "error", "type": "bool", "value": True},
        {"key": "otel.status_code", "type": "string", "value": "OK"},
    ]
    _, span = read({"tags": tags})
    assert (span.status.code, [item.key for item in span.attributes]) == (1, ["error"])


def test_values_without_a_type_are_text_or_json() -> None:
    given = {"text": "a", "list": [1, "b"], "map": {"a": None}, "none": None, "no": False, "n": 1.5}
    _, span = read({"tags": [{"key": key, "value": value} for key, value in given.items()]})
    found = {item.key: item.value for item in span.attributes}
    texts = [found[key].string_value for key in ("text", "list", "map", "none")]
    assert texts == ["a", '[1,"b"]', '{"a":null}', ""]
    assert found["no"].HasField("bool_value")
    assert found["n"].double_value == 1.5


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "tag",
    [
        {"type": "int64", "value": 1e30},
        {"type": "int64", "value": "x"},
        {"value": nested(600)},
        {"type": "string", "value": nested(600)},
    ],
)
def test_what_no_attribute_can_hold_is_refused_wherever_it_is(tag: dict[str, Any]) -> None:
    tags = [{"key": "a"} | tag]
    for span in ({"tags": tags}, {"process": {"tags": tags}}, {"logs": [{"fields": tags}]}):
        with pytest.raises(BadInput, match=r"data\[0\]\.spans\[0\]"):
            read(span)


@pytest.mark.parametrize("odd", [[], {}, None, 1.5])
def test_tags_of_odd_types_say_nothing_of_the_span(odd: object) -> None:
    names = ("error", "span.kind", "otel.status_code", "otel.status_description")
    _, span = read({"tags": [{"key": name, "value": odd} for name in names]})
    assert (span.kind, span.status.code) == (0, 0)
