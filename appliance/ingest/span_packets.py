"""Spans in UDP packets, as Jaeger's agent takes them: queued, decoded in groups, stored.

Nobody waits for an answer, so what cannot be stored is counted, and told in the log from time to
time. Packets carry neither tenant nor token; they belong to the usual tenant.

Invariant: at most `max_bytes` of packets wait; one that comes then is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from appliance.base.errors import ApplianceError, BadInput
from appliance.base.tasks import offload, spawn
from appliance.ingest.senders import SenderKey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.senders import Senders
    from appliance.ingest.spans import TranslatedSpans
    from appliance.model.accepted import Accepted

_log = logging.getLogger(__name__)
#: Packets of one append.
_GROUP_BYTES = 1 << 20
#: How often a listener's losses are told in the log.
_TELL_SECONDS = 60.0


_REASONS = ("queue", "invalid", "store")


class _Packet(NamedTuple):
    """A packet that waits."""

    listener: str
    data: bytes
    remote: str


class SpanPackets:
    """A component; `take` is called by the listeners' sockets.

    Args:
        door: Where the spans go.
        tenant: Whose they are.
        max_bytes: Of packets that wait.
        senders: Told who sends.
    """

    name = "span_packets"

    def __init__(
        self,
        door: Callable[[], TranslatedSpans],
        clock: Clock,
        telemetry: Telemetry,
        *,
        tenant: str,
        max_bytes: int = 64 << 20,
        senders: Senders | None = None,
    ) -> None:
        self._door = door
        self._clock = clock
        self._tenant = tenant
        self._max_bytes = max_bytes
        self._senders = senders
        self._waiting: deque[_Packet] = deque()
        self._waiting_bytes = 0
        self._came = asyncio.Event()
        self._storing: asyncio.Task[None] | None = None
        self._told: dict[str, float] = {}
        self._packets = telemetry.counter(
            "appliance_udp_packets_total", "Packets with spans.", ("listener",)
        )
        self._dropped = telemetry.counter(
            "appliance_udp_dropped_packets_total",
            f"Packets that were not stored, by reason: {', '.join(_REASONS)}.",
            ("listener", "reason"),
        )

    def expect(self, listener: str) -> None:
        """Show a listener in the metrics before its first packet."""
        self._packets.labels(listener)
        for reason in _REASONS:
            self._dropped.labels(listener, reason)

    def take(self, listener: str, packet: bytes, *, remote: str = "") -> None:
        """Queue a packet, or drop it when too much waits.

        Args:
            remote: Who sent it.
        """
        self._packets.labels(listener).inc()
        if self._waiting_bytes + len(packet) > self._max_bytes:
            self._drop(listener, "queue", f"more than {self._max_bytes} bytes of packets wait")
            return
        self._waiting.append(_Packet(listener, packet, remote))
        self._waiting_bytes += len(packet)
        self._came.set()

    async def start(self) -> None:
        """Nothing: the first packet starts the work."""

    async def run(self) -> None:
        """Store what comes, all that waits at a time."""
        while True:
            await self._came.wait()
            self._came.clear()
            while self._waiting:
                # A task of its own, because a stop cancels this one while packets are in between.
                self._storing = spawn(self._store(self._group()), name="store packets")
                await asyncio.shield(self._storing)

    async def stop(self) -> None:
        """Store what waits."""
        if self._storing is not None:
            await asyncio.wait([self._storing])
        while self._waiting:
            await self._store(self._group())

    def _group(self) -> list[_Packet]:
        """The packets that have waited longest."""
        found: list[_Packet] = []
        size = 0
        while self._waiting and (not found or size + len(self._waiting[0].data) <= _GROUP_BYTES):
            found.append(self._waiting.popleft())
            size += len(found[-1].data)
        self._waiting_bytes -= size
        return found

    async def _store(self, group: list[_Packet]) -> None:
        requests, refused = await offload(_translate, group, self._clock.now_ns())
        for listener, reason in refused:
            self._drop(listener, "invalid", reason)
        if not requests:
            return
        joined = b"".join(requests.values())
        try:
            accepted = await self._door().accept(
                self._tenant, joined, protocol="jaeger_thrift_udp", translate=bytes
            )
        except ApplianceError as error:
            for index in requests:
                self._drop(group[index].listener, "store", error.message)
            return
        self._tell_of(group, accepted)

    def _tell_of(self, group: Sequence[_Packet], accepted: Accepted) -> None:
        """Take down who sent a group; several at a time have no address."""
        if self._senders is None:
            return
        remotes = {packet.remote for packet in group}
        remote = group[0].remote if len(remotes) == 1 else ""
        self._senders.note(
            SenderKey("traces", group[0].listener, self._tenant, remote, ""),
            self._clock.now_ms(),
            items=accepted.count,
            rejected=accepted.rejected_count,
            size_bytes=sum(len(packet.data) for packet in group),
            origins=accepted.origins,
        )

    def _drop(self, listener: str, reason: str, message: str) -> None:
        self._dropped.labels(listener, reason).inc()
        now = self._clock.monotonic()
        key = f"{listener} {reason}"
        if now - self._told.get(key, -_TELL_SECONDS) >= _TELL_SECONDS:
            self._told[key] = now
            _log.warning("%s: a packet of spans was dropped: %s", listener, message)


def _translate(group: list[_Packet], now_ns: int) -> tuple[dict[int, bytes], list[tuple[str, str]]]:
    """Requests by the index of their packet, and listener and reason of what cannot be read."""
    from appliance.wire.jaeger_thrift.agent import packet_to_otlp  # noqa: PLC0415 - protobuf

    requests, refused = {}, []
    for index, packet in enumerate(group):
        try:
            requests[index] = packet_to_otlp(packet.data, now_ns=now_ns)
        except BadInput as error:
            refused.append((packet.listener, error.message))
    return requests, refused
