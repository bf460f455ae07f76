"""The door for pushed samples: validate, limit, append. Scrapes have their own way, `scrape/`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import Conflict
from appliance.base.tasks import run
from appliance.model.accepted import Accepted, Reject
from appliance.model.sample import SampleBatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.base.telemetry import Telemetry
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.model.sources import MetadataKeeper, MetricAppender

#: Batches of more series are looked through in a worker thread.
_LARGE = 1000
#: Label sets known to be valid; a repeated push costs one look-up per series.
_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class LabelLimits:
    """Bounds of one label set: how many labels, and bytes of a name and of a value."""

    labels: int = 64
    name_bytes: int = 1024
    value_bytes: int = 8192

    def find_excess(self, labels: Labels) -> str | None:
        """What is too much in a label set, with the setting's name; None when nothing is."""
        if len(labels) > self.labels:
            return f"{len(labels)} labels, limit {self.labels} (limits.labels_per_series)"
        for name, value in labels:
            if len(name.encode()) > self.name_bytes:
                limit = f"{self.name_bytes} (limits.label_name_bytes)"
                return f"label name {name[:60]!r}… is longer than {limit}"
            size = len(value.encode())
            if size > self.value_bytes:
                return (
                    f"value of label {name!r} has {size} bytes,"
                    f" limit {self.value_bytes} (limits.label_value_bytes)"
                )
        return None


class MetadataTable:
    """Type, unit and help per metric name, as last seen; bounded.

    Args:
        keeper: Keeps them over restarts; without one they are kept here.
        limit: Most metrics of a tenant without a keeper.
    """

    def __init__(self, keeper: MetadataKeeper | None = None, *, limit: int = 20_000) -> None:
        self._keeper = keeper
        self._limit = limit
        self._families: dict[str, dict[str, MetricMetadata]] = {}

    def update(self, tenant: str, families: Mapping[str, MetricMetadata]) -> None:
        """Take over what an exposition or a push says."""
        if self._keeper is not None:
            self._keeper.set_metadata(tenant, families)
            return
        known = self._families.setdefault(tenant, {})
        for name, metadata in families.items():
            if name in known or len(known) < self._limit:
                known[name] = metadata

    def families(self, tenant: str) -> Mapping[str, MetricMetadata]:
        """All metric families of a tenant."""
        if self._keeper is not None:
            return self._keeper.metadata(tenant)
        return self._families.get(tenant, {})


class MetricDoor:
    """Where pushed samples enter.

    Args:
        keeper: Of the metadata that come with them.
    """

    def __init__(
        self,
        appender: MetricAppender,
        limits: LabelLimits,
        telemetry: Telemetry,
        *,
        keeper: MetadataKeeper | None = None,
    ) -> None:
        self._appender = appender
        self._limits = limits
        self.metadata = MetadataTable(keeper)
        self._valid: set[Labels] = set()
        self._rejected = telemetry.counter(
            "appliance_ingest_rejected_total", "Items refused at the door.", ("signal",)
        ).labels("metrics")

    async def accept(
        self, tenant: str, batch: SampleBatch, metadata: Mapping[str, MetricMetadata] | None = None
    ) -> Accepted:
        """Store a batch; samples of invalid series are refused, the others kept.

        Returns:
            After the commit. `Reject.index` is the row in `batch.labels`.

        Raises:
            LimitExceeded: Too many series.
            Unavailable: The store cannot take it now.
        """
        if metadata:
            self.metadata.update(tenant, metadata)
        is_large = len(batch.labels) > _LARGE
        rejects, kept = await run(self._validate, batch, offloaded=is_large)
        refused = len(batch.values) - len(kept.values)
        if len(kept.values):
            await self._append(tenant, kept, is_large=is_large)
        self._rejected.inc(refused)
        return Accepted(len(kept.values), refused, tuple(rejects[:20]))

    async def _append(self, tenant: str, batch: SampleBatch, *, is_large: bool) -> None:
        append = self._appender.append
        try:
            await asyncio.wrap_future(await run(append, tenant, batch, offloaded=is_large))
        except Conflict:  # retention forgot a series without data just then; now it has a new id
            await asyncio.wrap_future(await run(append, tenant, batch, offloaded=is_large))

    def _validate(self, batch: SampleBatch) -> tuple[list[Reject], SampleBatch]:
        """What is refused, and the batch without it."""
        rejects = []
        for row, item in enumerate(batch.labels):
            if item in self._valid:
                continue
            excess = self._limits.find_excess(item)
            if excess is not None:
                rejects.append(Reject(row, f"series {item.get('__name__')!r}: {excess}"))
            else:
                self._remember(item)
        return rejects, _without(batch, {reject.index for reject in rejects}) if rejects else batch

    def _remember(self, labels: Labels) -> None:
        if len(self._valid) >= _REMEMBERED:
            self._valid.clear()
        self._valid.add(labels)


def _without(batch: SampleBatch, rows: set[int]) -> SampleBatch:
    """The batch less some series."""
    keep = np.array([row not in rows for row in range(len(batch.labels))], dtype=bool)
    number = np.cumsum(keep) - 1
    mask = keep[batch.series]
    return SampleBatch(
        labels=[labels for row, labels in enumerate(batch.labels) if keep[row]],
        series=number[batch.series[mask]],
        timestamps_ms=batch.timestamps_ms[mask],
        values=batch.values[mask],
        histograms=batch.histograms,
        starts_ms=None if batch.starts_ms is None else batch.starts_ms[mask],
        exemplars=[(int(number[row]), exemplar) for row, exemplar in batch.exemplars if keep[row]],
    )
