"""Functions over ranges, for all windows of some groups at once (pkg/logql/range_vector.go).

A function gets items sorted by group and time and, for each window, which of them it has. It gives
float64[window].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base.errors import BadInput
from appliance.logql.metric.cells import Items, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from appliance.logql.ast import RangeAggregation

#: Integers below this are exact in float64.
_EXACT = 2.0**53
#: How many items of overlapping windows are laid side by side at a time.
_BATCH = 1 << 21
_NS_PER_SECOND = 1_000_000_000
#: An edge that is not much further away than samples from one another is taken for the next one.
_NEAR = 1.1


@dataclass(frozen=True, slots=True)
class Bounds:
    """Windows of some groups, none of them empty.

    Attributes:
        lo, hi: int64[window], the first item and the one after the last.
        ends_ns: int64[window], when the window ends.
    """

    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    ends_ns: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """How many items there are: int64[window]."""
        return self.hi - self.lo


@dataclass(frozen=True, slots=True)
class RangeFunction:
    """A function over ranges.

    Attributes:
        kind: What it has to know of samples.
        compute: What it makes of the items of each window.
    """

    kind: Kind
    compute: Callable[[Items, Bounds], NDArray[np.float64]]


def range_function(node: RangeAggregation) -> RangeFunction:
    """The function that an aggregation asks for.

    Raises:
        BadInput: There is no such function.
    """
    op, seconds = node.op, _seconds(node.range.range_ns)
    if op == "rate":
        if node.range.unwrap is None:
            return RangeFunction(Kind.COUNT, lambda *args: _count(*args) / seconds)
        return RangeFunction(Kind.SUM, lambda *args: _sum(*args) / seconds)
    if op == "bytes_rate":
        return RangeFunction(Kind.SUM, lambda *args: _sum(*args) / seconds)
    if op == "rate_counter":
        return RangeFunction(
            Kind.ORDERED, lambda *args: _increase(*args, seconds=seconds) / seconds
        )
    if op == "quantile_over_time":
        fraction = 0.0 if node.parameter is None else node.parameter
        return RangeFunction(Kind.ALL, lambda *args: _quantile(*args, fraction=fraction))
    if op not in _FUNCTIONS:
        raise BadInput(f"unsupported range vector aggregation operation: {op}")
    return _FUNCTIONS[op]


def _seconds(range_ns: int) -> float:
    whole, rest = divmod(range_ns, _NS_PER_SECOND)
    return whole + rest / 1e9


def _reduced(
    ufunc: Any, values: NDArray[Any], lo: NDArray[np.int64], hi: NDArray[np.int64]
) -> NDArray[Any]:
    """`ufunc` over `values[lo:hi]` of each window; windows may overlap."""
    bounds = np.empty(2 * len(lo), dtype=np.int64)
    bounds[::2], bounds[1::2] = lo, hi
    found: NDArray[Any] = ufunc.reduceat(np.append(values, values[:1]), bounds)[::2]
    return found


def _count(items: Items, at: Bounds) -> NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(items.counts)])
    counts: NDArray[np.float64] = total[at.hi] - total[at.lo]
    return counts


def _sum(items: Items, at: Bounds) -> NDArray[np.float64]:
    values = items.values
    if _sums_exactly(values):
        total = np.concatenate([[0.0], np.cumsum(values)])
        exact: NDArray[np.float64] = total[at.hi] - total[at.lo]
        return exact
    return _reduced(np.add, values, at.lo, at.hi)


def _sums_exactly(values: NDArray[np.float64]) -> bool:
    """Whether all sums of neighbours are exact, so that differences of running sums will do."""
    with np.errstate(invalid="ignore", over="ignore"):
        whole = bool((values == np.trunc(values)).all())
        return whole and float(np.abs(values).sum()) < _EXACT


def _mean(items: Items, at: Bounds) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore", over="ignore"):
        mean: NDArray[np.float64] = _sum(items, at) / _count(items, at)
    return mean


def _first(items: Items, at: Bounds) -> NDArray[np.float64]:
    return items.values[at.lo]


def _last(items: Items, at: Bounds) -> NDArray[np.float64]:
    return items.values[at.hi - 1]


def _spread_out(
    bounds: Bounds,
) -> Iterator[tuple[slice, NDArray[np.int64], NDArray[np.int64]]]:
    """Batches of windows: which, the items of each one after the other, and where each begins."""
    lo, sizes = bounds.lo, bounds.sizes
    ends = np.cumsum(sizes)
    at = 0
    while at < len(lo):
        before = int(ends[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(ends, before + _BATCH, side="right")))
        part = slice(at, stop)
        starts = ends[part] - sizes[part] - before
        index = np.arange(int(ends[stop - 1]) - before) + np.repeat(lo[part] - starts, sizes[part])
        yield part, index, starts
        at = stop


def _variance(items: Items, at: Bounds) -> NDArray[np.float64]:
    """The mean square distance from the mean, in two passes over each window."""
    values = items.values
    found = np.empty(len(at.lo))
    with np.errstate(invalid="ignore", over="ignore"):
        for part, index, starts in _spread_out(at):
            sizes = at.sizes[part]
            shifted = values[index] - np.repeat(values[at.lo[part]], sizes)
            mean = np.add.reduceat(shifted, starts) / sizes
            distance = shifted - np.repeat(mean, sizes)
            found[part] = np.add.reduceat(distance * distance, starts) / sizes
    return found


def _deviation(items: Items, at: Bounds) -> NDArray[np.float64]:
    return np.sqrt(_variance(items, at))


def _quantile(items: Items, at: Bounds, *, fraction: float) -> NDArray[np.float64]:
    """The quantile between the two nearest values; NaN is the least value."""
    if not 0 <= fraction <= 1:
        return np.full(len(at.lo), -np.inf if fraction < 0 else np.inf)
    values = items.values
    order = np.argsort(np.where(np.isnan(values), -np.inf, values), kind="stable")
    ranked = values[order]
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values))
    found = np.empty(len(at.lo))
    for part, index, starts in _spread_out(at):
        sizes = at.sizes[part]
        number = np.repeat(np.arange(len(sizes)), sizes)
        keys = np.sort(number * len(values) + ranks[index])
        rank = fraction * (sizes - 1)
        below = np.floor(rank).astype(np.int64)
        above = np.minimum(below + 1, sizes - 1)
        weight = rank - below
        low = ranked[keys[starts + below] % len(values)]
        high = ranked[keys[starts + above] % len(values)]
        with np.errstate(invalid="ignore"):
            found[part] = low * (1 - weight) + high * weight
    return found


def _increase(items: Items, at: Bounds, *, seconds: float) -> NDArray[np.float64]:
    """The increase of a counter, extrapolated to the window's edges as Prometheus' `increase`.

    0 with less than two samples.
    """
    values, times, last = items.values, items.times_ns, at.hi - 1
    increase = values[last] - values[at.lo] + _resets(values, at.lo, at.hi)
    sampled = (times[last] - times[at.lo]) / _NS_PER_SECOND
    to_end = (at.ends_ns - times[last]) / _NS_PER_SECOND
    to_start = seconds - (at.ends_ns - times[at.lo]) / _NS_PER_SECOND
    with np.errstate(all="ignore"):
        average = sampled / (at.sizes - 1)
        to_zero = sampled * (values[at.lo] / increase)
        sloped = (increase > 0) & (values[at.lo] >= 0) & (to_zero < to_start)
        to_start = np.where(sloped, to_zero, to_start)
        reach = sampled
        for edge in (to_start, to_end):
            reach = reach + np.where(edge < average * _NEAR, edge, average / 2)
        found = increase * (reach / sampled)
    return np.where(at.sizes > 1, found, 0.0)


def _resets(
    values: NDArray[np.float64], lo: NDArray[np.int64], hi: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What counters lost by starting again, between the samples of each window."""
    fell = np.zeros(len(values))
    fell[1:] = np.where(values[1:] < values[:-1], values[:-1], 0.0)
    inner = np.minimum(lo + 1, hi)
    if _sums_exactly(fell):
        total = np.concatenate([[0.0], np.cumsum(fell)])
        exact: NDArray[np.float64] = total[hi] - total[inner]
        return exact
    return np.where(inner < hi, _reduced(np.add, fell, inner, hi), 0.0)


_FUNCTIONS = {
    "count_over_time": RangeFunction(Kind.COUNT, _count),
    "absent_over_time": RangeFunction(Kind.COUNT, _count),
    "bytes_over_time": RangeFunction(Kind.SUM, _sum),
    "sum_over_time": RangeFunction(Kind.SUM, _sum),
    "avg_over_time": RangeFunction(Kind.SUM, _mean),
    "min_over_time": RangeFunction(
        Kind.MIN, lambda items, at: _reduced(np.fmin, items.values, at.lo, at.hi)
    ),
    "max_over_time": RangeFunction(
        Kind.MAX, lambda items, at: _reduced(np.fmax, items.values, at.lo, at.hi)
    ),
    "first_over_time": RangeFunction(Kind.FIRST, _first),
    "last_over_time": RangeFunction(Kind.LAST, _last),
    "stdvar_over_time": RangeFunction(Kind.ALL, _variance),
    "stddev_over_time": RangeFunction(Kind.ALL, _deviation),
}
