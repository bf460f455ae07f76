"""Jaeger's batches as OTLP."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.jaeger_thrift.batch import batch_to_otlp
from appliance.wire.otlp.values import to_value
from tests.thrift_writing import (
    Typed,
    batch,
    binary,
    compact,
    fields,
    i32,
    i64,
    listed,
    span,
    tag,
    tags,
    text,
)

TRACE = bytes([*bytes(7), 1, *bytes(7), 2])


def decoded(item: Typed) -> Any:
    """A batch, which is the same in both protocols."""
    found = [batch_to_otlp(compact(item), compact=True), batch_to_otlp(binary(item))]
    assert found[0] == found[1]
    return ExportTraceServiceRequest.FromString(found[0])


def only_span(**changes: Typed) -> Any:
    (group,) = decoded(batch(span(**changes))).resource_spans
    (scoped,) = group.scope_spans
    (found,) = scoped.spans
    return found


def values(attributes: Any) -> dict[str, Any]:
    return {item.key: to_value(item.value) for item in attributes}


def test_fixed_fields_are_taken_over() -> None:
    found = only_span(f4=i64(-1))
    assert (found.trace_id, found.span_id) == (TRACE, bytes(7) + b"\3")
    assert found.parent_span_id == b"\xff" * 8
    assert (found.name, found.flags) == ("GET /", 1)
    assert found.start_time_unix_nano == 1_700_000_000_000_000_000
    assert found.end_time_unix_nano - found.start_time_unix_nano == 1_500_000


def test_tags_keep_their_types() -> None:
    found = only_span(f10=tags(s="text", f=1.5, b=False, i=-7, y=b"\0\xff"))
    assert values(found.attributes) == {"s": "text", "f": 1.5, "b": False, "i": -7, "y": b"\0\xff"}


def test_a_tag_of_another_type_than_it_says_is_empty_and_the_last_of_a_key_counts() -> None:
    odd = fields({1: text("odd"), 2: i32(3), 3: text("x")})
    unknown = fields({1: text("unknown"), 2: i32(9)})
    found = only_span(f10=listed(odd, unknown, tag("k", "first"), tag("k", "last")))
    assert values(found.attributes) == {
        "odd": 0,
        "unknown": "<Unknown Jaeger TagType 9>",
        "k": "last",
    }


@pytest.mark.parametrize(
    ("name", "kind"),
    [("client", 3), ("server", 2), ("producer", 4), ("consumer", 5), ("internal", 1), ("x", 0)],
)
def test_the_kind_is_a_tag(name: str, kind: int) -> None:
    found = only_span(f10=tags(span__kind=name))
    assert (found.kind, len(found.attributes)) == (kind, 0)


@pytest.mark.parametrize(
    ("given", "status", "left"),
    [
        ({}, (0, ""), set()),
        ({"error": True}, (2, ""), set()),
        ({"error": False}, (0, ""), {"error"}),
        ({"error": True, "otel__status_description": "boom"}, (2, "boom"), set()),
        ({"error": True, "http__status_message": "Bad"}, (2, "Bad"), {"http.status_message"}),
        ({"error": True, "otel__status_code": "OK"}, (2, ""), set()),
        ({"otel__status_code": "ok", "otel__status_description": "fine"}, (1, "fine"), set()),
        ({"otel__status_code": "ERROR"}, (2, ""), set()),
        ({"http__status_code": 500}, (2, ""), {"http.status_code"}),
        ({"http__status_code": "404"}, (2, ""), {"http.status_code"}),
        ({"http__status_code": 404, "span__kind": "server"}, (0, ""), {"http.status_code"}),
        ({"http__status_code": 200}, (0, ""), {"http.status_code"}),
    ],
)
def test_status_is_in_tags(given: dict[str, Any], status: tuple[int, str], left: set[str]) -> None:
    found = only_span(f10=tags(**given))
    assert (found.status.code, found.status.message) == status
    assert set(values(found.attributes)) == left


def test_logs_are_events_named_by_their_event_field() -> None:
    logs = listed(
        fields({1: i64(5), 2: tags(event="retry", n=2)}),
        fields({1: i64(6), 2: tags(message="hello")}),
        fields({1: i64(7)}),
    )
    events = only_span(f11=logs).events
    assert [(event.time_unix_nano, event.name) for event in events] == [
        (5000, "retry"),
        (6000, ""),
        (7000, ""),
    ]
    assert [values(event.attributes) for event in events] == [{"n": 2}, {"message": "hello"}, {}]


def reference(kind: int, span_id: int, *, low: int = 2) -> Typed:
    return fields({1: i32(kind), 2: i64(low), 3: i64(1), 4: i64(span_id)})


@pytest.mark.parametrize(
    ("references", "parent", "links"),
    [
        ([reference(0, 9)], 9, []),
        ([reference(1, 8), reference(0, 9)], 9, [(8, "follows_from")]),
        ([reference(1, 8)], 8, [(8, "follows_from")]),
        ([reference(0, 9, low=5)], 0, [(9, "child_of")]),
        ([reference(0, 9), reference(0, 7)], 9, [(7, "child_of")]),
    ],
)
def test_references_give_the_parent_and_links(
    references: list[Typed], parent: int, links: list[tuple[int, str]]
) -> None:
    found = only_span(f6=listed(*references))
    assert int.from_bytes(found.parent_span_id) == parent
    assert [
        (int.from_bytes(link.span_id), values(link.attributes)["opentracing.ref_type"])
        for link in found.links
    ] == links


def test_the_process_is_the_resource() -> None:
    (group,) = decoded(
        batch(span(), hostname="web-1", jaeger__version="Go-2", region="eu")
    ).resource_spans
    assert values(group.resource.attributes) == {
        "service.name": "shop",
        "region": "eu",
        "host.name": "web-1",
        "opencensus.exporterversion": "Jaeger-Go-2",
    }


def test_spans_of_a_scope_are_together() -> None:
    named = tags(otel__library__name="lib", otel__scope__name="lib", otel__scope__version="2")
    (group,) = decoded(batch(span(), span(f10=named), span())).resource_spans
    found = [(each.scope.name, each.scope.version, len(each.spans)) for each in group.scope_spans]
    assert found == [("", "", 2), ("lib", "2", 1)]


@pytest.mark.parametrize("item", [fields({}), fields({2: listed()}), fields({1: text("x")})])
def test_batches_without_spans_are_empty(item: Typed) -> None:
    assert decoded(item) == ExportTraceServiceRequest()


def test_wrong_types_and_times_out_of_range_do_no_harm() -> None:
    found = only_span(f5=i64(1), f8=i64(2**62), f9=i64(-5), f10=text("x"), f11=i64(3))
    assert (found.name, len(found.attributes), len(found.events)) == ("", 0, 0)
    assert found.start_time_unix_nano == found.end_time_unix_nano == 2**63 // 1000 * 1000


def test_other_bodies_are_refused() -> None:
    with pytest.raises(BadInput, match="thrift"):
        batch_to_otlp(b"{}")
