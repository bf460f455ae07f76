"""The door for remote write: series by their bytes on the wire, bad ones refused alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput, Conflict
from appliance.base.tasks import run
from appliance.model.sample import SampleBatch, is_histogram
from appliance.wire import snappy
from appliance.wire.remote.labels import show_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.base.telemetry import Telemetry
    from appliance.ingest.metrics import LabelLimits, MetadataTable
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender
    from appliance.wire.remote.request import WriteRequest

#: Larger bodies are read in a worker thread.
_OFFLOAD_FROM_BYTES = 16 << 10
_REMEMBERED = 200_000
#: Reasons that are told; the others are counted.
_SHOWN = 20


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
        appender: MetricAppender,
        limits: LabelLimits,
        metadata: MetadataTable,
        telemetry: Telemetry,
    ) -> None:
        self._appender = appender
        self._limits = limits
        self._metadata = metadata
        self._verified: set[bytes] = set()
        self._labels: dict[bytes, Labels] = {}
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
        request = await run(self._decode, body, version, limit, offloaded=is_large)
        batch, written = await run(self._check, request, offloaded=is_large)
        if request.metadata:
            self._metadata.update(tenant, request.metadata)
        if len(batch.values) or batch.exemplars:
            await self._append(tenant, batch, is_large=is_large)
        self._rejected.inc(written.refused)
        return written

    def _decode(self, body: bytes, version: Version, limit: int) -> WriteRequest:
        try:
            plain = snappy.decompress(body, limit=limit)
        except BadInput as error:
            raise BadInput(f"snappy: corrupt input: {error}") from error
        if version is Version.V2:
            from appliance.wire.remote import write_v2  # noqa: PLC0415 - when first used

            return write_v2.decode(plain)
        from appliance.wire.remote import write_v1  # noqa: PLC0415 - protobuf

        return write_v1.decode(plain, self._verified)

    async def _append(self, tenant: str, batch: SampleBatch, *, is_large: bool) -> None:
        append = self._appender.append
        try:
            await asyncio.wrap_future(await run(append, tenant, batch, offloaded=is_large))
        except Conflict:  # retention forgot a series without data just then; now it has a new id
            await asyncio.wrap_future(await run(append, tenant, batch, offloaded=is_large))

    def _check(self, request: WriteRequest) -> tuple[SampleBatch, Written]:
        """The valid part of a request, and what is not."""
        reasons: dict[str, None] = {}
        found = [self._labels.get(key) for key in request.keys]
        bad: set[int] = set()
        for row, known in enumerate(found):
            if known is None:
                try:
                    found[row] = self._learn(request, request.keys[row])
                except BadInput as error:
                    reasons[error.message] = None
                    bad.add(row)
        kept = _without(request, found, bad)
        for row, reason in request.refused:
            labels = found[row]
            if labels is not None:
                reasons[f"{reason} for series {show_labels(labels)}"] = None
        histograms = int(is_histogram(kept.values).sum())
        refused = len(request.values) - len(kept.values) + len(request.refused)
        samples = len(kept.values) - histograms
        shown = list(reasons)[:_SHOWN]
        if len(reasons) > _SHOWN:
            shown.append(f"and {len(reasons) - _SHOWN} more")
        return kept, Written(samples, histograms, len(kept.exemplars), refused, shown)

    def _learn(self, request: WriteRequest, key: bytes) -> Labels:
        labels = request.read_labels(key)
        excess = self._limits.find_excess(labels)
        if excess is not None:
            raise BadInput(f"{excess}, series {show_labels(labels)[:500]}")
        if len(self._labels) >= _REMEMBERED:
            self._labels.clear()
        self._labels[key] = labels
        return labels


def _without(request: WriteRequest, labels: Sequence[Labels | None], bad: set[int]) -> SampleBatch:
    """The request as a batch, less some rows."""
    mask: NDArray[np.bool_] | slice = slice(None)
    rows = request.series
    if bad:
        keep = np.array([row not in bad for row in range(len(labels))], dtype=bool)
        mask = keep[rows]
        rows = (np.cumsum(keep) - 1)[rows[mask]]
        numbers = np.cumsum(keep) - 1
        exemplars = [(int(numbers[row]), item) for row, item in request.exemplars if keep[row]]
    else:
        exemplars = list(request.exemplars)
    return SampleBatch(
        labels=[item for item in labels if item is not None],
        series=rows,
        timestamps_ms=request.timestamps_ms[mask],
        values=request.values[mask],
        histograms=request.histograms,
        starts_ms=None if request.starts_ms is None else request.starts_ms[mask],
        exemplars=exemplars,
    )
