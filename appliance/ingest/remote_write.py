"""The door for remote write: series by their bytes on the wire, bad ones refused alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, Conflict
from appliance.base.tasks import run
from appliance.ingest.recent import RecentSamples
from appliance.model.sample import SampleBatch, is_histogram
from appliance.wire import snappy
from appliance.wire.remote.labels import show_labels
from appliance.wire.remote.symbols import SymbolNumbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.metrics import LabelLimits
    from appliance.model.labels import Labels
    from appliance.model.sources import KeyedAppender, MetadataKeeper
    from appliance.wire.remote.request import WriteRequest

#: Larger bodies are read in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10
#: Reasons that are told; the others are counted.
_SHOWN = 20
#: Samples further ahead are refused, as Prometheus does: they would outlast every retention.
_MAX_AHEAD_MS = 600_000


class Version(Enum):
    """Versions of remote write by the name of their message."""

    V1 = "prometheus.WriteRequest"
    V2 = "io.prometheus.write.v2.Request"


@dataclass(frozen=True, slots=True)
class Written:
    """What has become of a request.

    Attributes:
        samples, histograms, exemplars: Stored, durably.
        refused: Samples and histograms that were not stored.
        reasons: Why, each once, naming the series; some of them when there are many.
    """

    samples: int
    histograms: int
    exemplars: int
    refused: int = 0
    reasons: Sequence[str] = ()


class RemoteWriteDoor:
    """Where remote write requests enter."""

    def __init__(
        self,
        appender: KeyedAppender,
        limits: LabelLimits,
        telemetry: Telemetry,
        *,
        keeper: MetadataKeeper,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._appender = appender
        self._limits = limits
        self._keeper = keeper
        self._verified: set[bytes] = set()
        self._symbols = SymbolNumbers()
        self._recent = RecentSamples()
        self._rejected = telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        ).labels("metrics")

    async def accept(self, tenant: str, body: bytes, version: Version, *, limit: int) -> Written:
        """Store a request; samples of invalid series are refused, the others kept.

        Args:
            body: A raw snappy block.
            limit: The largest acceptable decompressed size, in bytes.

        Returns:
            After the commit.

        Raises:
            BadInput: Not such a message.
            TooLarge: Over the limit.
            LimitExceeded: Too many series.
            Unavailable: The store cannot take it now.
        """
        is_large = len(body) >= _OFFLOAD_FROM_BYTES
        latest_ms = self._clock.now_ms() + _MAX_AHEAD_MS

        def work() -> tuple[WriteRequest, Written, Future[None] | None]:
            request = _without_later(self._decode(body, version, limit), latest_ms)
            return request, *self._append(tenant, request)

        request, written, stored = await run(work, offloaded=is_large)
        if request.metadata:
            kept = self._keeper.set_metadata(tenant, request.metadata)
            if kept is not None:
                await asyncio.wrap_future(kept)
        try:
            if stored is not None:
                await asyncio.wrap_future(stored)
        except Conflict:  # retention forgot a series without data just then; now it has a new id
            written, stored = await run(self._append, tenant, request, offloaded=is_large)
            if stored is not None:
                await asyncio.wrap_future(stored)
        self._rejected.inc(written.refused)
        return written

    def _decode(self, body: bytes, version: Version, limit: int) -> WriteRequest:
        try:
            plain = snappy.decompress(body, limit=limit)
        except BadInput as error:
            raise BadInput(f"snappy: corrupt input: {error}") from error
        if version is Version.V2:
            from appliance.wire.remote import write_v2  # noqa: PLC0415 - when first used

            return write_v2.decode(plain, self._symbols)
        from appliance.wire.remote import write_v1  # noqa: PLC0415 - protobuf

        return write_v1.decode(plain, self._verified)

    def _append(self, tenant: str, request: WriteRequest) -> tuple[Written, Future[None] | None]:
        """Hand the valid part to the store; None when there is nothing."""
        reasons: dict[str, None] = {}

        def make_labels(row: int) -> Labels | None:
            try:
                return self._valid_labels(request, row)
            except BadInput as error:
                reasons[error.message] = None
                return None

        ids = self._appender.resolve_keys(tenant, request.keys, make_labels)
        written = self._tell(request, ids, reasons)
        if not (written.samples or written.histograms or written.exemplars):
            return written, None
        batch = SampleBatch(
            labels=(),
            series=request.series,
            timestamps_ms=request.timestamps_ms,
            values=request.values,
            histograms=request.histograms,
            starts_ms=request.starts_ms,
            exemplars=request.exemplars,
        )
        return written, self._appender.append_resolved(tenant, ids, batch)

    def _valid_labels(self, request: WriteRequest, row: int) -> Labels:
        labels = request.read_labels(request.keys[row])
        excess = self._limits.find_excess(labels)
        if excess is not None:
            raise BadInput(f"{excess}, for series {show_labels(labels)[:500]}")
        return labels

    def _tell(
        self, request: WriteRequest, ids: NDArray[np.int64], reasons: dict[str, None]
    ) -> Written:
        """What is stored and what is not."""
        owners, times, values = ids[request.series], request.timestamps_ms, request.values
        exemplars = request.exemplars
        if not ids.all():
            values, times, owners = values[owners != 0], times[owners != 0], owners[owners != 0]
            exemplars = [item for item in exemplars if ids[item[0]]]
        histograms = 0
        if len(request.histograms):
            boxed = is_histogram(values)
            histograms = int(boxed.sum())
            values, times, owners = values[~boxed], times[~boxed], owners[~boxed]
        told = [(row, reason) for row, reason in request.refused if ids[row]]
        conflicts = self._recent.find_conflicts(owners, times, values)
        if conflicts.any():
            bad = np.flatnonzero(np.isin(ids, owners[conflicts])).tolist()
            told += [(row, "duplicate sample for timestamp") for row in bad[: _SHOWN + 1]]
        for row, reason in told[: _SHOWN + 1]:
            labels = request.read_labels(request.keys[row])
            reasons[f"{reason} for series {show_labels(labels)[:500]}"] = None
        samples = len(values) - int(conflicts.sum())
        total = len(request.values) + len(request.refused)
        return Written(
            samples=samples,
            histograms=histograms,
            exemplars=len(exemplars),
            refused=total - samples - histograms,
            reasons=_shortened(list(reasons)),
        )


def _without_later(request: WriteRequest, latest_ms: int) -> WriteRequest:
    """The request with samples after `latest_ms` among the refused ones."""
    is_later = request.timestamps_ms > latest_ms
    if not is_later.any():
        return request
    rows, keep = request.series[is_later].tolist(), ~is_later
    return replace(
        request,
        series=request.series[keep],
        timestamps_ms=request.timestamps_ms[keep],
        values=request.values[keep],
        starts_ms=None if request.starts_ms is None else request.starts_ms[keep],
        refused=[*request.refused, *((row, "out of bounds") for row in rows)],
    )


def _shortened(reasons: list[str]) -> list[str]:
    more = len(reasons) - _SHOWN
    return [*reasons[:_SHOWN], f"and {more} more"] if more > 0 else reasons
