"""Batches of native histograms that have the same layout, from histograms of any kind.

Rows of batches are taken from these; other histograms are laid out anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram_batch import TOTALS, HistogramBatch, HistogramRow
from appliance.model.histogram_bounds import exponential_bounds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Buckets, Histogram
    from appliance.model.histogram_batch import Layout

#: Numbers in one batch: 8 MB.
_MOST_NUMBERS = 1 << 20
#: A range of indexes up to which they are counted off rather than sorted.
_COUNTED = 1 << 16
_BATCH, _ROW = attrgetter("batch"), attrgetter("row")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of the histograms that somebody has.

    Attributes:
        places: intp[histogram], where they stand there.
    """

    places: NDArray[np.intp]
    batch: HistogramBatch


def batched(cells: Sequence[Histogram]) -> Iterator[Part]:
    """All histograms, those of one layout together, as far as memory allows."""
    by_layout: dict[Layout, list[Part]] = {}
    for part in _sources(cells):
        by_layout.setdefault(part.batch.layout, []).append(part)
    for members in by_layout.values():
        waiting: list[Part] = []
        widths: tuple[int, int] = 0, 0
        for part in members:
            rows, width = widths[0] + len(part.places), max(widths[1], part.batch.numbers.shape[1])
            if waiting and rows * width > _MOST_NUMBERS:
                yield from _bounded(waiting)
                waiting, rows, width = [], len(part.places), part.batch.numbers.shape[1]
            waiting.append(part)
            widths = rows, width
        yield from _bounded(waiting)


def joined(cells: Sequence[Histogram]) -> HistogramBatch | None:
    """All histograms in their order; None when they have different layouts."""
    sources = list(_sources(cells))
    if len({part.batch.layout for part in sources}) != 1:
        return None
    return _joined(sources).batch


def stacked_batches(batches: Sequence[HistogramBatch], *, most: int) -> HistogramBatch | None:
    """Batches of one layout, one after the other; None when several need more numbers than that."""
    ends = np.cumsum([len(batch) for batch in batches])
    if len(batches) > 1:
        positive, negative = _union(batches)
        if int(ends[-1]) * (TOTALS + len(positive) + len(negative)) > most:
            return None
    places = np.split(np.arange(ends[-1]), ends[:-1])
    return _joined([Part(*pair) for pair in zip(places, batches, strict=True)]).batch


def is_outside_zero(batch: HistogramBatch) -> bool:
    """Whether no bucket ends within the zero bucket, where sums would leave it out."""
    if batch.zero_threshold <= 0:
        return True
    lowest = [side[:1] for side in (batch.positive, batch.negative) if len(side)]
    bounds = exponential_bounds(batch.schema, np.concatenate([*lowest, np.empty(0, np.int64)]))
    return bool((bounds > batch.zero_threshold).all())


def combined_hints(counts: NDArray[np.intp]) -> NDArray[np.uint8]:
    """uint8[sum], the reset hints of sums; counts: [sum, hint], how many have each hint."""
    kinds = np.count_nonzero(counts, axis=1)
    mixed = np.where(counts[:, 3] > 0, 3, 0)
    return np.where(kinds == 1, np.argmax(counts > 0, axis=1), mixed).astype(np.uint8)


def _bounded(members: list[Part]) -> Iterator[Part]:
    """Joined, unless their buckets lie so far apart that most of the matrix would be empty."""
    rows = sum(len(part.places) for part in members)
    if len(members) > 1:
        positive, negative = _union([part.batch for part in members])
        if rows * (TOTALS + len(positive) + len(negative)) > 2 * _MOST_NUMBERS:
            middle = len(members) // 2
            yield from _bounded(members[:middle])
            yield from _bounded(members[middle:])
            return
    yield _joined(members)


def _sources(cells: Sequence[Histogram]) -> Iterator[Part]:
    """The histograms by the batch they are from; batches are not cut to what is needed."""
    count = len(cells)
    is_row = np.fromiter((type(cell) is HistogramRow for cell in cells), np.bool_, count)
    if not is_row.all():
        yield from _laid_out(cells, np.flatnonzero(~is_row))
    rows = cells if is_row.all() else [cells[place] for place in np.flatnonzero(is_row).tolist()]
    if not len(rows):
        return
    places = np.flatnonzero(is_row)
    owners = list(map(_BATCH, rows))
    numbers = np.fromiter(map(_ROW, rows), np.intp, len(rows))
    ids = np.fromiter(map(id, owners), np.int64, len(rows))
    order = np.argsort(ids, kind="stable")
    cuts = np.flatnonzero(np.diff(ids[order])) + 1
    for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(rows)], strict=True):
        chosen = order[start:end]
        batch: HistogramBatch = owners[chosen[0]]
        size = max(_MOST_NUMBERS // batch.numbers.shape[1], 1)
        for at in range(0, len(chosen), size):
            some = chosen[at : at + size]
            yield Part(places[some], _taken(batch, numbers[some]))


def _taken(batch: HistogramBatch, rows: NDArray[np.intp]) -> HistogramBatch:
    whole = len(rows) == len(batch) and bool((rows == np.arange(len(rows))).all())
    return batch if whole else batch.take(rows)


def _laid_out(cells: Sequence[Histogram], places: NDArray[np.intp]) -> Iterator[Part]:
    """Histograms that are in no batch."""
    by_layout: dict[Layout, list[int]] = {}
    for place in places.tolist():
        cell = cells[place]
        key = cell.schema, cell.zero_threshold, cell.custom_values.tobytes()
        by_layout.setdefault(key, []).append(place)
    for members in by_layout.values():
        items = [cells[place] for place in members]
        buckets = [len(item.positive.indexes) + len(item.negative.indexes) for item in items]
        filled = np.cumsum(buckets) + TOTALS * np.arange(len(items))
        cuts = np.searchsorted(
            filled, np.arange(1, filled[-1] // _MOST_NUMBERS + 1) * _MOST_NUMBERS
        )
        for start, end in zip([0, *cuts.tolist()], [*cuts.tolist(), len(items)], strict=True):
            if end > start:
                yield from _matrices(items[start:end], np.array(members[start:end], dtype=np.intp))


def _matrices(items: list[Histogram], places: NDArray[np.intp]) -> Iterator[Part]:
    positive = _Side.of([item.positive for item in items])
    negative = _Side.of([item.negative for item in items])
    middle = TOTALS + len(positive.union)
    width = middle + len(negative.union)
    if width * len(items) > 2 * _MOST_NUMBERS and len(items) > 1:
        half = len(items) // 2
        yield from _matrices(items[:half], places[:half])
        yield from _matrices(items[half:], places[half:])
        return
    numbers = np.zeros((len(items), width))
    numbers[:, :TOTALS] = [(item.count, item.sum, item.zero_count) for item in items]
    exists = np.zeros((len(items), width - TOTALS), dtype=np.bool_)
    positive.fill(numbers[:, TOTALS:middle], exists[:, : middle - TOTALS])
    negative.fill(numbers[:, middle:], exists[:, middle - TOTALS :])
    hints = np.fromiter((item.reset_hint for item in items), np.uint8, len(items))
    first = items[0]
    yield Part(
        places,
        HistogramBatch(
            first.schema,
            first.zero_threshold,
            first.custom_values,
            positive.union,
            negative.union,
            numbers,
            hints,
            None if exists.all() else exists,
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """Buckets of one side of many histograms.

    Attributes:
        union: int64[bucket], all indexes.
        rows, indexes, counts: [bucket of a histogram]: which histogram, index and count.
    """

    union: NDArray[np.int64]
    rows: NDArray[np.intp]
    indexes: NDArray[np.int64]
    counts: NDArray[np.float64]

    @classmethod
    def of(cls, sides: Sequence[Buckets]) -> _Side:
        lengths = [len(side.indexes) for side in sides]
        if not any(lengths):
            none = np.empty(0, dtype=np.int64)
            return cls(none, none, none, np.empty(0))
        indexes = np.concatenate([side.indexes for side in sides])
        counts = np.concatenate([side.counts for side in sides])
        return cls(_distinct(indexes), np.repeat(np.arange(len(sides)), lengths), indexes, counts)

    def fill(self, counts: NDArray[np.float64], exists: NDArray[np.bool_]) -> None:
        columns = np.searchsorted(self.union, self.indexes)
        counts[self.rows, columns] = self.counts
        exists[self.rows, columns] = True


def _distinct(indexes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ascending."""
    low, high = int(indexes.min()), int(indexes.max())
    if high - low >= _COUNTED:
        return np.unique(indexes)
    seen = np.zeros(high - low + 1, dtype=np.bool_)
    seen[indexes - low] = True
    return np.flatnonzero(seen) + low


def _union(batches: Sequence[HistogramBatch]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All indexes, positive and negative."""
    found = []
    for name in ("positive", "negative"):
        sides = {side.tobytes(): side for side in (getattr(item, name) for item in batches)}
        indexes = np.concatenate(list(sides.values()))
        found.append(_distinct(indexes) if len(sides) > 1 and len(indexes) else indexes)
    return found[0], found[1]


def _joined(members: Sequence[Part]) -> Part:
    """One batch of several, in the order of their places."""
    if len(members) == 1:
        part = members[0]
        if (np.diff(part.places) > 0).all():
            return part
    batches = [part.batch for part in members]
    positive, negative = _union(batches)
    places = np.sort(np.concatenate([part.places for part in members]))
    numbers = np.zeros((len(places), TOTALS + len(positive) + len(negative)))
    exists = np.zeros((len(places), len(positive) + len(negative)), dtype=np.bool_)
    hints = np.zeros(len(places), dtype=np.uint8)
    for part in members:
        batch = part.batch
        rows = np.searchsorted(places, part.places)
        columns = np.concatenate(
            [
                np.arange(TOTALS),
                TOTALS + np.searchsorted(positive, batch.positive),
                TOTALS + len(positive) + np.searchsorted(negative, batch.negative),
            ]
        )
        numbers[rows[:, np.newaxis], columns] = batch.numbers
        exists[rows[:, np.newaxis], columns[TOTALS:] - TOTALS] = batch.existing
        hints[rows] = batch.hints
    first = replace(batches[0], positive=positive, negative=negative)
    return Part(
        places,
        replace(first, numbers=numbers, hints=hints, exists=None if exists.all() else exists),
    )
