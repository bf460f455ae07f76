"""topk and bottomk (promql/engine.go, aggregationK).

Where the k-th value is not tied, the choice is made for all steps at once. Where it is, Prometheus'
choice depends on how its heap happens to be laid out; that heap is then built as there
(Go's container/heap), so that the same series come out for the same order of input.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import QueryFailed
from appliance.promql.annotations import info_histogram_ignored
from appliance.promql.frame import Frame
from appliance.promql.go_format import general

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.aggregation.input import Input

#: The bounds of what Prometheus takes for an int64.
_LARGEST = 9223372036854774784
_LEAST = -9223372036854775808
#: Go sorts up to so many elements by insertion, which keeps the order of equal ones.
_INSERTION = 12

#: A value to order by (negated for bottomk, so that the largest is wanted) and its row.
_Entry = tuple[float, int]


def topk(data: Input) -> Frame:
    """The k largest of each group."""
    return _ranked(data, 1.0)


def bottomk(data: Input) -> Frame:
    """The k least of each group."""
    return _ranked(data, -1.0)


def counts_of(parameters: NDArray[np.float64], rows: int) -> NDArray[np.int64] | None:
    """int64[step]: k of topk, bottomk and limitk, 0 to `rows`; None when it is never positive.

    Raises:
        QueryFailed: A parameter is NaN or does not fit.
    """
    greatest, least = float(np.max(parameters)), float(np.min(parameters))
    if greatest < 1:
        return None
    if math.isnan(greatest):
        raise QueryFailed("Parameter value is NaN")
    if least <= _LEAST:
        raise QueryFailed(f"Scalar value {general(least)} underflows int64")
    if greatest >= _LARGEST:
        raise QueryFailed(f"Scalar value {general(greatest)} overflows int64")
    return np.clip(parameters, 0, rows).astype(np.int64)


def _ranked(data: Input, sign: float) -> Frame:
    frame = data.frame
    counts = counts_of(data.parameters, len(frame.labels))
    if counts is None:
        return Frame.empty(len(data.parameters))
    wanted = counts > 0
    if (frame.is_histogram & wanted).any():
        info_histogram_ignored(data.context.remarks, data.expr.position, data.expr.op)
    present = frame.is_float & wanted
    keys = frame.values * sign
    if len(counts) == 1:
        return _ordered(data, keys[:, 0], (present[:, 0], int(counts[0])))
    kept = np.zeros_like(present)
    for group in range(data.groups.count):
        data.context.guard.check()
        members = data.groups.members(group)
        kept[members] = _chosen(keys[members], present[members], counts)
    return replace(frame, present=kept, histograms=None).pruned()


def _ordered(data: Input, keys: NDArray[np.float64], more: tuple[NDArray[np.bool_], int]) -> Frame:
    """At a single step: the chosen of each group, best first."""
    present, count = more
    rows: list[int] = []
    for group in range(data.groups.count):
        members = data.groups.members(group)
        members = members[present[members]]
        heap = _heap(keys[members], members, count)
        rows.extend(row for _, row in _best_first(heap))
    found = data.frame.take(np.array(rows, dtype=np.intp))
    return replace(found, histograms=None)


def _chosen(
    keys: NDArray[np.float64], present: NDArray[np.bool_], counts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """bool[row, step]: which rows of a group are among the best."""
    there = np.count_nonzero(present, axis=0)
    if (there <= counts).all():
        return present
    # Each step in one piece, the best first; NaN is the last of all values.
    at_step, is_there = keys.T.copy(), present.T.copy()
    descending = np.where(is_there & ~np.isnan(at_step), -at_step, np.inf)
    threshold = _thresholds(descending, np.minimum(counts, len(keys)))
    kept: NDArray[np.bool_] = is_there & (descending <= threshold[:, np.newaxis])
    tied = np.flatnonzero(np.count_nonzero(kept, axis=1) > counts)
    for step in tied.tolist():
        rows = np.flatnonzero(is_there[step])
        kept[step] = False
        heap = _heap(at_step[step, rows], rows, int(counts[step]))
        kept[step, [row for _, row in heap]] = True
    return kept.T


def _thresholds(columns: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64[step]: the k-th least value of each step; columns: float64[step, row]."""
    places = np.maximum(counts, 1) - 1
    # Looked for from the small end: numpy is slow at the other when most values are equal.
    ordered = np.partition(columns, np.unique(places), axis=1)
    found: NDArray[np.float64] = ordered[np.arange(len(columns)), places]
    return found


def _heap(keys: NDArray[np.float64], rows: NDArray[np.intp], count: int) -> list[_Entry]:
    """Prometheus' heap of the `count` largest, the least of them first."""
    heap: list[_Entry] = []
    if count < 1:
        return heap
    for entry in zip(keys[:count].tolist(), rows[:count].tolist(), strict=True):
        heap.append(entry)
        _sift_up(heap)
    if len(keys) <= count:
        return heap
    # The least of the heap only grows: what is below it now will not come in later.
    least, rest = heap[0][0], keys[count:]
    later = count + np.flatnonzero(~np.isnan(rest) if math.isnan(least) else rest > least)
    for key, row in zip(keys[later].tolist(), rows[later].tolist(), strict=True):
        if key > least or math.isnan(least):
            heap[0] = (key, row)
            _sift_down(heap)
            least = heap[0][0]
    return heap


def _less(one: float, other: float) -> bool:
    return math.isnan(one) or one < other


def _sift_up(heap: list[_Entry]) -> None:
    place = len(heap) - 1
    while place:
        parent = (place - 1) // 2
        if not _less(heap[place][0], heap[parent][0]):
            return
        heap[place], heap[parent] = heap[parent], heap[place]
        place = parent


def _sift_down(heap: list[_Entry]) -> None:
    place, size = 0, len(heap)
    while (child := 2 * place + 1) < size:
        if child + 1 < size and _less(heap[child + 1][0], heap[child][0]):
            child += 1
        if not _less(heap[child][0], heap[place][0]):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


def _best_first(heap: list[_Entry]) -> list[_Entry]:
    """A heap sorted as Go's sort.Sort does with few elements; equal ones keep their order."""
    if len(heap) > _INSERTION or not any(math.isnan(key) for key, _ in heap):
        return sorted(heap, key=lambda entry: (math.isnan(entry[0]), -entry[0]))
    found = list(heap)
    for end in range(1, len(found)):
        place = end
        while place and _less(found[place - 1][0], found[place][0]):
            found[place - 1], found[place] = found[place], found[place - 1]
            place -= 1
    return found
