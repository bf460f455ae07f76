"""Spans in Jaeger's protobuf model."""

from __future__ import annotations

from appliance.wire.jaeger.model_proto import spans_of
from appliance.wire.span_json import group_spans
from tests.spans import PlainEvent, PlainLink, PlainSpan

SPAN = PlainSpan(
    1,
    2,
    "op",
    "shop",
    parent=1,
    start_ns=1_700_000_000_123_456_789,
    duration_ns=1_500_000_000,
    status=2,
    attributes={"s": "x", "b": True, "i": 7, "f": 0.5, "y": b"\x00", "l": [1]},
    resource={"zone": "eu"},
    events=[PlainEvent("e", 1_700_000_000_000_000_001, {"k": "v"})],
    links=[PlainLink(9, 8)],
)


def test_everything_has_its_place() -> None:
    [span] = spans_of(group_spans([SPAN.stored()]))
    assert (span.operation_name, span.process.service_name) == ("op", "shop")
    assert [(tag.key, tag.v_str) for tag in span.process.tags] == [("zone", "eu")]
    assert span.start_time.ToNanoseconds() == SPAN.start_ns
    assert (span.duration.seconds, span.duration.nanos) == (1, 500_000_000)
    tags = {tag.key: tag for tag in span.tags}
    assert [tags[key].v_type for key in "sbifyl"] == [0, 1, 2, 3, 4, 0]
    assert (tags["s"].v_str, tags["b"].v_bool, tags["i"].v_int64) == ("x", True, 7)
    assert (tags["f"].v_float64, tags["y"].v_binary, tags["l"].v_str) == (0.5, b"\x00", "[1]")
    assert (tags["span.kind"].v_str, tags["otel.status_code"].v_str) == ("server", "ERROR")
    parent, link = span.references
    assert (parent.ref_type, parent.span_id[-1], link.ref_type, link.span_id[-1]) == (0, 1, 1, 8)
    [log] = span.logs
    assert log.timestamp.ToNanoseconds() == 1_700_000_000_000_000_001
    assert [(field.key, field.v_str) for field in log.fields] == [("event", "e"), ("k", "v")]
