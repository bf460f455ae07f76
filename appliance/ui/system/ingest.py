"""`/ingest`: who sends what, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.ingest.senders import Sender, Senders

#: Senders of a page.
MOST = 200
SIGNALS = ("metrics", "logs", "traces")
UNITS = {"metrics": "samples", "logs": "lines", "traces": "spans"}
#: Who has been silent for longer is said to be quiet.
QUIET_MS = 300_000
_PROTOCOLS = {
    "otlp_http": "OTLP HTTP",
    "otlp_grpc": "OTLP gRPC",
    "loki": "Loki push",
    "loki_push_api": "promtail push",
    "remote_write_v1": "Remote write 1",
    "remote_write_v2": "Remote write 2",
    "pushgateway": "Pushgateway",
    "zipkin_v1_json": "Zipkin 1 JSON",
    "zipkin_v1_thrift": "Zipkin 1 Thrift",
    "zipkin_v2_json": "Zipkin 2 JSON",
    "zipkin_v2_protobuf": "Zipkin 2 protobuf",
    "jaeger_grpc": "Jaeger gRPC",
    "jaeger_thrift_http": "Jaeger Thrift HTTP",
    "jaeger_thrift_udp": "Jaeger Thrift UDP",
    "jaeger_thrift_binary_udp": "Jaeger binary UDP",
    "jaeger_agent_zipkin_udp": "Zipkin Thrift UDP",
}


@dataclass(frozen=True, slots=True)
class SenderFilter:
    """Which senders; empty parts take all.

    Attributes:
        signal: One of `SIGNALS`.
        refused: Only those of whom something was refused.
        text: In what is known of a sender; the case does not matter.
    """

    signal: str = ""
    refused: bool = False
    text: str = ""

    def takes(self, sender: Sender) -> bool:
        """Whether a sender is wanted."""
        key = sender.key
        if self.signal not in {"", key.signal}:
            return False
        if self.refused and not (sender.rejected or sender.failures):
            return False
        known = (*key, *sender.services, *sender.reasons)
        return not self.text or any(self.text.lower() in one.lower() for one in known)


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Why something was refused, how often, and how long ago last."""

    text: str
    count: int
    ago_ms: int


@dataclass(frozen=True, slots=True)
class SenderRow:
    """A sender.

    Attributes:
        name: Its service, or the first ones of several.
        more_services: How many services the name leaves out.
        unit: What is counted.
        state: `refused` (of the last request something was), `quiet` or `sending`.
    """

    name: str
    services: tuple[str, ...]
    more_services: int
    signal: str
    protocol: str
    tenant: str
    remote: str
    agent: str
    sdk: str
    unit: str
    requests: int
    failures: int
    items: int
    rejected: int
    size_bytes: int
    ago_ms: int
    state: str
    reasons: tuple[ReasonRow, ...]


@dataclass(frozen=True, slots=True)
class SignalTotal:
    """All senders of a signal together."""

    signal: str
    unit: str
    senders: int
    items: int
    size_bytes: int
    rejected: int
    failures: int


@dataclass(frozen=True, slots=True)
class IngestPage:
    """What the page shows.

    Attributes:
        rows: Those that sent last first.
        matching, total: Senders that the filter takes, and all.
        forgotten: Senders that gave way to others since the start.
    """

    totals: tuple[SignalTotal, ...]
    rows: tuple[SenderRow, ...]
    matching: int
    total: int
    forgotten: int
    has_tenants: bool


def ingest_page(senders: Senders, wanted: SenderFilter, now_ms: int) -> IngestPage:
    """The page for a filter; at most `MOST` senders."""
    every = senders.rows()
    taken = [sender for sender in every if wanted.takes(sender)]
    return IngestPage(
        totals=tuple(_total(signal, every) for signal in SIGNALS),
        rows=tuple(sender_row(sender, now_ms) for sender in taken[:MOST]),
        matching=len(taken),
        total=len(every),
        forgotten=senders.forgotten,
        has_tenants=len({sender.key.tenant for sender in every}) > 1,
    )


def sender_row(sender: Sender, now_ms: int) -> SenderRow:
    """A sender as it is shown."""
    key = sender.key
    services = (key.service,) if key.service else tuple(sender.services)
    reasons = sorted(sender.reasons.values(), key=lambda reason: -reason.last_ms)
    ago = max(0, now_ms - sender.last_ms)
    if reasons and reasons[0].last_ms >= sender.last_ms:
        state = "refused"
    else:
        state = "quiet" if ago > QUIET_MS else "sending"
    return SenderRow(
        name=", ".join(services[:2]),
        services=services,
        more_services=max(0, len(services) - 2),
        signal=key.signal,
        protocol=_PROTOCOLS.get(key.protocol, key.protocol),
        tenant=key.tenant,
        remote=key.remote,
        agent=key.agent,
        sdk=key.sdk,
        unit=UNITS.get(key.signal, "items"),
        requests=sender.requests,
        failures=sender.failures,
        items=sender.items,
        rejected=sender.rejected,
        size_bytes=sender.size_bytes,
        ago_ms=ago,
        state=state,
        reasons=tuple(
            ReasonRow(one.text, one.count, max(0, now_ms - one.last_ms)) for one in reasons
        ),
    )


def _total(signal: str, senders: Iterable[Sender]) -> SignalTotal:
    found = [sender for sender in senders if sender.key.signal == signal]
    return SignalTotal(
        signal=signal,
        unit=UNITS[signal],
        senders=len(found),
        items=sum(sender.items for sender in found),
        size_bytes=sum(sender.size_bytes for sender in found),
        rejected=sum(sender.rejected for sender in found),
        failures=sum(sender.failures for sender in found),
    )
