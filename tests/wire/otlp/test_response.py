from __future__ import annotations

import orjson
import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from appliance.wire.otlp.response import Signal, encode_response, encode_status


@pytest.mark.parametrize("signal", ["traces", "metrics", "logs"])
def test_full_success_is_an_empty_message(signal: Signal) -> None:
    assert encode_response(signal, 0, "", as_json=False) == b""
    assert encode_response(signal, 0, "", as_json=True) == b"{}"


def test_partial_success_says_how_many_and_why() -> None:
    encoded = encode_response("metrics", 2, "delta", as_json=False)
    partial = ExportMetricsServiceResponse.FromString(encoded).partial_success

    assert (partial.rejected_data_points, partial.error_message) == (2, "delta")
    assert orjson.loads(encode_response("traces", 2, "ids", as_json=True)) == {
        "partialSuccess": {"rejectedSpans": "2", "errorMessage": "ids"}
    }
    assert b"rejectedLogRecords" in encode_response("logs", 1, "", as_json=True)


def test_a_warning_needs_no_rejects() -> None:
    assert orjson.loads(encode_response("logs", 0, "take care", as_json=True)) == {
        "partialSuccess": {"errorMessage": "take care"}
    }


def test_status() -> None:
    status = Status.FromString(encode_status(3, "bad", as_json=False))

    assert (status.code, status.message) == (3, "bad")
    assert orjson.loads(encode_status(3, "bad", as_json=True)) == {"code": 3, "message": "bad"}
