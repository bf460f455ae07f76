"""sum and avg (promql/engine.go, aggregation), of floats and of native histograms.

Floats are added up for all groups and steps at once. Groups that have histograms at a step are
done one by one, in the order of the input: it decides which remarks are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import Histogram, ResetHint
from appliance.promql.aggregation.compensated import group_sums, may_overflow
from appliance.promql.aggregation.overflowing import sequential_average, sequential_sum
from appliance.promql.annotations import (
    HistogramOperation,
    info_mismatched_bounds,
    warn_mixed_in_aggregation,
    warn_mixed_schemas,
    warn_reset_collision,
)
from appliance.promql.ast import METRIC_NAME
from appliance.promql.frame import empty_histograms
from appliance.promql.histograms import (
    HistogramMean,
    HistogramSum,
    IncompatibleSchemas,
    compact,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from appliance.promql.aggregation.input import Input
    from appliance.promql.frame import Frame

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


def total(data: Input) -> Frame:
    """The sum of each group."""
    return _aggregated(data, _float_sums, HistogramSum)


def average(data: Input) -> Frame:
    """The mean of each group."""
    return _aggregated(data, _float_averages, HistogramMean)


def _aggregated(
    data: Input,
    floats: Callable[[Input, Mask], Floats],
    histograms: Callable[[Histogram], HistogramSum | HistogramMean],
) -> Frame:
    frame = data.frame
    present = data.groups.any(frame.present)
    found = floats(data, frame.is_float)
    mask = data.groups.any(frame.is_histogram) if frame.histograms is not None else None
    if mask is None or not mask.any():
        return data.result(found, present)
    results = empty_histograms(present.shape)
    for group, step in np.argwhere(mask).tolist():
        data.context.guard.check()
        histogram = _aggregated_cell(data, (group, step), histograms)
        present[group, step] = histogram is not None
        results[group, step] = histogram
    return data.result(found, present, results)


def _float_sums(data: Input, is_float: Mask) -> Floats:
    values = _filled(data.frame.values, is_float)
    if may_overflow(values):
        return sequential_sum(values, is_float, data.groups)
    sums = group_sums(values, data.groups)
    return sums.total + sums.error


def _float_averages(data: Input, is_float: Mask) -> Floats:
    values = _filled(data.frame.values, is_float)
    if may_overflow(values):
        return sequential_average(values, is_float, data.groups)
    sums, counts = group_sums(values, data.groups), data.groups.tally(is_float)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums.total / counts + sums.error / counts
    return found


def _filled(values: Floats, is_float: Mask) -> Floats:
    return values if is_float.all() else np.where(is_float, values, 0.0)


def _aggregated_cell(
    data: Input,
    place: tuple[int, int],
    accumulate: Callable[[Histogram], HistogramSum | HistogramMean],
) -> Histogram | None:
    """The histogram of a group at a step; None when its samples do not go together."""
    group, step = place
    members = data.groups.members(group)
    members = members[data.frame.present[members, step]]
    samples = _histograms(data, members, step)
    if any(sample is None for sample in samples):
        if _is_compatible(data, members, samples):
            warn_mixed_in_aggregation(data.context.remarks, data.position)
        return None
    found = accumulate(samples[0])
    for row, sample in zip(members[1:].tolist(), samples[1:], strict=True):
        try:
            found.add(sample)
        except IncompatibleSchemas:
            _warn_schemas(data, row)
            return None
    if found.is_reconciled:
        info_mismatched_bounds(data.context.remarks, data.position, HistogramOperation.AGGREGATION)
    hints = {sample.reset_hint for sample in samples}
    if {ResetHint.RESET, ResetHint.NOT_RESET} <= hints:
        warn_reset_collision(data.context.remarks, data.position, HistogramOperation.AGGREGATION)
    if isinstance(found, HistogramMean):
        return found.mean()
    return compact(found.total())


def _histograms(data: Input, members: NDArray[np.intp], step: int) -> list[Any]:
    histograms = data.frame.histograms
    assert histograms is not None  # noqa: S101 - the caller has seen some
    found: list[Any] = histograms[members, step].tolist()
    return found


def _is_compatible(data: Input, members: NDArray[np.intp], samples: list[Any]) -> bool:
    """Whether a group with a float was not given up before, for histograms of two schemas.

    Histograms are added up as long as the first sample was one.
    """
    first = samples[0]
    if first is None:
        return True
    for row, sample in zip(members.tolist(), samples, strict=True):
        if sample is None:
            continue
        if sample.is_custom != first.is_custom:
            _warn_schemas(data, row)
            place = samples.index(sample)
            return None in samples[:place]
    return True


def _warn_schemas(data: Input, row: int) -> None:
    name = data.frame.labels[row].get(METRIC_NAME)
    warn_mixed_schemas(data.context.remarks, data.position, name)
