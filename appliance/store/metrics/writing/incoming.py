"""Samples on their way into the file and the head: made fit outside the writer thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_absent
from appliance.store.metrics.head.loose import LooseBatch
from appliance.store.metrics.histogram_pool import normalised, size_of
from appliance.store.metrics.writing import inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.model.sample import ColumnExtras, SampleBatch

#: Bytes a queued sample and an exemplar take, roughly.
_SAMPLE_BYTES, _EXEMPLAR_BYTES = 24, 400


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """Samples, and what comes with them.

    Attributes:
        ids, times: int64[sample].
        values: float64[sample], ABSENT where a scrape has no sample.
        histograms: What boxed values refer to.
        packed: Values and histograms for the inbox.
        starts_ms: int64[sample], 0 for unknown; None when all are.
        exemplars: (series id, exemplar).
    """

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram]
    packed: inbox.PackedValues
    starts_ms: NDArray[np.int64] | None
    exemplars: Sequence[tuple[int, Exemplar]]

    @property
    def size_bytes(self) -> int:
        """Memory it takes in the queue, roughly."""
        size = _SAMPLE_BYTES * len(self.ids) + _EXEMPLAR_BYTES * len(self.exemplars)
        return size + size_of(self.histograms)

    def loose(self) -> LooseBatch:
        """The samples as the log of loose samples takes them."""
        return LooseBatch(self.ids, self.times, self.values, self.histograms)

    def present_starts(
        self,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None]:
        """ids, times and start times (None: all unknown) of what is not absent."""
        absent = is_absent(self.values)
        if not absent.any():
            return self.ids, self.times, self.starts_ms
        starts = self.starts_ms
        return self.ids[~absent], self.times[~absent], None if starts is None else starts[~absent]


def of_column(
    timestamp_ms: int,
    ids: NDArray[np.int64],
    values: NDArray[np.float64],
    *,
    extras: ColumnExtras | None,
) -> Incoming:
    """A scrape; the arrays must not change afterwards."""
    ids = np.ascontiguousarray(ids, dtype=np.int64)
    values = np.ascontiguousarray(values, dtype=np.float64)
    histograms = extras.histograms if extras is not None else ()
    values = normalised(values, len(histograms), may_be_absent=True)
    exemplars = extras.exemplars if extras is not None else ()
    return Incoming(
        ids,
        np.full(len(ids), timestamp_ms, dtype=np.int64),
        values,
        histograms,
        inbox.pack_values(values, histograms),
        extras.starts_ms if extras is not None else None,
        [(int(ids[row]), exemplar) for row, exemplar in exemplars],
    )


def of_batch(ids: NDArray[np.int64], batch: SampleBatch) -> Incoming:
    """A push whose rows have these ids; rows with id 0 are left out."""
    numbers = ids[batch.series]
    times = np.ascontiguousarray(batch.timestamps_ms, dtype=np.int64)
    values = np.ascontiguousarray(batch.values, dtype=np.float64)
    starts = batch.starts_ms
    if not ids.all():
        keep = numbers != 0
        numbers, times, values = numbers[keep], times[keep], values[keep]
        starts = None if starts is None else starts[keep]
    values = normalised(values, len(batch.histograms), may_be_absent=False)
    exemplars = ((int(ids[row]), exemplar) for row, exemplar in batch.exemplars)
    return Incoming(
        numbers,
        times,
        values,
        batch.histograms,
        inbox.pack_values(values, batch.histograms),
        starts,
        [item for item in exemplars if item[0]],
    )
