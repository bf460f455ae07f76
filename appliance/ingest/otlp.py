"""OTLP requests of all three signals: decode in a worker thread, then through the signal's door.

Shared by gRPC and HTTP, so that both accept, refuse and count alike.
"""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from appliance.base.tasks import offload
from appliance.ingest.delta import DeltaSums
from appliance.ingest.last_values import LastValues
from appliance.model.accepted import Accepted

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.metrics import MetricDoor
    from appliance.ingest.traces import SpanDoor
    from appliance.model.accepted import Reject
    from appliance.wire.otlp.translation import Translation

T = TypeVar("T")
#: Smaller bodies are decoded at once: handing them to a thread would cost more.
_OFFLOAD_FROM_BYTES = 16 << 10


class Signal(Enum):
    """The three signals, by the name that paths carry."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


class OtlpDoor:
    """Where Export…ServiceRequest messages enter.

    Args:
        translation: How metrics become series.
        shared_bytes: See `decode_logs`.
    """

    def __init__(
        self,
        *,
        metrics: MetricDoor,
        logs: LogDoor,
        traces: SpanDoor,
        clock: Clock,
        translation: Callable[[], Translation],
        shared_bytes: int = 64 << 20,
    ) -> None:
        self._metrics = metrics
        self._logs = logs
        self._traces = traces
        self._clock = clock
        self._shared_bytes = shared_bytes
        self._translation = translation
        self._deltas = DeltaSums(clock)
        self._values: LastValues | None = None

    def show_values(self) -> LastValues:
        """The last values of metrics, which are remembered from now on."""
        if self._values is None:
            self._values = LastValues(self._clock)
        return self._values

    async def accept(
        self,
        signal: Signal,
        tenant: str,
        body: bytes,
        *,
        is_json: bool = False,
        source: str = "",
    ) -> Accepted:
        """Store one request.

        Args:
            source: Who sends it, for people.

        Returns:
            After the commit; refused items carry reasons (partial success).

        Raises:
            BadInput: The body is not such a request.
            LimitExceeded, Unavailable: The store cannot take it (now).
        """
        from appliance.wire.otlp.origins import origins_of  # noqa: PLC0415 - with the first request

        if is_json:
            body = await _call(_json_decoder(signal), body)
        if signal is Signal.LOGS:
            accepted = await self._accept_logs(tenant, body, source)
        elif signal is Signal.TRACES:
            accepted = await self._accept_traces(tenant, body)
        else:
            accepted = await self._accept_metrics(tenant, body)
        return accepted.made_by(origins_of(body))

    async def _accept_traces(self, tenant: str, body: bytes) -> Accepted:
        from appliance.wire.otlp.traces import decode_traces  # noqa: PLC0415 - 80 ms of protobuf

        batch, rejects = await _call(decode_traces, body)
        return await self._traces.accept(tenant, batch, rejects)

    async def _accept_logs(self, tenant: str, body: bytes, source: str) -> Accepted:
        from appliance.wire.otlp.logs import decode_logs  # noqa: PLC0415 - see above

        decode = partial(decode_logs, now_ns=self._clock.now_ns(), shared_bytes=self._shared_bytes)
        streams, rejects = await _call(decode, body)
        accepted = await self._logs.accept(tenant, streams, source=source)
        return _joined(accepted, rejects)

    async def _accept_metrics(self, tenant: str, body: bytes) -> Accepted:
        from appliance.wire.otlp.metrics import decode_metrics  # noqa: PLC0415 - see above

        translation = self._translation()
        with self._deltas.request(tenant) as deltas:
            decode = partial(decode_metrics, translation=translation, accumulator=deltas)
            batch, metadata, rejects = await _call(decode, body)
            accepted = _joined(await self._metrics.accept(tenant, batch, metadata), rejects)
        if self._values is not None:
            self._values.note(batch, metadata)
        return accepted


def _json_decoder(signal: Signal) -> Callable[[bytes], bytes]:
    from appliance.wire.otlp import json  # noqa: PLC0415 - see above

    decoders: dict[Signal, Callable[[bytes], bytes]] = {
        Signal.TRACES: json.traces_from_json,
        Signal.LOGS: json.logs_from_json,
        Signal.METRICS: json.metrics_from_json,
    }
    return decoders[signal]


async def _call(function: Callable[[bytes], T], body: bytes) -> T:
    """Call a decoder, in a worker thread when the body is large."""
    if len(body) < _OFFLOAD_FROM_BYTES:
        return function(body)
    return await offload(function, body)


def _joined(accepted: Accepted, rejects: list[Reject]) -> Accepted:
    """What the door refused and what the decoder had refused before."""
    return Accepted(
        accepted.count,
        accepted.rejected_count + len(rejects),
        (*rejects, *accepted.rejected)[:20],
    )
