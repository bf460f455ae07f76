"""Native histograms of one layout side by side: one row of a matrix each.

A `HistogramRow` is a histogram like any other; what it holds is taken from its batch the first time
that somebody asks, so that thousands of them which only pass through cost next to nothing. Who
works on many at once looks at their batches instead (`promql.histograms.batching`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import NO_BUCKETS, Buckets, Histogram, ResetHint

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Columns in front of those of the buckets.
COUNT, SUM, ZERO, TOTALS = 0, 1, 2, 3
_HINTS = tuple(ResetHint)
_set = object.__setattr__
_new = object.__new__

#: What histograms have in common whose buckets can be added up one by one: schema, zero threshold
#: and custom bounds.
Layout = tuple[int, float, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class HistogramBatch:
    """Histograms of one layout; never changed after it is made.

    Attributes:
        schema, zero_threshold, custom_values: As in Histogram.
        positive, negative: int64[bucket], ascending: the buckets that any of them has.
        numbers: float64[histogram, 3 + positive + negative]: count, sum, zero count, then what is
            in the positive and in the negative buckets; 0 where a histogram has no such bucket.
        hints: uint8[histogram] of ResetHint.
        exists: bool[histogram, positive + negative], which buckets each has; None: all.
    """

    schema: int
    zero_threshold: float
    custom_values: NDArray[np.float64]
    positive: NDArray[np.int64]
    negative: NDArray[np.int64]
    numbers: NDArray[np.float64]
    hints: NDArray[np.uint8]
    exists: NDArray[np.bool_] | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def layout(self) -> Layout:
        """What histograms must share to be in one batch."""
        return self.schema, self.zero_threshold, self.custom_values.tobytes()

    @property
    def existing(self) -> NDArray[np.bool_]:
        """bool[histogram, positive + negative]."""
        if self.exists is None:
            return np.ones((len(self), len(self.positive) + len(self.negative)), dtype=np.bool_)
        return self.exists

    def take(self, rows: NDArray[np.intp]) -> HistogramBatch:
        """Some of them."""
        return replace(
            self,
            numbers=self.numbers[rows],
            hints=self.hints[rows],
            exists=None if self.exists is None else self.exists[rows],
        )

    def rows(self) -> list[Histogram]:
        """Each by itself."""
        found: list[Histogram] = []
        for number in range(len(self)):
            row = _new(HistogramRow)
            row.batch = self
            row.row = number
            found.append(row)
        return found

    def cells(self) -> NDArray[Any]:
        """object[histogram]: `rows` as an array."""
        # Assigning a list would look into each object for an array first.
        return np.fromiter(self.rows(), object, len(self))


class HistogramRow(Histogram):
    """A histogram of a batch.

    Its fields are empty until one is asked for: then `__getattr__` fills them all.
    """

    __slots__ = ("batch", "row")
    batch: HistogramBatch
    row: int

    # A copy with other fields (dataclasses.replace) is no row of the batch.
    def __new__(cls, *args: Any, **fields: Any) -> Any:  # noqa: D102 - see above
        return Histogram(*args, **fields)

    # The two names of its own may be set, as fast as possible.
    __setattr__ = _set

    def __getattr__(self, name: str) -> Any:
        if name not in Histogram.__slots__:
            raise AttributeError(name)
        _fill(self)
        return object.__getattribute__(self, name)


def _fill(cell: HistogramRow) -> None:
    batch, row = cell.batch, cell.row
    numbers = batch.numbers[row]
    count, total, zero_count = numbers[:TOTALS].tolist()
    middle = len(batch.positive)
    exists = None if batch.exists is None else batch.exists[row]
    counts = numbers[TOTALS:]
    if exists is None:
        positive = _side(batch.positive, counts[:middle], None)
        negative = _side(batch.negative, counts[middle:], None)
    else:
        positive = _side(batch.positive, counts[:middle], exists[:middle])
        negative = _side(batch.negative, counts[middle:], exists[middle:])
    _set(cell, "schema", batch.schema)
    _set(cell, "count", count)
    _set(cell, "sum", total)
    _set(cell, "zero_threshold", batch.zero_threshold)
    _set(cell, "zero_count", zero_count)
    _set(cell, "positive", positive)
    _set(cell, "negative", negative)
    _set(cell, "custom_values", batch.custom_values)
    _set(cell, "reset_hint", _HINTS[batch.hints[row]])


def _side(
    indexes: NDArray[np.int64], counts: NDArray[np.float64], exists: NDArray[np.bool_] | None
) -> Buckets:
    if exists is not None and not exists.all():
        indexes, counts = indexes[exists], counts[exists]
    return Buckets(indexes, counts) if len(indexes) else NO_BUCKETS
