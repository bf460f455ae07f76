"""Zipkin spans as OTLP."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.wire.otlp.values import to_value
from appliance.wire.zipkin.otlp import zipkin_to_otlp

TIME = 1_700_000_000_000_000


def request(*spans: dict[str, Any]) -> Any:
    body = orjson.dumps([{"traceId": "1", "id": "2", "timestamp": TIME} | span for span in spans])
    encoded = zipkin_to_otlp(body, protocol="zipkin_v2_json", now_ns=99)
    return ExportTraceServiceRequest.FromString(encoded)


def only(**span: Any) -> Any:
    return request(span).resource_spans[0].scope_spans[0].spans[0]


def values(attributes: Any) -> dict[str, Any]:
    return {item.key: to_value(item.value) for item in attributes}


def test_fixed_fields_are_taken_over() -> None:
    found = only(parentId="9", name="op", kind="SERVER", duration=5)
    assert (found.trace_id, found.span_id) == (bytes(15) + b"\1", bytes(7) + b"\2")
    assert (found.parent_span_id, found.name, found.kind) == (bytes(7) + b"\x09", "op", 2)
    assert found.start_time_unix_nano == TIME * 1000
    assert found.end_time_unix_nano == TIME * 1000 + 5000
    assert (len(found.attributes), found.status.code) == (0, 0)


def test_a_span_is_not_its_own_parent() -> None:
    assert only(parentId="2").parent_span_id == b""


def test_ends_of_the_call_are_attributes() -> None:
    local = {"serviceName": "shop", "ipv4": "10.0.0.1", "port": 80}
    remote = {"serviceName": "db", "ipv6": "::1", "port": 5432}
    found = only(localEndpoint=local, remoteEndpoint=remote, tags={"net.peer.ip": "told"})
    assert values(found.attributes) == {
        "net.host.ip": "10.0.0.1",
        "net.host.port": 80,
        "peer.service": "db",
        "net.peer.ip": "told",
        "net.peer.port": 5432,
    }


def test_resources_and_scopes_are_found_in_tags() -> None:
    def span(service: str, **tags: str) -> dict[str, Any]:
        named = {key.replace("__", "."): value for key, value in tags.items()}
        return {"localEndpoint": {"serviceName": service}, "tags": named}

    found = request(
        span("shop", host__name="a", otel__library__name="lib", otel__library__version="1", k="v"),
        span("shop", host__name="b"),
        span("shop", host__name="a"),
        span("other"),
        {},
    )
    assert [
        (values(group.resource.attributes), [each.scope.name for each in group.scope_spans])
        for group in found.resource_spans
    ] == [
        ({"host.name": "a", "service.name": "shop"}, ["lib", ""]),
        ({"host.name": "b", "service.name": "shop"}, [""]),
        ({"service.name": "other"}, [""]),
        ({}, [""]),
    ]
    first = found.resource_spans[0].scope_spans[0]
    assert (first.scope.version, values(first.spans[0].attributes)) == ("1", {"k": "v"})


def test_the_attribute_that_names_the_service_may_be_another() -> None:
    tags = {"otlp.service.name.source": "service.id"}
    found = request({"localEndpoint": {"serviceName": "shop"}, "tags": tags})
    assert values(found.resource_spans[0].resource.attributes) == {"service.id": "shop"}


@pytest.mark.parametrize(
    ("tags", "status", "left"),
    [
        ({"error": "true"}, (2, ""), {}),
        ({"error": "false"}, (0, ""), {"error": "false"}),
        ({"error": "boom"}, (2, "boom"), {"error": "boom"}),
        ({"error": ""}, (2, ""), {"error": ""}),
        ({"otel.status_code": "ERROR", "error": "boom"}, (2, "boom"), {}),
        ({"otel.status_code": "ERROR", "error": ""}, (2, ""), {}),
        ({"otel.status_code": "OK"}, (1, ""), {}),
        (
            {"otel.status_code": "STATUS_CODE_ERROR", "otel.status_description": "no"},
            (2, "no"),
            {},
        ),
        ({"otel.status_code": "Unset"}, (0, ""), {}),
        ({"otel.status_code": "7"}, (0, ""), {"otel.status_code": "7"}),
        ({"http.status_code": "500"}, (0, ""), {"http.status_code": "500"}),
    ],
)
def test_status_is_in_tags(
    tags: dict[str, str], status: tuple[int, str], left: dict[str, str]
) -> None:
    found = only(tags=tags)
    assert (found.status.code, found.status.message) == status
    assert values(found.attributes) == left


@pytest.mark.parametrize(
    ("text", "name", "attributes"),
    [
        ("cache miss", "cache miss", {}),
        ('{"retry": {"n": 2, "ok": true}}', "retry", {"n": 2, "ok": True}),
        ('"retry": {"n": 2}', "retry", {"n": 2}),
        ('retry|{"n":0.5}|3', "retry", {"n": 0.5}),
        ("a|b|c", "a|b|c", {}),
        ("{not json}", "{not json}", {}),
        ('{"a": 1}', '{"a": 1}', {}),
        ('"quoted"', '"quoted"', {}),
        ('{"deep": {"list": [1, "x"]}}', "deep", {"list": [1, "x"]}),
    ],
)
def test_annotations_are_events(text: str, name: str, attributes: dict[str, Any]) -> None:
    (event,) = only(annotations=[{"timestamp": TIME + 1, "value": text}]).events
    assert (event.time_unix_nano, event.name) == ((TIME + 1) * 1000, name)
    assert values(event.attributes) == attributes
    assert event.dropped_attributes_count == (3 if text.endswith("|3") else 0)


def test_links_and_state_are_found_in_tags() -> None:
    link = f'{"ab" * 16}|{"cd" * 8}|k=v|{{"a":1}}|2'
    tags = {"otlp.link.0": link, "otlp.link.1": "no link", "w3c.tracestate": "x=y"}
    found = only(tags=tags)
    (linked,) = found.links
    assert (linked.trace_id, linked.span_id) == (b"\xab" * 16, b"\xcd" * 8)
    assert (linked.trace_state, linked.dropped_attributes_count) == ("k=v", 2)
    assert values(linked.attributes) == {"a": 1}
    assert (found.trace_state, values(found.attributes)) == ("x=y", {"otlp.link.1": "no link"})


def test_counts_of_what_was_dropped_have_fields() -> None:
    tags = {
        "otel.dropped_attributes_count": "3",
        "otel.dropped_events_count": "2",
        "otel.dropped_links_count": "x",
    }
    found = only(tags=tags)
    assert (found.dropped_attributes_count, found.dropped_events_count) == (3, 2)
    assert values(found.attributes) == {"otel.dropped_links_count": "x"}


def test_shared_spans_are_marked_and_the_kind_may_be_a_tag() -> None:
    found = only(shared=True, debug=True, tags={"span.kind": "internal"})
    assert found.kind == 1
    assert values(found.attributes) == {"zipkin.shared": True}


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ({"timestamp": None}, 99, 99),
        ({"timestamp": None, "duration": 2}, 99, 2099),
        (
            {"timestamp": 0, "annotations": [{"timestamp": at, "value": "x"} for at in (8, 5)]},
            5000,
            8000,
        ),
    ],
)
def test_a_span_without_a_time_begins_at_its_first_annotation_or_now(
    span: dict[str, Any], start: int, end: int
) -> None:
    found = only(**span)
    assert (found.start_time_unix_nano, found.end_time_unix_nano) == (start, end)
    assert values(found.attributes) == {"otel.zipkin.absentField.startTime": True}
