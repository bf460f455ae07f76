"""Unsealed columns of one scrape group: a matrix that grows by a column per scrape.

Invariants:
- Only the writer thread calls `append` and `drop`.
- Cells, times, ids and histograms that a published view covers never change; growing makes new
  arrays, so a view stays valid for as long as a reader keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import filled_absent, is_absent
from appliance.store.metrics.histogram_pool import adopt, shifted, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram

_FIRST_COLUMNS = 8
_NONE = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class GroupView:
    """A group's unsealed columns at one instant.

    Attributes:
        ids: int64[row], distinct.
        times: int64[column], ascending, milliseconds.
        seqs: int64[column], the commit each column came with, ascending.
        ids_seqs: int64[column], the commit whose inbox row has the column's ids.
        values: float64[row, column], ABSENT where there is no sample.
        extra_rows: int64, rows of series that another group of the head has too and had first.
        histograms: What boxed values refer to.
    """

    ids: NDArray[np.int64]
    times: NDArray[np.int64]
    seqs: NDArray[np.int64]
    ids_seqs: NDArray[np.int64]
    values: NDArray[np.float64]
    extra_rows: NDArray[np.int64]
    histograms: Sequence[Histogram] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One scrape on its way into the head: int64[series] distinct ids, float64[series] values.

    Attributes:
        seq: The commit it came with.
        ids_seq: The commit whose inbox row has the ids.
        histograms: What boxed values refer to.
    """

    timestamp_ms: int
    ids: NDArray[np.int64]
    values: NDArray[np.float64]
    seq: int
    ids_seq: int
    histograms: Sequence[Histogram] = ()


_EMPTY = GroupView(_NONE, _NONE, _NONE, _NONE, filled_absent((0, 0)), _NONE)


@dataclass(frozen=True, slots=True, eq=False)
class IdsRow:
    """The committed inbox row that later rows of a group refer to for their series ids."""

    seq: int
    ids: NDArray[np.int64]


class GroupHead:
    """The head of one scrape group.

    Args:
        number: The group's number in the file.
        tenant: Number of the tenant.
        name: What the appender calls it.
    """

    def __init__(self, number: int, tenant: int, name: str) -> None:
        self.number = number
        self.tenant = tenant
        self.name = name
        self.view = _EMPTY
        #: Whether the group's row is in the file.
        self.is_durable = False
        self.ids_row: IdsRow | None = None
        #: Newest time that was given to the inbox as a column; None before the first.
        self.worked_ms: int | None = None
        #: Clock time of the first unsealed column and of the last one.
        self.since_ms = 0
        self.touched_ms = 0
        self.samples = 0
        self._row_of: dict[int, int] = {}
        self._ids = _NONE
        self._times = _NONE
        self._seqs = _NONE
        self._ids_seqs = _NONE
        self._matrix = filled_absent((0, 0))
        self._last_ids = _NONE
        self._last_rows: NDArray[np.int64] | slice = slice(0, 0)
        self._histograms: list[Histogram] = []
        self._histogram_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Memory of the matrix and of histograms."""
        return self._matrix.nbytes + self._histogram_bytes

    def unknown(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the ids that have no row yet: int64, in the order given."""
        if ids is self._last_ids or np.array_equal(ids, self._last_ids):
            return _NONE
        known = self._row_of
        return np.array([i for i in ids.tolist() if i not in known], dtype=np.int64)

    def add_rows(self, ids: NDArray[np.int64], *, extra: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Give rows to new ids: int64[ids]; shown with the next `append`.

        Args:
            extra: bool[ids], those that another group had first.
        """
        count = len(self._row_of)
        rows = np.arange(count, count + len(ids))
        self._reserve(count + len(ids), len(self.view.times))
        self._ids[rows] = ids
        self._row_of.update(zip(ids.tolist(), rows.tolist(), strict=True))
        if extra.any():
            merged = np.concatenate([self.view.extra_rows, rows[extra]])
            self.view = replace(self.view, extra_rows=merged)
        return rows

    def append(self, column: Column) -> None:
        """Add a column; every id has a row and the time is newer than the last one's."""
        rows = self._rows(column.ids)
        at, count = len(self.view.times), len(self._row_of)
        self._reserve(count, at + 1)
        values = column.values
        if column.histograms:
            values = shifted(values, len(self._histograms))
            self._histograms.extend(column.histograms)
            self._histogram_bytes += size_of(column.histograms)
        self._matrix[rows, at] = values
        self._times[at] = column.timestamp_ms
        self._seqs[at] = column.seq
        self._ids_seqs[at] = column.ids_seq
        self._publish(count, at + 1, self.view.extra_rows)

    def drop(self, columns: int) -> NDArray[np.int64]:
        """Remove the oldest columns and the rows without a sample in the others.

        Returns:
            The ids that lost their row. The rows of the others change.
        """
        view = self.view
        kept = view.values[:, columns:]
        rows = np.flatnonzero(~is_absent(kept).all(axis=1)) if kept.size else _NONE
        gone = np.delete(view.ids, rows)
        width = len(view.times) - columns
        is_extra = np.zeros(len(view.ids), dtype=np.bool_)
        is_extra[view.extra_rows[view.extra_rows < len(view.ids)]] = True
        self._matrix, self._ids = filled_absent((0, 0)), _NONE
        self._times = self._seqs = self._ids_seqs = self._last_ids = _NONE
        self.view = _EMPTY
        self.worked_ms = int(view.times[-1]) if width else None
        self._row_of = {}
        self._reserve(len(rows), width)
        self._ids[: len(rows)] = view.ids[rows]
        self._row_of.update(zip(view.ids[rows].tolist(), range(len(rows)), strict=True))
        self._matrix[: len(rows), :width] = kept[rows]
        self._times[:width] = view.times[columns:]
        self._seqs[:width] = view.seqs[columns:]
        self._ids_seqs[:width] = view.ids_seqs[columns:]
        if view.histograms:
            self._histograms = []  # a new one: views refer to the old one
            adopt(self._matrix[: len(rows), :width], view.histograms, self._histograms)
            self._histogram_bytes = size_of(self._histograms)
        self._publish(len(rows), width, np.flatnonzero(is_extra[rows]))
        return gone

    def _publish(self, rows: int, columns: int, extra_rows: NDArray[np.int64]) -> None:
        self.view = GroupView(
            self._ids[:rows],
            self._times[:columns],
            self._seqs[:columns],
            self._ids_seqs[:columns],
            self._matrix[:rows, :columns],
            extra_rows,
            self._histograms,
        )

    def _rows(self, ids: NDArray[np.int64]) -> NDArray[np.int64] | slice:
        if not (ids is self._last_ids or np.array_equal(ids, self._last_ids)):
            row_of = self._row_of
            rows = np.array([row_of[i] for i in ids.tolist()], dtype=np.int64)
            is_all = np.array_equal(rows, np.arange(len(rows)))
            self._last_ids, self._last_rows = ids, slice(0, len(rows)) if is_all else rows
        return self._last_rows

    def _reserve(self, rows: int, columns: int) -> None:
        """Make room; arrays that a view may share are replaced, not changed."""
        have_rows, have_columns = self._matrix.shape
        if rows <= have_rows and columns <= have_columns:
            return
        used_rows, used = self.view.values.shape
        if rows > have_rows:
            have_rows = max(rows, have_rows + have_rows // 4)
            self._ids = _grown(self._ids, have_rows, used_rows)
        if columns > have_columns:
            have_columns = max(_FIRST_COLUMNS, columns, 2 * have_columns)
            self._times = _grown(self._times, have_columns, used)
            self._seqs = _grown(self._seqs, have_columns, used)
            self._ids_seqs = _grown(self._ids_seqs, have_columns, used)
        matrix = filled_absent((have_rows, have_columns))
        matrix[:used_rows, :used] = self.view.values
        self._matrix = matrix


def _grown(old: NDArray[np.int64], size: int, used: int) -> NDArray[np.int64]:
    new = np.zeros(size, dtype=np.int64)
    new[:used] = old[:used]
    return new
