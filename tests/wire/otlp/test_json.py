from __future__ import annotations

import orjson
import pytest
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.base.errors import BadInput
from appliance.wire.otlp.json import logs_from_json, metrics_from_json, traces_from_json


def of_span(**fields: object) -> bytes:
    return orjson.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]})


def test_every_kind_of_value() -> None:
    body = of_span(
        traceId="AB" * 16,
        spanId="cd" * 8,
        parentSpanId="",
        name="x",
        kind=3,
        startTimeUnixNano="17",
        endTimeUnixNano=18,
        status={"code": "STATUS_CODE_ERROR", "message": "m"},
        attributes=[
            {"key": "i", "value": {"intValue": "9007199254740993"}},
            {"key": "n", "value": {"intValue": -5}},
            {"key": "d", "value": {"doubleValue": 1}},
            {"key": "inf", "value": {"doubleValue": "-Infinity"}},
            {"key": "b", "value": {"boolValue": False}},
            {"key": "s", "value": {"stringValue": ""}},
            {"key": "y", "value": {"bytesValue": "AAH/"}},
            {"key": "a", "value": {"arrayValue": {"values": [{"stringValue": "x"}, {}]}}},
            {"key": "m", "value": {"kvlistValue": {"values": [{"key": "q"}]}}},
            {"key": "e", "value": {"kvlistValue": {}}},
        ],
    )
    request = ExportTraceServiceRequest.FromString(traces_from_json(body))
    span = request.resource_spans[0].scope_spans[0].spans[0]
    values = {item.key: item.value for item in span.attributes}

    assert (span.trace_id, span.span_id, span.parent_span_id) == (b"\xab" * 16, b"\xcd" * 8, b"")
    assert (span.kind, span.start_time_unix_nano, span.end_time_unix_nano) == (3, 17, 18)
    assert span.status.code == 2
    assert (values["i"].int_value, values["n"].int_value) == (9007199254740993, -5)
    assert (values["d"].double_value, values["inf"].double_value) == (1.0, float("-inf"))
    assert values["b"].WhichOneof("value") == "bool_value"
    assert values["s"].WhichOneof("value") == "string_value"
    assert values["y"].bytes_value == b"\x00\x01\xff"
    assert len(values["a"].array_value.values) == 2
    assert values["m"].kvlist_value.values[0].key == "q"
    assert values["e"].WhichOneof("value") == "kvlist_value"


def test_unknown_fields_and_nulls_are_ignored() -> None:
    body = of_span(traceId="ab" * 16, future={"deep": [{}]}, attributes=None, status=None)

    assert traces_from_json(body) == traces_from_json(of_span(traceId="ab" * 16))
    assert traces_from_json(b'{"new": 1}') == b""


def test_snake_case_is_read_as_well() -> None:
    assert traces_from_json(b'{"resource_spans": [{"schema_url": "x"}]}') == traces_from_json(
        b'{"resourceSpans": [{"schemaUrl": "x"}]}'
    )


def test_metrics_and_logs_agree_with_protobufs_own_mapping() -> None:
    metrics = ExportMetricsServiceRequest()
    histogram = metrics.resource_metrics.add().scope_metrics.add().metrics.add().histogram
    histogram.aggregation_temporality = 2
    histogram.data_points.add(count=3, sum=4, bucket_counts=[1, 2], explicit_bounds=[10])
    logs = ExportLogsServiceRequest()
    record = logs.resource_logs.add().scope_logs.add().log_records.add(severity_number=9)
    record.body.string_value = "hello"

    body = orjson.dumps(MessageToDict(metrics))
    assert metrics_from_json(body) == metrics.SerializeToString()
    assert logs_from_json(orjson.dumps(MessageToDict(logs))) == logs.SerializeToString()


SPAN = "resourceSpans[0].scopeSpans[0].spans[0]"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "body is not JSON"),
        (b'{"resourceSpans": [', "body is not JSON"),
        (b"[]", "the body: expected an object, got an array"),
        (b'{"resourceSpans": {"a": 1}}', "resourceSpans: expected an array, got an object"),
        (b'{"resourceSpans": [1]}', "resourceSpans[0]: expected an object, got a number"),
        (of_span(traceId="zz" * 16), f"{SPAN}.traceId: expected an id in hexadecimal"),
        (of_span(traceId="abcd"), f"{SPAN}.traceId: expected 32 hexadecimal digits, got 'abcd'"),
        (of_span(spanId="ab " * 8), f"{SPAN}.spanId: expected 16 hexadecimal digits"),
        (of_span(name=5), f"{SPAN}.name: expected a string, got a number"),
        (of_span(kind="SERVER"), f"{SPAN}.kind: unknown enum value 'SERVER'"),
        (of_span(kind=2**40), f"{SPAN}.kind: 1099511627776 is out of range"),
        (of_span(startTimeUnixNano=-1), f"{SPAN}.startTimeUnixNano: -1 is out of range"),
        (
            of_span(startTimeUnixNano="1e3"),
            f"{SPAN}.startTimeUnixNano: expected an integer, got '1e3'",
        ),
        (of_span(startTimeUnixNano=1.5), f"{SPAN}.startTimeUnixNano: expected an integer, got 1.5"),
        (of_span(startTimeUnixNano="9" * 30), f"{SPAN}.startTimeUnixNano: '999"),
        (
            of_span(attributes=[{"key": "a", "value": {"bytesValue": "?"}}]),
            f"{SPAN}.attributes[0].value.bytesValue: expected base64, got '?'",
        ),
        (
            of_span(attributes=[{"value": {"boolValue": "true"}}]),
            f"{SPAN}.attributes[0].value.boolValue: expected true or false, got a string",
        ),
        (
            of_span(attributes=[{"value": {"doubleValue": "x"}}]),
            f"{SPAN}.attributes[0].value.doubleValue: could not convert",
        ),
    ],
)
def test_errors_name_the_place(body: bytes, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        traces_from_json(body)

    assert caught.value.message.startswith(message)


def test_bottomless_nesting_is_refused() -> None:
    value = '{"arrayValue":{"values":[' * 200 + "]}}" * 200
    body = of_span(attributes=[{"value": 0}]).replace(b"0}", value.encode() + b"}")

    with pytest.raises(BadInput, match="nested too deeply"):
        traces_from_json(body)
