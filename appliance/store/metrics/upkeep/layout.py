"""Which series go together into blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.store.label_index import LabelIndex
    from appliance.store.metrics.blocks.series_sets import SeriesSet, SeriesSets


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """One set and where its series are in the matrix at hand.

    Attributes:
        rows: int64[found], rows of the matrix.
        places: int64[found], rows of the set.
        is_new: The set is not in the catalogue yet.
    """

    item: SeriesSet
    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    is_new: bool


class Arranger:
    """Divides series into sets, keeping to the sets in use while they fit.

    Args:
        tenant: Number of the tenant; the series are his.
        most: Series of a set at most.
    """

    def __init__(self, sets: SeriesSets, index: LabelIndex, tenant: int, most: int) -> None:
        self._sets = sets
        self._index = index
        self._tenant = tenant
        self._most = most
        self._new: dict[bytes, SeriesSet] = {}

    def arrange(self, ids: NDArray[np.int64]) -> list[Layout]:
        """Layouts that hold each of the ids (distinct) once."""
        layouts, rest = self._settled(ids)
        fragments = len(layouts) + -(-len(rest) // self._most)
        if fragments > 2 * -(-len(ids) // self._most) + 2:
            layouts, rest = [], np.arange(len(ids))
        return layouts + self._fresh(ids, rest)

    def _settled(self, ids: NDArray[np.int64]) -> tuple[list[Layout], NDArray[np.int64]]:
        """Layouts of sets of which at least half the series are here, and the other rows."""
        homes = self._sets.home(ids)
        sets = self._sets.index(self._tenant).sets
        order = np.argsort(homes, kind="stable")
        cuts = np.flatnonzero(np.diff(homes[order])) + 1
        layouts, rest = [], []
        for rows in np.split(order, cuts):
            item = sets.get(int(homes[rows[0]])) if len(rows) else None
            if item is not None and 2 * len(rows) >= len(item.refs):
                by_id = np.argsort(item.refs)
                places = by_id[np.searchsorted(item.refs, ids[rows], sorter=by_id)]
                layouts.append(Layout(item, rows, places, is_new=False))
            else:
                rest.append(rows)
        return layouts, np.concatenate([np.empty(0, dtype=np.int64), *rest])

    def _fresh(self, ids: NDArray[np.int64], rows: NDArray[np.int64]) -> list[Layout]:
        """Layouts of new sets, the series sorted by metric name, then labels."""
        if len(rows) > 1:
            names = [self._index.labels(number) for number in ids[rows].tolist()]
            keys = [(name.get("__name__"), name) for name in names]
            rows = rows[sorted(range(len(keys)), key=keys.__getitem__)]
        layouts = []
        for start in range(0, len(rows), self._most):
            part = rows[start : start + self._most]
            item, is_new = self._set_of(ids[part])
            layouts.append(Layout(item, part, np.arange(len(part)), is_new))
        return layouts

    def _set_of(self, refs: NDArray[np.int64]) -> tuple[SeriesSet, bool]:
        known = self._sets.find(self._tenant, refs)
        if known is not None:
            return known, False
        key = refs.tobytes()
        if key in self._new:
            return self._new[key], False
        self._new[key] = self._sets.take_set(self._tenant, refs)
        return self._new[key], True
