"""Senders of Zipkin and Jaeger spans against a real server; their traces are read back."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import grpc

from appliance.testing import Appliance
from appliance.wire.messages.jaeger_collector_pb2 import PostSpansRequest
from tests.reading import call, trace_spans
from tests.thrift_writing import (
    batch,
    binary,
    binary_call,
    compact_call,
    emitted,
    fields,
    i64,
    listed,
    span,
    text,
)

#: What opentelemetry-exporter-jaeger-thrift 1.21 sends.
PACKET = Path(__file__).parents[1] / "wire" / "jaeger_thrift" / "exporter_1_21.packet"
PACKET_TRACE = "ecb22b4e8805336f87e073ebf0984910"


def until(look: Callable[[], Any]) -> Any:
    """What a look gives as soon as it gives something."""
    for _ in range(500):
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("nothing came")


def send_udp(server: Appliance, listener: str, *packets: bytes) -> None:
    host, port = server.urls[listener].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, (host, int(port)))


def names(server: Appliance, trace_id: str) -> list[str]:
    return sorted(span["name"] for span in trace_spans(server, trace_id))


def test_the_zipkin_exporter_of_opentelemetry(server: Appliance) -> None:
    from opentelemetry.exporter.zipkin.json import ZipkinExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.trace import SpanKind, Status, StatusCode

    exporter = ZipkinExporter(endpoint=server.urls["zipkin"] + "/api/v2/spans")
    provider = TracerProvider(resource=Resource.create({"service.name": "zipkin-sender"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("lib", "1.2")
    with (
        tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent,
        tracer.start_as_current_span("child") as child,
    ):
        child.add_event("retry", {"n": 2})
        child.set_status(Status(StatusCode.ERROR, "boom"))
    provider.shutdown()

    trace_id = f"{parent.get_span_context().trace_id:032x}"
    found = {span["name"]: span for span in trace_spans(server, trace_id)}
    assert found["parent"]["kind"] == "SPAN_KIND_SERVER"
    assert found["child"]["parentSpanId"] == found["parent"]["spanId"]
    assert found["child"]["status"] == {"code": "STATUS_CODE_ERROR", "message": "boom"}
    assert found["child"]["events"][0]["name"] == "retry"
    _, body = call(server.urls["tempo"] + f"/api/traces/{trace_id}")
    assert b"zipkin-sender" in body
    assert b'"scope":{"name":"lib","version":"1.2"}' in body


def test_the_old_exporter_for_jaegers_agent(server: Appliance) -> None:
    send_udp(server, "jaeger_thrift_udp", PACKET.read_bytes())
    assert until(lambda: names(server, PACKET_TRACE)) == ["child", "parent"]


def test_every_listener_for_spans(server: Appliance) -> None:
    def own(number: int) -> tuple[str, dict[str, Any]]:
        return f"{number:032x}", {"f1": i64(number), "f2": i64(0)}

    trace_id, ids = own(1)
    send_udp(server, "jaeger_thrift_binary_udp", binary_call("emitBatch", emitted(span(**ids))))
    assert until(partial(names, server, trace_id)) == ["GET /"]
    trace_id, ids = own(2)
    headers = {"Content-Type": "application/x-thrift"}
    url = server.urls["jaeger_thrift_http"] + "/api/traces?format=jaeger.thrift"
    assert call(url, binary(batch(span(**ids))), headers=headers)[0] == 202
    assert names(server, trace_id) == ["GET /"]
    zipkin = fields({1: i64(3), 3: text("old"), 4: i64(1)})
    packet = compact_call("emitZipkinBatch", fields({1: listed(zipkin)}))
    send_udp(server, "jaeger_agent_zipkin_udp", packet)
    assert until(lambda: names(server, f"{3:032x}")) == ["old"]


def test_jaegers_agents_over_grpc(server: Appliance) -> None:
    request = PostSpansRequest()
    request.batch.process.service_name = "agent"
    ids = {"trace_id": b"\7" * 16, "span_id": b"\7" * 8}
    request.batch.spans.add(operation_name="op", start_time={"seconds": 1_700_000_000}, **ids)
    with grpc.insecure_channel(server.urls["jaeger_grpc"]) as channel:
        post = channel.unary_unary(
            "/jaeger.api_v2.CollectorService/PostSpans",
            request_serializer=None,
            response_deserializer=None,
        )
        assert post(request.SerializeToString(), timeout=10) == b""
    assert names(server, "07" * 16) == ["op"]


def test_packets_that_were_read_are_there_after_a_stop(tmp_path: Path) -> None:
    listeners = ["tempo", "jaeger_thrift_udp"]
    count = 200
    with Appliance(tmp_path / "data", only=listeners) as server:
        packets = [
            compact_call("emitBatch", emitted(span(f3=i64(number + 1)))) for number in range(count)
        ]
        send_udp(server, "jaeger_thrift_udp", *packets)
        pattern = rb'appliance_udp_packets_total\{listener="jaeger_thrift_udp"\} 200'
        until(lambda: re.search(pattern, call(server.urls["tempo"] + "/metrics")[1]))
        assert server.stop() == 0
    with Appliance(tmp_path / "data", only=listeners) as server:
        assert len(trace_spans(server, f"{1:016x}{2:016x}")) == count
