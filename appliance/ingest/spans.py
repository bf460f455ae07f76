"""The door for spans of other protocols than OTLP: translated to OTLP, then through the usual one.

A translator makes an ExportTraceServiceRequest of a body. Such requests may be joined, which is one
request with all their spans: many small bodies become one append.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.base.tasks import run
from appliance.model.accepted import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.telemetry import Telemetry
    from appliance.ingest.traces import SpanDoor
    from appliance.model.accepted import Accepted, Reject
    from appliance.model.trace import SpanBatch

    Translate = Callable[[bytes], bytes]

#: What spans come in; every protocol has a series from the start.
PROTOCOLS = (
    *("zipkin_v2_json", "zipkin_v2_protobuf", "zipkin_v1_json", "zipkin_v1_thrift"),
    *("jaeger_thrift_http", "jaeger_thrift_udp", "jaeger_grpc"),
)
#: Services of a request that are told.
_ORIGINS = 16
#: Larger bodies are translated in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10


class TranslatedSpans:
    """Where spans of Zipkin and Jaeger senders enter."""

    def __init__(self, door: SpanDoor, telemetry: Telemetry) -> None:
        self._door = door
        self._spans = telemetry.counter(
            "appliance_ingest_translated_spans_total",
            "Spans that came in another protocol than OTLP.",
            ("protocol",),
        )
        for protocol in PROTOCOLS:
            self._spans.labels(protocol)

    async def accept(
        self, tenant: str, body: bytes, *, protocol: str, translate: Translate
    ) -> Accepted:
        """Store the spans of one body.

        Args:
            protocol: What it came in, one of `PROTOCOLS`.
            translate: Makes an ExportTraceServiceRequest of the body; called in a worker thread
                when the body is large.

        Returns:
            After the commit; spans without ids are refused with reasons.

        Raises:
            BadInput: The body cannot be read.
            LimitExceeded, Unavailable: The store cannot take it (now).
        """
        is_large = len(body) >= _OFFLOAD_FROM_BYTES
        batch, rejects = await run(_decode, body, translate, offloaded=is_large)
        accepted = await self._door.accept(tenant, batch, rejects)
        self._spans.labels(protocol).inc(accepted.count)
        named = [Origin(name) for name in batch.services[:_ORIGINS] if name]
        return accepted.made_by(tuple(named))


def _decode(body: bytes, translate: Translate) -> tuple[SpanBatch, list[Reject]]:
    from appliance.wire.otlp.traces import decode_traces  # noqa: PLC0415 - 80 ms of protobuf

    return decode_traces(translate(body))
