"""Senders that remember what was acknowledged: one numbered item per request."""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.parse
from collections.abc import Callable

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from appliance.testing import Appliance

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
#: Numbers sent by one round of one sender; rounds do not overlap.
ROUND = 1_000_000
FIRST_SAMPLE_MS = 1_700_000_000_000
#: Requests over which a long trace is spread.
LONG_TRACE = 16
#: About when its spans start.
LONG_TRACE_NS = 1_700_000_000 * 10**9


class Sender(threading.Thread):
    """Sends numbered items over one connection until the server is gone.

    Attributes:
        began: Set when something was acknowledged.
    """

    def __init__(
        self, url: str, encode: Callable[[int], bytes], headers: dict[str, str], first: int
    ) -> None:
        super().__init__()
        self._url = urllib.parse.urlsplit(url)
        self._encode = encode
        self._headers = headers
        self._next = first
        self.acknowledged: list[int] = []
        self.began = threading.Event()

    def run(self) -> None:
        """One request after the other; an error of the connection ends it."""
        connection = http.client.HTTPConnection(self._url.netloc, timeout=10)
        try:
            while True:
                body = self._encode(self._next)
                connection.request("POST", self._url.path, body, self._headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status not in {200, 204}:
                    return
                self.acknowledged.append(self._next)
                self.began.set()
                self._next += 1
        except (OSError, http.client.HTTPException):
            return
        finally:
            connection.close()


class GrpcSender(Sender):
    """The same over gRPC."""

    METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

    def __init__(self, address: str, encode: Callable[[int], bytes], first: int) -> None:
        super().__init__("", encode, {}, first)
        self._address = address

    def run(self) -> None:
        """One call after the other; an error ends it."""
        with grpc.insecure_channel(self._address) as channel:
            export = channel.unary_unary(self.METHOD)
            try:
                while True:
                    export(self._encode(self._next), timeout=10)
                    self.acknowledged.append(self._next)
                    self.began.set()
                    self._next += 1
            except grpc.RpcError:
                return


def log_body(number: int) -> bytes:
    """A push of one line that is the number."""
    values = [[str(time.time_ns()), str(number)]]
    return json.dumps({"streams": [{"stream": {"app": "fault"}, "values": values}]}).encode()


def span_body(number: int) -> bytes:
    """A trace of one span; its id is the number."""
    message = ExportTraceServiceRequest()
    span = message.resource_spans.add().scope_spans.add().spans.add(name="op")
    span.trace_id = (number + 1).to_bytes(16, "big")
    span.span_id = (number + 1).to_bytes(8, "big")
    span.start_time_unix_nano = time.time_ns()
    span.end_time_unix_nano = span.start_time_unix_nano + 1
    return bytes(message.SerializeToString())


def long_trace_id(number: int) -> int:
    """The trace of a span that is one of several."""
    return (1 << 124) + number // LONG_TRACE


def long_trace_body(number: int) -> bytes:
    """A span of a trace that comes in `LONG_TRACE` requests, the latest first."""
    message = ExportTraceServiceRequest()
    span = message.resource_spans.add().scope_spans.add().spans.add(name="op")
    span.trace_id = long_trace_id(number).to_bytes(16, "big")
    span.span_id = (number + 1).to_bytes(8, "big")
    span.start_time_unix_nano = LONG_TRACE_NS - number
    span.end_time_unix_nano = span.start_time_unix_nano + 1
    return bytes(message.SerializeToString())


def metric_body(number: int) -> bytes:
    """A gauge whose value is the number."""
    message = ExportMetricsServiceRequest()
    metric = message.resource_metrics.add().scope_metrics.add().metrics.add(name="fault")
    at_ms = FIRST_SAMPLE_MS + number  # each at a time of its own: equal times are one sample
    metric.gauge.data_points.add(time_unix_nano=at_ms * 1_000_000, as_int=number)
    return bytes(message.SerializeToString())


def start_senders(server: Appliance, first: int) -> dict[str, Sender]:
    """Four senders: one per signal, and one more for spans."""
    otlp, loki = server.urls["otlp_http"], server.urls["loki"]
    senders = {
        "logs": Sender(loki + "/loki/api/v1/push", log_body, JSON, first),
        "traces": Sender(otlp + "/v1/traces", span_body, PROTOBUF, first),
        "long traces": GrpcSender(server.urls["otlp_grpc"], long_trace_body, first),
        "metrics": Sender(otlp + "/v1/metrics", metric_body, PROTOBUF, first),
    }
    for sender in senders.values():
        sender.start()
    return senders
