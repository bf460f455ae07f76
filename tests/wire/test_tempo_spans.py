from __future__ import annotations

from typing import Any

import orjson
import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span, Status

from appliance.wire.span_json import to_dict
from appliance.wire.tempo_spans import group_json


def _values() -> list[AnyValue]:
    listed, mapped = AnyValue(), AnyValue()
    listed.array_value.values.extend([AnyValue(int_value=-1), AnyValue()])
    mapped.kvlist_value.values.append(KeyValue(key="k", value=AnyValue(bool_value=False)))
    empty_list, empty_map = AnyValue(), AnyValue()
    empty_list.array_value.SetInParent()
    empty_map.kvlist_value.SetInParent()
    plain = [
        AnyValue(),
        AnyValue(string_value=""),
        AnyValue(string_value="x"),
        AnyValue(bool_value=True),
        AnyValue(int_value=1 << 60),
        AnyValue(double_value=2.0),
        AnyValue(double_value=0.5),
        AnyValue(double_value=float("nan")),
        AnyValue(double_value=float("-inf")),
        AnyValue(bytes_value=b"\xff\x00"),
    ]
    return [*plain, listed, mapped, empty_list, empty_map]


def _rich_span() -> Span:
    pairs = [KeyValue(key=f"key-{at}", value=value) for at, value in enumerate(_values())]
    pairs += [KeyValue(key="none"), KeyValue(value=AnyValue(int_value=0))]
    span = Span(
        trace_id=b"t" * 16,
        span_id=b"s" * 8,
        trace_state="a=b",
        parent_span_id=b"p" * 8,
        name="work",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=1,
        end_time_unix_nano=2,
        attributes=pairs,
        dropped_attributes_count=3,
        dropped_events_count=4,
        dropped_links_count=5,
    )
    span.events.add(time_unix_nano=7, name="e", attributes=pairs[:2], dropped_attributes_count=1)
    span.events.add()
    span.links.add(trace_id=b"l" * 16, span_id=b"m" * 8, trace_state="c=d", attributes=pairs[:1])
    span.links.add()
    span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "bad"
    return span


def _bare_span(kind: int = 0, status: int | None = None) -> Span:
    span = Span(trace_id=b"t" * 16, span_id=b"s" * 8, kind=kind)  # type: ignore[arg-type]
    if status is not None:
        span.status.code = status  # type: ignore[assignment]
        span.status.SetInParent()
    return span


def _group(*spans: Span) -> Any:
    group = ResourceSpans()
    group.resource.attributes.add(key="service.name").value.string_value = "a"
    group.scope_spans.add(spans=spans).scope.name = "scope"
    group.scope_spans.add()
    return group


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(_group(_rich_span(), _bare_span()), id="rich"),
        pytest.param(_group(_bare_span(status=0)), id="empty status"),
        pytest.param(_group(_bare_span(kind=17, status=9)), id="unknown numbers"),
        pytest.param(ResourceSpans(), id="nothing"),
    ],
)
def test_it_is_the_json_mapping_of_protobuf(group: Any) -> None:
    assert orjson.loads(orjson.dumps(group_json(group))) == orjson.loads(
        orjson.dumps(to_dict(group))
    )


def test_flags_are_left_out() -> None:
    span = _bare_span()
    span.links.add(flags=1)
    plain = orjson.dumps(group_json(_group(span)))
    span.flags = 257

    assert orjson.dumps(group_json(_group(span))) == plain
    assert b"flags" not in plain
