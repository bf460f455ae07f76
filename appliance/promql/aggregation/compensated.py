"""Sums of the rows of groups without loss of small values beside large ones.

Prometheus adds with Kahan's and Neumaier's compensation, one sample after the other. Here many
rows are added at a time: groups are cut into lanes, all lanes advance together, and lanes are added
up in the same way. Each addition keeps its rounding error (Knuth's TwoSum), so that the order
hardly matters. Sums that may overflow are computed in Prometheus' order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.grouping import Groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Rows that a lane adds up, one after the other.
_LANE = 32
#: Below this magnitude no sum of as many values overflows.
_SAFE = 1e300


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Sums of groups.

    Attributes:
        total: float64[group, step], the sum as it came out.
        error: float64[group, step], what rounding took away; to be added at the end.
    """

    total: NDArray[np.float64]
    error: NDArray[np.float64]


def group_sums(values: NDArray[np.float64], groups: Groups) -> Sums:
    """Sums of floats; 0 where a group has none.

    Args:
        values: float64[row, step], 0 where there is no sample; NaN and infinities are allowed.
    """
    with np.errstate(all="ignore"):
        if _is_finite(values):
            return _lanes(values, np.zeros(0), groups)
        odd = groups.reduce(np.add, np.where(np.isfinite(values), 0.0, values), 0.0)
        found = _lanes(np.where(np.isfinite(values), values, 0.0), np.zeros(0), groups)
    is_odd = odd != 0
    return Sums(np.where(is_odd, odd, found.total), np.where(is_odd, 0.0, found.error))


def may_overflow(values: NDArray[np.float64]) -> bool:
    """Whether a sum of the finite values of a column may exceed float64."""
    if not _is_finite(values):
        values = np.where(np.isfinite(values), values, 0.0)
    largest = max(-values.min(initial=0.0), values.max(initial=0.0))
    return bool(largest > _SAFE / max(len(values), 1))


def _is_finite(values: NDArray[np.float64]) -> bool:
    # NaN and infinities show in the extremes; that is quicker than looking at each.
    return bool(np.isfinite(values.min(initial=0.0)) and np.isfinite(values.max(initial=0.0)))


def _lanes(values: NDArray[np.float64], errors: NDArray[np.float64], groups: Groups) -> Sums:
    """Sums by lanes, until there is one lane per group; errors: as values, or empty for none."""
    if (groups.sizes <= 1).all():
        total = _placed(values, groups)
        return Sums(total, _placed(errors, groups) if errors.size else np.zeros_like(total))
    lanes_of = -(-groups.sizes // _LANE)
    owner = np.repeat(np.arange(groups.count), lanes_of)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(lanes_of) - lanes_of, lanes_of)
    starts = groups.starts[owner] + within * _LANE
    sizes = np.minimum(groups.sizes[owner] - within * _LANE, _LANE)
    largest_first = np.argsort(-sizes, kind="stable")
    starts, sizes = starts[largest_first], sizes[largest_first]
    found = _accumulated(values, errors, (groups.order, starts, sizes))
    return _lanes(found.total, found.error, Groups.of(owner[largest_first], groups.count))


def _placed(values: NDArray[np.float64], groups: Groups) -> NDArray[np.float64]:
    """The only row of each group; 0 for a group without."""
    found = np.zeros((groups.count, values.shape[1]))
    found[groups.ids] = values
    return found


def _accumulated(
    values: NDArray[np.float64],
    errors: NDArray[np.float64],
    lanes: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]],
) -> Sums:
    """Sums of lanes.

    Args:
        lanes: The rows in order, where lanes start in it, and their sizes, largest first.
    """
    order, starts, sizes = lanes
    first = order[starts]
    total = values[first]
    error = errors[first] if errors.size else np.zeros_like(total)
    new, back, rest = np.empty_like(total), np.empty_like(total), np.empty_like(total)
    for place in range(1, int(sizes[0])):
        active = int(np.searchsorted(-sizes, -place, side="left"))
        rows = order[starts[:active] + place]
        added = values[rows]
        sums, t, b, e = total[:active], new[:active], back[:active], rest[:active]
        # TwoSum: t is the rounded sum, what is left over goes to the error.
        np.add(sums, added, out=t)
        np.subtract(t, sums, out=b)
        np.subtract(added, b, out=added)
        np.subtract(t, b, out=b)
        np.subtract(sums, b, out=e)
        e += added
        error[:active] += e
        if errors.size:
            error[:active] += errors[rows]
        sums[...] = t
    return Sums(total, error)
