"""Sums and averages of values so large that a sum may overflow, in Prometheus' order of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.promql.grouping import Groups

    Floats = NDArray[np.float64]


def sequential_sum(values: Floats, present: NDArray[np.bool_], groups: Groups) -> Floats:
    """float64[group, step]: sums; 0 where a group has no value."""
    shape = (groups.count, values.shape[1])
    total, error = np.zeros(shape), np.zeros(shape)
    with np.errstate(all="ignore"):
        for rows, members in groups.ranks():
            here, value = present[members], values[members]
            added, lost = _kahan(value, total[rows], error[rows])
            total[rows] = np.where(here, added, total[rows])
            error[rows] = np.where(here, lost, error[rows])
        return total + error


def sequential_average(values: Floats, present: NDArray[np.bool_], groups: Groups) -> Floats:
    """float64[group, step]: averages; anything where a group has no value.

    The sum is divided at the end, unless it overflows: from then on a running mean is kept.
    """
    shape = (groups.count, values.shape[1])
    total, error, mean, count = (np.zeros(shape) for _ in range(4))
    running = np.zeros(shape, dtype=np.bool_)
    with np.errstate(all="ignore"):
        for rows, members in groups.ranks():
            here, value = present[members], values[members]
            number = count[rows] + here
            added, lost = _kahan(value, total[rows], error[rows])
            turns = here & ~running[rows] & np.isinf(added) & (number > 1)
            old_mean = np.where(turns, total[rows] / (number - 1), mean[rows])
            old_error = np.where(turns, error[rows] / (number - 1), error[rows])
            is_running = running[rows] | turns
            share = (number - 1) / number
            new_mean, mean_error = _kahan(value / number, share * old_mean, share * old_error)
            in_mean, in_sum = here & is_running, here & ~is_running
            total[rows] = np.where(in_sum, added, total[rows])
            mean[rows] = np.where(in_mean, new_mean, mean[rows])
            error[rows] = np.where(in_mean, mean_error, np.where(in_sum, lost, error[rows]))
            count[rows], running[rows] = number, is_running
        return np.where(running, mean + error, total / count + error / count)


def _kahan(added: Floats, total: Floats, error: Floats) -> tuple[Floats, Floats]:
    """One step of Neumaier's summation as Prometheus does it."""
    new = total + added
    rest = np.where(np.abs(total) >= np.abs(added), (total - new) + added, (added - new) + total)
    return new, np.where(np.isinf(new), 0.0, error + rest)
