"""Datagrams with spans."""

from __future__ import annotations

from appliance.api.ports import open_udp_socket
from appliance.api.udp import UdpReceiver
from appliance.ingest.span_packets import SpanPackets
from tests.api.receiving import Appender, door
from tests.api.serving import http_deps
from tests.thrift_writing import compact_call, emitted, span

NAME = "jaeger_thrift_udp"


async def test_packets_are_handed_on_and_the_lost_ones_shown() -> None:
    common, appender = http_deps(), Appender()
    packets = SpanPackets(
        lambda: door(appender), common.clock, common.telemetry, tenant="anonymous"
    )
    with open_udp_socket(NAME, "127.0.0.1", 0) as opened:
        receiver = UdpReceiver(NAME, common, packets, opened)
        receiver.datagram_received(compact_call("emitBatch", emitted(span())), ("127.0.0.1", 1))
        await packets.stop()
        assert appender.names() == ["GET /"]
        told = common.telemetry.expose().decode()
        assert 'appliance_udp_lost_packets{listener="jaeger_thrift_udp"} 0.0' in told
    told = common.telemetry.expose().decode()  # the socket is closed
    assert 'appliance_udp_lost_packets{listener="jaeger_thrift_udp"} 0.0' in told
