"""Calls of Jaeger's agent in UDP packets: emitBatch and emitZipkinBatch (agent.thrift).

Any port takes both calls in both protocols: the first byte tells which one it is.
"""

from __future__ import annotations

from appliance.base.errors import BadInput
from appliance.wire.jaeger_thrift.batch import add_batch
from appliance.wire.span_request import SpanRequest
from appliance.wire.thrift import read_message
from appliance.wire.thrift_fields import structs
from appliance.wire.zipkin.otlp import plain_span
from appliance.wire.zipkin.v1 import thrift_span


def packet_to_otlp(packet: bytes, *, now_ns: int) -> bytes:
    """An ExportTraceServiceRequest of a packet.

    Args:
        now_ns: The time of Zipkin spans that have none.

    Raises:
        BadInput: It is no such call.
    """
    message = read_message(packet)
    request = SpanRequest()
    if message.name == "emitBatch":
        batch = message.arguments.get(1)
        if not isinstance(batch, dict):
            raise BadInput("emitBatch without a batch")
        add_batch(request, batch)
    elif message.name == "emitZipkinBatch":
        for fields in structs(message.arguments, 1):
            request.add(plain_span(thrift_span(fields), now_ns=now_ns))
    else:
        raise BadInput(f"there is no method {message.name[:100]!r} here, only emitBatch")
    return request.encode()
