"""Reading: the samples and labels of one tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.exemplar import SeriesExemplars
from appliance.store.metrics.head.loose import by_timestamps, sort_samples
from appliance.store.metrics.reading.assemble import MatrixSlab, Place, Slab, assemble
from appliance.store.metrics.reading.block_reader import QueryBlocks, bounds
from appliance.store.metrics.records import exemplars

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sample import SeriesGroup
    from appliance.model.sources import Guard
    from appliance.store.database import Database
    from appliance.store.label_index import LabelIndex
    from appliance.store.metrics.blocks.series_sets import SeriesSets, SetIndex, SetPart
    from appliance.store.metrics.head.head import Head, HeadSnapshot
    from appliance.store.metrics.reading.block_reader import BlockReader
    from appliance.store.metrics.records.starts import StartTimes

#: Order of slabs: blocks by their number, then the head's groups, then loose samples.
_HEAD, _LOOSE = 1 << 61, 1 << 62


class MetricSource:
    """`model.sources.SeriesSource` of one tenant.

    Args:
        tenant: The tenant's number.
        index: Its label sets.
    """

    def __init__(
        self,
        database: Database,
        tenant: int,
        index: LabelIndex,
        head: Head,
        sets: SeriesSets,
        reader: BlockReader,
        starts: StartTimes,
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._index = index
        self._head = head
        self._sets = sets
        self._reader = reader
        self._starts = starts

    def select(
        self, matchers: tuple[Matcher, ...], start_ms: int, end_ms: int, guard: Guard
    ) -> Iterator[SeriesGroup]:
        """See `SeriesSource.select`."""
        ids = self._index.select(matchers)
        if not len(ids) or start_ms > end_ms:
            return
        guard.add_series(len(ids))

        def take() -> tuple[HeadSnapshot, SetIndex, int]:
            head = self._head.snapshot(self._tenant, ids)
            return head, self._sets.index(self._tenant), self._reader.cache.epoch

        with self._database.snapshot(take) as (connection, (head, sets, epoch)):
            window = start_ms, end_ms
            parts = sets.parts(ids, start_ms, end_ms)
            blocks = QueryBlocks(connection, self._reader, parts, window=window, epoch=epoch)
            places = [_set_place(part, blocks) for part in parts]
            places += _head_places(head, start_ms, end_ms)
            yield from assemble(places, len(ids), _Names(self, ids), guard)

    def exemplars(
        self, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
    ) -> list[SeriesExemplars]:
        """See `SeriesSource.exemplars`."""
        ids = self._selected(matchers).tolist()
        if not ids:
            return []
        with self._database.reader() as connection:
            found = exemplars.read(connection, self._tenant, ids, (start_ms, end_ms))
        named = [(self._labels_or_none(number), items) for number, items in found.items()]
        return sorted(
            (SeriesExemplars(labels, items) for labels, items in named if labels is not None),
            key=lambda item: item.labels.sort_key,
        )

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_names`."""
        return self._index.names(self._alive(matchers, start, end))

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_values`."""
        return self._index.values(name, self._alive(matchers, start, end))

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """See `LabelSource.series`."""
        found = self.labels(self._alive(matchers, start, end))
        return sorted(
            (labels for labels in found if labels is not None), key=lambda labels: labels.sort_key
        )

    def labels(self, ids: NDArray[np.int64]) -> list[Labels | None]:
        """Label sets; None for a series that was forgotten just now."""
        numbers = ids.tolist()
        try:
            return [self._index.labels(number) for number in numbers]
        except KeyError:
            return [self._labels_or_none(number) for number in numbers]

    def _labels_or_none(self, number: int) -> Labels | None:
        try:
            return self._index.labels(number)
        except KeyError:
            return None

    def starts(
        self, ids: NDArray[np.int64]
    ) -> Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Start times of series, by index into the ids."""
        return self._starts.of(ids)

    def _selected(self, matchers: Sequence[tuple[Matcher, ...]]) -> NDArray[np.int64]:
        """Ids that match one of the alternatives, ascending."""
        selected = [self._index.select(each) for each in (matchers or [()])]
        return selected[0] if len(selected) == 1 else np.unique(np.concatenate(selected))

    def _alive(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> NDArray[np.int64]:
        """Ids that match one of the alternatives and may have data in the range, ascending."""
        ids = self._selected(matchers)
        if not len(ids):
            return ids
        with self._database.snapshot(
            lambda: (self._head.snapshot(self._tenant, ids), self._sets.index(self._tenant))
        ) as (_, (head, sets)):
            alive = np.zeros(int(ids[-1]) + 1, dtype=np.bool_)
            for covered in [*sets.covered(start, end), *head.covered(start, end)]:
                alive[covered[covered < len(alive)]] = True
        return ids[alive[ids]]


class _Names:
    """Labels and start times of selected series.

    Args:
        ids: int64[series].
    """

    def __init__(self, source: MetricSource, ids: NDArray[np.int64]) -> None:
        self._source = source
        self._ids = ids

    def labels(self, positions: NDArray[np.int64]) -> list[Labels | None]:
        return self._source.labels(self._ids[positions])

    def starts(
        self, positions: NDArray[np.int64]
    ) -> Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        return self._source.starts(self._ids[positions])


def _set_place(part: SetPart, blocks: QueryBlocks) -> Place:
    return Place(part.positions, lambda: blocks.slabs(part))


def _head_places(head: HeadSnapshot, start_ms: int, end_ms: int) -> list[Place]:
    places: list[Place] = []
    for part in head.parts():
        first, last = bounds(part.view.times, start_ms, end_ms)
        if first < last:
            times, values = part.view.times[first:last], part.view.values[:, first:last]
            slab = MatrixSlab(times, values, part.rows, part.view.histograms)
            places.append(_one_slab(part.positions, _HEAD + len(places), slab))
    if head.loose is not None:
        places += _loose_places(head, start_ms, end_ms)
    return places


def _loose_places(head: HeadSnapshot, start_ms: int, end_ms: int) -> list[Place]:
    if head.loose is None:
        return []
    log = head.loose
    indexes, positions = log.samples_of(head.ids)
    times = log.times[indexes]
    wanted = (times >= start_ms) & (times <= end_ms)
    samples = sort_samples(positions[wanted], times[wanted], log.values[indexes[wanted]])
    return [
        _one_slab(keys, _LOOSE, MatrixSlab(times, values, np.arange(len(keys)), log.histograms))
        for keys, times, values in by_timestamps(samples)
    ]


def _one_slab(positions: NDArray[np.int64], order: int, slab: Slab) -> Place:
    return Place(positions, lambda: [(order, slab)])
