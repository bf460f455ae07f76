"""Variances and quantiles of groups (promql/engine.go, quantile of promql/quantile.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.grouping import Groups

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


#: Groups up to this size are gone through one member after the other.
_FEW = 256


def group_variances(values: Floats, present: Mask, groups: Groups) -> Floats:
    """Population variances; NaN where a value is NaN or infinite, or there is none.

    Args:
        values, present: [row, step].

    Returns:
        float64[group, step].
    """
    if groups.sizes.max(initial=0) <= _FEW:
        return _running_variances(values, present, groups)
    return _variances(values, present, groups)


def _running_variances(values: Floats, present: Mask, groups: Groups) -> Floats:
    """By Welford's algorithm, as Prometheus does it: equal to the last digit."""
    shape = (groups.count, values.shape[1])
    count, mean, squares = (np.zeros(shape) for _ in range(3))
    with np.errstate(all="ignore"):
        for rows, members in groups.ranks():
            here, value = present[members], values[members]
            number = count[rows] + here
            apart = value - mean[rows]
            new_mean = mean[rows] + apart / number
            added = squares[rows] + apart * (value - new_mean)
            count[rows] = number
            mean[rows] = np.where(here, new_mean, mean[rows])
            squares[rows] = np.where(here, added, squares[rows])
        found: Floats = squares / count
    return found


def _variances(values: Floats, present: Mask, groups: Groups) -> Floats:
    """In two passes, for all members at once.

    Values are taken relative to the least of their group, so that equal ones give exactly 0.
    """
    with np.errstate(all="ignore"):
        filled = values if present.all() else np.where(present, values, np.nan)
        least = groups.reduce(np.fmin, filled, np.nan)
        counts = groups.tally(present)
        apart = np.where(present, filled - least[groups.ids], 0.0)
        mean = groups.reduce(np.add, apart, 0.0) / counts
        squares = np.where(present, np.square(apart - mean[groups.ids]), 0.0)
        found: Floats = groups.reduce(np.add, squares, 0.0) / counts
    odd = present & ~np.isfinite(values)
    return np.where(groups.any(odd), np.nan, found) if odd.any() else found


def group_quantiles(wanted: Floats, samples: tuple[Floats, Mask], groups: Groups) -> Floats:
    """Quantiles, interpolated between the two nearest values; NaN counts as the least value.

    Args:
        wanted: float64[step]; -Inf comes out below 0, +Inf above 1, NaN for NaN.
        samples: Values and which of them count, [row, step].

    Returns:
        float64[group, step]; NaN where a group has no value.
    """
    values, present = samples
    found = np.full((groups.count, values.shape[1]), np.nan)
    # Groups of one size are done together.
    for size in np.unique(groups.sizes).tolist():
        chosen = np.flatnonzero(groups.sizes == size)
        rows = groups.order[groups.starts[chosen][:, np.newaxis] + np.arange(size)]
        found[chosen] = _quantiles(wanted, values[rows], present[rows])
    return found


def _quantiles(wanted: Floats, values: Floats, present: Mask) -> Floats:
    """Quantiles along the second axis; values, present: [group, member, step]."""
    is_nan = present & np.isnan(values)
    keys = np.where(present, np.where(is_nan, -np.inf, values), np.inf)
    keys.sort(axis=1)
    nans, counts = is_nan.sum(axis=1), present.sum(axis=1)
    with np.errstate(invalid="ignore"):
        rank = wanted * (counts - 1)
        weight = rank - np.floor(rank)
        lower = np.clip(np.nan_to_num(np.floor(rank)), 0, np.maximum(counts - 1, 0))
        upper = np.minimum(lower + 1, np.maximum(counts - 1, 0))
        below, above = (_at(keys, place.astype(np.intp), nans) for place in (lower, upper))
        found = below * (1 - weight) + above * weight
    found = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, found))
    return np.where(np.isnan(wanted) | (counts == 0), np.nan, found)


def _at(keys: Floats, places: NDArray[np.intp], nans: NDArray[np.intp]) -> Floats:
    """The values at places of the sorted members, the first of which are NaN."""
    found = np.take_along_axis(keys, places[:, np.newaxis, :], axis=1)[:, 0]
    return np.where(places < nans, np.nan, found)
