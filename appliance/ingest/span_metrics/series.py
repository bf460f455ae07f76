"""The cumulative series of a tenant: one array of values, to which groups of spans are added.

A *family block* is what one set of labels has: some counters and histograms, in consecutive rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.exemplar import Exemplar
from appliance.model.labels import Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.ingest.span_metrics.groups import Observed

#: What an exemplar is made of; the time is 0 where there is none.
_EXAMPLE = np.dtype([("value", np.float64), ("time_ms", np.int64), ("trace_id", np.uint8, 16)])
_COLUMNS = ("_values", "_written", "_examples")
#: Labels of a block, without the metric's name.
Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a block holds, and under which names.

    Attributes:
        counters: Names; one row each.
        histograms: Names; a row for sum, count and each bucket, `+Inf` last.
        bounds: Upper bounds of the buckets, ascending, without the infinite one.
    """

    counters: tuple[str, ...]
    histograms: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """Rows of a block."""
        return len(self.counters) + len(self.histograms) * (3 + len(self.bounds))

    def first_bucket(self, histogram: int) -> int:
        """The row of a histogram's first bucket."""
        return len(self.counters) + histogram * (3 + len(self.bounds)) + 2

    def labels(self, key: Key) -> list[Labels]:
        """The labels of a block's rows."""
        found = [Labels.of([("__name__", name), *key]) for name in self.counters]
        bounds = [*(_bound(bound) for bound in self.bounds), "+Inf"]
        for name in self.histograms:
            found += [Labels.of([("__name__", f"{name}_{end}"), *key]) for end in ("sum", "count")]
            found += [
                Labels.of([("__name__", f"{name}_bucket"), ("le", bound), *key]) for bound in bounds
            ]
        return found


def _bound(bound: float) -> str:
    text = repr(float(bound))
    return text.removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Added:
    """What a batch adds to the blocks of a shape.

    Attributes:
        keys: [block], distinct.
        values: float64[block, width]; buckets are cumulative.
        observed: What exemplars are made of; groups are blocks.
    """

    shape: Shape
    keys: Sequence[Key]
    values: NDArray[np.float64]
    observed: Sequence[Observed] = ()


@dataclass(slots=True)
class _Block:
    first: int
    touched_ms: int


@dataclass(frozen=True, slots=True)
class Collected:
    """Series to be written.

    Attributes:
        rows: int64[series], where they are in the table as long as none is forgotten.
        labels: [series].
        values: float64[series].
        is_new: bool[series], never written before.
        exemplars: (index into `labels`, exemplar).
    """

    rows: NDArray[np.int64]
    labels: Sequence[Labels]
    values: NDArray[np.float64]
    is_new: NDArray[np.bool_]
    exemplars: Sequence[tuple[int, Exemplar]] = ()

    def known(self) -> Collected:
        """Those that were written before, without exemplars."""
        kept = np.flatnonzero(~self.is_new)
        labels = [self.labels[at] for at in kept.tolist()]
        return Collected(self.rows[kept], labels, self.values[kept], self.is_new[kept])


@dataclass
class SeriesTable:
    """All series of a tenant; one thread at a time.

    Attributes:
        limit: Series at most; blocks beyond it are refused.
    """

    limit: int
    _blocks: dict[tuple[Shape, Key], _Block] = field(default_factory=dict)
    _labels: list[Labels] = field(default_factory=list)
    _values: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1024))
    _written: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1024, np.bool_))
    _examples: NDArray[Any] = field(default_factory=lambda: np.zeros(1024, _EXAMPLE))

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def has_new(self) -> bool:
        """Whether there are series that were never collected."""
        return not self._written[: len(self._labels)].all()

    def add(self, added: Added, now_ms: int) -> int:
        """Add what a batch has; returns blocks refused for the limit."""
        firsts = np.full(len(added.keys), -1, np.int64)
        for number, key in enumerate(added.keys):
            block = self._block(added.shape, key)
            if block is not None:
                block.touched_ms = now_ms
                firsts[number] = block.first
        kept = firsts >= 0
        rows = firsts[kept, None] + np.arange(added.shape.width)
        self._values[rows] += added.values[kept]
        for observed in added.observed:
            has_block = kept[observed.groups]
            places = (firsts[observed.groups] + observed.columns)[has_block]
            self._examples["value"][places] = observed.values[has_block]
            self._examples["trace_id"][places] = observed.trace_ids[has_block]
            self._examples["time_ms"][places] = now_ms
        return int((~kept).sum())

    def collect(self, *, only_new: bool = False) -> Collected:
        """All series, or those that were never collected."""
        rows = np.flatnonzero(~self._written[: len(self._labels)] | (not only_new))
        is_new = ~self._written[rows]
        self._written[rows] = True
        found = self._examples[rows]
        self._examples["time_ms"][rows] = 0
        exemplars = [
            (place, _exemplar(found[place])) for place in np.flatnonzero(found["time_ms"]).tolist()
        ]
        labels = [self._labels[row] for row in rows.tolist()]
        return Collected(rows, labels, self._values[rows], is_new, exemplars)

    def not_written(self, found: Collected) -> None:
        """What was just collected as new is new still."""
        self._written[found.rows[found.is_new]] = False

    def forget(self, untouched_since_ms: int) -> list[Labels]:
        """Take away series that nothing was added to for long; returns those that were written."""
        keep = np.ones(len(self._labels), np.bool_)
        for (shape, _), block in self._blocks.items():
            if block.touched_ms < untouched_since_ms:
                keep[block.first : block.first + shape.width] = False
        if keep.all():
            return []
        gone = np.flatnonzero(~keep & self._written[: len(keep)])
        labels = [self._labels[row] for row in gone.tolist()]
        self._keep(keep)
        return labels

    def _keep(self, keep: NDArray[np.bool_]) -> None:
        """Move the rows that stay together."""
        moved = np.cumsum(keep) - 1
        self._blocks = {
            key: _Block(int(moved[block.first]), block.touched_ms)
            for key, block in self._blocks.items()
            if keep[block.first]
        }
        self._labels = [self._labels[row] for row in np.flatnonzero(keep).tolist()]
        for name in _COLUMNS:
            column = getattr(self, name)
            kept = column[: len(keep)][keep]
            setattr(self, name, np.append(kept, np.zeros(1024, column.dtype)))

    def _block(self, shape: Shape, key: Key) -> _Block | None:
        found = self._blocks.get((shape, key))
        if found is None and len(self) + shape.width <= self.limit:
            first = len(self._labels)
            self._labels += shape.labels(key)
            self._grow()
            found = self._blocks[shape, key] = _Block(first, 0)
        return found

    def _grow(self) -> None:
        missing = len(self._labels) - len(self._values)
        if missing > 0:
            more = missing + len(self._labels)
            for name in _COLUMNS:
                column = getattr(self, name)
                setattr(self, name, np.append(column, np.zeros(more, column.dtype)))


def _exemplar(example: NDArray[Any]) -> Exemplar:
    labels = Labels([("traceID", example["trace_id"].tobytes().hex())])
    return Exemplar(labels, float(example["value"]), int(example["time_ms"]))
