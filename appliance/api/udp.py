"""Datagrams with spans: taken off their sockets, handed on, the lost ones counted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from appliance.api.ports import lost_datagrams

if TYPE_CHECKING:
    import socket

    from appliance.api.http import HttpDeps
    from appliance.ingest.span_packets import SpanPackets


class UdpReceiver(asyncio.DatagramProtocol):
    """Takes the datagrams of one socket.

    Args:
        name: The listener's.
        opened: The socket, to ask the system what it lost.
    """

    def __init__(
        self, name: str, common: HttpDeps, packets: SpanPackets, opened: socket.socket
    ) -> None:
        self._name = name
        self._packets = packets
        packets.expect(name)
        common.telemetry.gauge(
            "appliance_udp_lost_packets",
            "Packets the system threw away because they came faster than they were read.",
            ("listener",),
        ).labels(name).set_function(lambda: float(lost_datagrams(opened)))

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Hand on one packet."""
        self._packets.take(self._name, data, remote=address[0])
