"""The metric store beside a plain dictionary that says what it has to hold."""

from __future__ import annotations

import asyncio
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.exemplar import Exemplar
from appliance.model.histogram import Buckets, Histogram
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import (
    ABSENT_BITS,
    ColumnExtras,
    SampleBatch,
    SeriesGroup,
    box_histograms,
    is_histogram,
    unbox_histograms,
)
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.database import DatabaseOptions
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.store.retention import Retention

SERIES = [Labels.of({"__name__": f"m{n % 3}", "n": str(n)}) for n in range(8)]
OPTIONS = MetricStoreOptions(
    block_series=3, block_columns=8, span_ms=12, loose_samples=6, forget_after_ms=1000
)
LEAST, MOST = -(1 << 63), (1 << 63) - 1

#: A histogram's numbers, or the bits of a float.
Value = int | tuple[Any, ...]
Cell = tuple[str, Labels, int]


@dataclass(frozen=True)
class Sample:
    """One sample on its way: `value` is a float or the seed of a histogram."""

    series: int
    time: int
    value: float | tuple[int, ...]
    start: int = 0
    trace: str = ""


def histogram_of(seed: tuple[int, ...]) -> Histogram:
    """A histogram with these counts."""
    counts = np.array(seed, dtype=np.float64)
    return Histogram(
        len(seed), float(counts.sum()), 0.5, positive=Buckets(np.arange(len(seed)), counts)
    )


def key_of(histogram: Histogram) -> tuple[Any, ...]:
    """What two equal histograms have in common."""
    return (
        histogram.schema,
        histogram.count,
        histogram.sum,
        histogram.positive.indexes.tolist(),
        histogram.positive.counts.tolist(),
        histogram.negative.counts.tolist(),
    )


@dataclass(frozen=True)
class Columns:
    """Samples as arrays."""

    values: np.ndarray[Any, Any]
    histograms: list[Histogram]
    starts: np.ndarray[Any, Any] | None
    exemplars: list[tuple[int, Exemplar]]


def columns_of(samples: list[Sample]) -> Columns:
    """Exemplars refer to the samples' places."""
    histograms: list[Histogram] = []
    values = np.empty(len(samples))
    for place, sample in enumerate(samples):
        if isinstance(sample.value, tuple):
            histograms.append(histogram_of(sample.value))
            values[place] = box_histograms(np.array([len(histograms) - 1]))[0]
        else:
            values[place] = sample.value
    starts = np.array([sample.start for sample in samples], dtype=np.int64)
    exemplars = [
        (place, Exemplar(Labels.of({"trace_id": sample.trace}), 0.5, sample.time))
        for place, sample in enumerate(samples)
        if sample.trace
    ]
    return Columns(values, histograms, starts if starts.any() else None, exemplars)


@dataclass
class Pair:
    """The store and its model."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    cells: dict[Cell, Value] = field(default_factory=dict)
    starts: dict[Cell, int] = field(default_factory=dict)
    exemplars: set[tuple[str, Labels, Labels, int]] = field(default_factory=set)
    #: Series that may have been forgotten, with their exemplars.
    forgotten: set[tuple[str, Labels]] = field(default_factory=set)
    crashes: int = 0

    def __post_init__(self) -> None:
        self.store = self.open()

    def open(self) -> MetricStore:
        """The store over the file in the folder of the latest crash."""
        return MetricStore(
            self.path,
            OPTIONS,
            database=DatabaseOptions(synchronous="OFF"),
            clock=self.clock,
            telemetry=Telemetry(),
        )

    @property
    def path(self) -> Path:
        return self.folder / str(self.crashes) / "metrics.db"

    # -- writing

    def scrape(self, tenant: str, group: str, samples: list[Sample]) -> None:
        """One column; all samples have the same time."""
        labels, columns = [SERIES[sample.series] for sample in samples], columns_of(samples)
        ids = self.store.resolve(tenant, labels)
        extras = ColumnExtras(columns.histograms, columns.starts, columns.exemplars)
        time = samples[0].time
        done = self.store.append_column(tenant, group, time, ids, columns.values, extras=extras)
        done.result(5)
        self.note(tenant, samples)

    def push(self, tenant: str, samples: list[Sample], *, is_keyed: bool) -> None:
        """Loose samples."""
        labels, columns = [SERIES[sample.series] for sample in samples], columns_of(samples)
        batch = SampleBatch(
            labels,
            np.arange(len(samples)),
            np.array([sample.time for sample in samples], dtype=np.int64),
            columns.values,
            columns.histograms,
            columns.starts,
            columns.exemplars,
        )
        if is_keyed:
            keys = [b"key%d" % sample.series for sample in samples]
            ids = self.store.resolve_keys(tenant, keys, labels.__getitem__)
            self.store.append_resolved(tenant, ids, batch).result(5)
        else:
            self.store.append(tenant, batch).result(5)
        self.note(tenant, samples)

    def note(self, tenant: str, samples: list[Sample]) -> None:
        for sample in samples:
            cell = (tenant, SERIES[sample.series], sample.time)
            if isinstance(sample.value, tuple):
                value: Value = key_of(histogram_of(sample.value))
            else:
                value = struct.unpack("<Q", struct.pack("<d", sample.value))[0]
            self.cells.setdefault(cell, value)
            self.starts[cell] = sample.start
            if sample.trace:
                trace = Labels.of({"trace_id": sample.trace})
                self.exemplars.add((tenant, SERIES[sample.series], trace, sample.time))

    def delete(self, tenant: str, series: int, start: int, end: int) -> None:
        """Delete the samples of a series in a range."""
        matcher = Matcher("n", MatchOp.EQUAL, str(series))
        self.store.delete(tenant, [(matcher,)], start, end)
        for cell in list(self.cells):
            if cell[:2] == (tenant, SERIES[series]) and start <= cell[2] <= end:
                del self.cells[cell]

    # -- upkeep

    def retain(self) -> None:
        """Forget series without data."""
        asyncio.run(self.clock.advance(5))
        self.store.retain(Retention())
        alive = {cell[:2] for cell in self.cells}
        self.forgotten |= {(t, s) for t in ("a", "b") for s in SERIES} - alive

    def reopen(self) -> None:
        """Close and open."""
        self.store.close()
        self.store = self.open()

    def crash(self) -> None:
        """Go on with the files as they are on disk at this instant."""
        old, source = self.store, self.path.parent
        self.crashes += 1
        self.path.parent.mkdir()
        for name in ("metrics.db", "metrics.db-wal"):
            if (source / name).exists():
                shutil.copy(source / name, self.path.parent / name)
        old.close()
        self.store = self.open()

    # -- reading

    def compare(self, tenant: str, start: int = LEAST, end: int = MOST) -> None:
        """Samples, start times, labels and exemplars of a range."""
        found: dict[Cell, Value] = {}
        starts: dict[Cell, int] = {}
        seen: list[Labels] = []
        source = self.store.source(tenant)
        for group in source.select((), start, end, QueryGuard(QueryLimits(), self.clock)):
            assert group.values.shape == (len(group.labels), len(group.timestamps_ms))
            assert (group.timestamps_ms[1:] > group.timestamps_ms[:-1]).all()
            seen += group.labels
            for row, labels in enumerate(group.labels):
                cells = {(tenant, labels, t): v for t, v in _row(group, row).items()}
                assert cells, "a series without samples"
                found |= cells
                starts |= {cell: _start(group, row, cell[2]) for cell in cells}
        assert len(seen) == len(set(seen))
        head = self.store._head
        heads: list[Any] = [*head.groups.values(), *head.loose.values()]
        assert head.size_bytes == sum(each.size_bytes for each in heads)
        expected = {c: v for c, v in self.cells.items() if c[0] == tenant and start <= c[2] <= end}
        assert found == expected
        assert starts == {cell: self.starts[cell] for cell in expected}
        assert set(seen) <= set(source.series([], start, end))
        self._compare_exemplars(tenant, start, end)

    def _compare_exemplars(self, tenant: str, start: int, end: int) -> None:
        found = [
            (tenant, item.labels, exemplar.labels, exemplar.timestamp_ms)
            for item in self.store.source(tenant).exemplars([], start, end)
            for exemplar in item.exemplars
            if (tenant, item.labels) not in self.forgotten
        ]
        assert len(found) == len(set(found))
        assert set(found) == {
            item
            for item in self.exemplars
            if item[0] == tenant and start <= item[3] <= end and item[:2] not in self.forgotten
        }


def _row(group: SeriesGroup, row: int) -> dict[int, Value]:
    """Values of a series by time."""
    values = group.values[row]
    boxed, found = is_histogram(values), {}
    for place, bits in enumerate(values.view(np.uint64).tolist()):
        value: Value = bits
        if boxed[place]:
            index = int(unbox_histograms(values[place : place + 1])[0])
            value = key_of(group.histograms[index])
        if bits != ABSENT_BITS:
            found[int(group.timestamps_ms[place])] = value
    return found


def _start(group: SeriesGroup, row: int, time: int) -> int:
    """The start time of a sample."""
    times, starts = group.starts_ms.get(row, (np.empty(0), np.empty(0)))
    place = int(np.searchsorted(times, time, side="right")) - 1
    return int(starts[place]) if place >= 0 else 0
