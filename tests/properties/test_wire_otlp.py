from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from appliance.base.errors import BadInput
from appliance.model.trace import StoredSpan
from appliance.wire import tempo
from appliance.wire.jaeger import page_json
from appliance.wire.otlp.json import logs_from_json, metrics_from_json, traces_from_json
from appliance.wire.otlp.logs import decode_logs
from appliance.wire.otlp.metrics import decode_metrics
from appliance.wire.otlp.traces import decode_traces
from appliance.wire.otlp.values import to_text
from appliance.wire.span_json import group_spans
from tests.random_examples import examples

bounded = examples(60)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def any_values() -> st.SearchStrategy[AnyValue]:
    leaves = st.one_of(
        texts.map(lambda value: AnyValue(string_value=value)),
        st.integers(-(2**63), 2**63 - 1).map(lambda value: AnyValue(int_value=value)),
        st.floats(allow_nan=False).map(lambda value: AnyValue(double_value=value)),
        st.binary(max_size=5).map(lambda value: AnyValue(bytes_value=value)),
        st.booleans().map(lambda value: AnyValue(bool_value=value)),
        st.just(AnyValue()),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(
                lambda items: AnyValue(array_value=ArrayValue(values=items))
            ),
            st.dictionaries(texts, inner, max_size=3).map(
                lambda pairs: AnyValue(kvlist_value=KeyValueList(values=_pairs(pairs)))
            ),
        ),
        max_leaves=5,
    )


def _pairs(values: dict[str, AnyValue]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value) for key, value in values.items()]


attributes = st.dictionaries(texts, any_values(), max_size=3).map(_pairs)


@st.composite
def requests(draw: st.DrawFn) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    for _ in range(draw(st.integers(0, 2))):
        group = request.resource_spans.add()
        group.resource.attributes.extend(draw(attributes))
        for _ in range(draw(st.integers(0, 2))):
            scoped = group.scope_spans.add()
            scoped.scope.name = draw(texts)
            for _ in range(draw(st.integers(0, 2))):
                span = scoped.spans.add(name=draw(texts), kind=draw(st.integers(0, 5)))
                span.trace_id = draw(st.binary(min_size=16, max_size=16))
                span.span_id = draw(st.binary(min_size=8, max_size=8))
                span.parent_span_id = draw(st.just(b"") | st.binary(min_size=8, max_size=8))
                span.start_time_unix_nano = draw(st.integers(0, 2**63 - 1))
                span.end_time_unix_nano = draw(st.integers(0, 2**63 - 1))
                span.attributes.extend(draw(attributes))
    return request


@bounded
@given(requests())
def test_every_span_is_either_kept_as_it_came_or_refused(
    request: ExportTraceServiceRequest,
) -> None:
    batch, rejects = decode_traces(request.SerializeToString())

    spans = [
        (group.resource.SerializeToString(), scoped.scope.SerializeToString(), span)
        for group in request.resource_spans
        for scoped in group.scope_spans
        for span in scoped.spans
    ]
    refused = {reject.index for reject in rejects}
    kept = [item for index, item in enumerate(spans) if index not in refused]
    assert len(kept) == len(batch)
    for row, (resource, scope, span) in enumerate(kept):
        assert batch.resources[batch.resource_ids[row]] == resource
        assert batch.scopes[batch.scope_ids[row]] == scope
        assert batch.spans[row] == span.SerializeToString()
        assert batch.trace_ids[row].tobytes() == span.trace_id
        assert int(batch.span_ids[row]) == int.from_bytes(span.span_id, "big")
        assert batch.names[batch.name_ids[row]] == span.name
        assert batch.duration_ns[row] == max(0, span.end_time_unix_nano - span.start_time_unix_nano)


@bounded
@given(requests())
def test_what_was_kept_can_be_answered(request: ExportTraceServiceRequest) -> None:
    batch, _ = decode_traces(request.SerializeToString())
    stored = [
        StoredSpan(
            batch.resources[batch.resource_ids[row]],
            batch.scopes[batch.scope_ids[row]],
            batch.spans[row],
        )
        for row in range(len(batch))
    ]
    again, rejects = decode_traces(tempo.trace_protobuf(stored))

    assert rejects == []
    assert sorted(again.spans) == sorted(batch.spans)
    assert orjson.loads(tempo.trace_json(stored))
    if stored:
        assert orjson.loads(page_json.encode([page_json.trace(group_spans(stored))]))


@bounded
@given(any_values())
def test_values_of_any_shape_have_text(value: AnyValue) -> None:
    text = to_text(value)

    if value.WhichOneof("value") in {"array_value", "kvlist_value"}:
        orjson.loads(text)


@bounded
@given(requests())
def test_json_and_protobuf_meet(request: ExportTraceServiceRequest) -> None:
    document = {
        "resourceSpans": [
            {
                "resource": {
                    "attributes": [_attribute(item) for item in group.resource.attributes]
                },
                "scopeSpans": [
                    {
                        "scope": {"name": scoped.scope.name},
                        "spans": [_span(span) for span in scoped.spans],
                    }
                    for scoped in group.scope_spans
                ],
            }
            for group in request.resource_spans
        ]
    }
    for group in request.resource_spans:
        group.resource.SetInParent()
        for scoped in group.scope_spans:
            scoped.scope.SetInParent()

    encoded = traces_from_json(orjson.dumps(document))

    assert ExportTraceServiceRequest.FromString(encoded) == request


def _span(span: Any) -> dict[str, object]:
    return {
        "traceId": span.trace_id.hex().upper(),
        "spanId": span.span_id.hex(),
        "parentSpanId": span.parent_span_id.hex(),
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_time_unix_nano),
        "endTimeUnixNano": span.end_time_unix_nano,
        "attributes": [_attribute(item) for item in span.attributes],
    }


def _attribute(item: Any) -> dict[str, object]:
    return {"key": item.key, "value": _value(item.value)}


def _value(value: Any) -> dict[str, object]:
    plain: dict[str, tuple[str, Callable[[Any], object]]] = {
        "string_value": ("stringValue", str),
        "int_value": ("intValue", str),
        "double_value": ("doubleValue", repr),
        "bytes_value": ("bytesValue", lambda found: b64encode(found).decode()),
        "bool_value": ("boolValue", bool),
    }
    kind = value.WhichOneof("value")
    if kind in plain:
        name, write = plain[kind]
        return {name: write(getattr(value, kind))}
    if kind == "array_value":
        return {"arrayValue": {"values": [_value(one) for one in value.array_value.values]}}
    if kind == "kvlist_value":
        return {"kvlistValue": {"values": list(map(_attribute, value.kvlist_value.values))}}
    return {}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [
                "resourceSpans", "resourceLogs", "resourceMetrics", "scopeSpans", "scopeLogs",
                "scopeMetrics", "spans", "logRecords", "metrics", "resource", "attributes", "key",
                "value", "traceId", "kind", "body", "arrayValue", "values", "intValue", "sum",
                "dataPoints", "doubleValue", "bytesValue", "status", "events",
            ]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@bounded
@given(st.binary(max_size=60), json_values)
def test_damage_is_bad_input_and_nothing_else(body: bytes, document: object) -> None:
    for decode in (
        decode_traces,
        decode_metrics,
        lambda data: decode_logs(data, now_ns=1),
    ):
        with suppress(BadInput):
            decode(body)
    for convert, decode_converted in (
        (traces_from_json, decode_traces),
        (metrics_from_json, decode_metrics),
        (logs_from_json, lambda data: decode_logs(data, now_ns=1)),
    ):
        with suppress(BadInput):
            convert(body)
        with suppress(BadInput):
            decode_converted(convert(orjson.dumps(document)))


@bounded
@given(requests(), st.data())
def test_a_damaged_request_is_bad_input_and_nothing_else(
    request: ExportTraceServiceRequest, data: st.DataObject
) -> None:
    body = bytearray(request.SerializeToString())
    for _ in range(data.draw(st.integers(1, 3)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))

    with suppress(BadInput):
        decode_traces(bytes(body))
