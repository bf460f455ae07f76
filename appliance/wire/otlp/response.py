"""Answers to OTLP requests: export responses, and google.rpc.Status for errors over HTTP."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

Signal = Literal["traces", "metrics", "logs"]

_RESPONSES: dict[Signal, tuple[Any, str, str]] = {
    "traces": (ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
    "metrics": (ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
    "logs": (ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
}


def encode_response(signal: Signal, rejected: int, message: str, *, as_json: bool) -> bytes:
    """An export response; `partial_success` is set only when there is something to say.

    Args:
        signal: Which service answers.
        rejected: Items refused.
        message: Why, or a warning when nothing was refused.
        as_json: OTLP/JSON instead of protobuf.
    """
    response_type, field, json_field = _RESPONSES[signal]
    if as_json:
        partial: dict[str, str] = {}
        if rejected:
            partial[json_field] = str(rejected)
        if message:
            partial["errorMessage"] = message
        return orjson.dumps({"partialSuccess": partial} if partial else {})
    response = response_type()
    if rejected or message:
        setattr(response.partial_success, field, rejected)
        response.partial_success.error_message = message
    encoded: bytes = response.SerializeToString()
    return encoded


def encode_status(code: int, message: str, *, as_json: bool) -> bytes:
    """A google.rpc.Status: the body of an error over HTTP (OTLP specification, "Failures").

    Args:
        code: A gRPC status code, such as 3 for INVALID_ARGUMENT.
    """
    if as_json:
        return orjson.dumps({"code": code, "message": message})
    encoded: bytes = Status(code=code, message=message).SerializeToString()
    return encoded
