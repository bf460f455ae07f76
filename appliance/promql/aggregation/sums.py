"""sum and avg (promql/engine.go, aggregation), of floats and of native histograms.

Floats are added up for all groups and steps at once, and so are histograms of one layout. Where
histograms differ or meet floats, samples are taken in the order of the input: it decides which
remarks are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.histogram import Histogram, ResetHint
from appliance.promql.aggregation.compensated import group_sums, may_overflow
from appliance.promql.aggregation.histogram_totals import totals
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
    Accumulator = Callable[[Histogram], HistogramSum | HistogramMean]


def total(data: Input) -> Frame:
    """The sum of each group."""
    return _aggregated(data, _float_sums, HistogramSum)


def average(data: Input) -> Frame:
    """The mean of each group."""
    return _aggregated(data, _float_averages, HistogramMean)


def _aggregated(
    data: Input,
    floats: Callable[[Input, Mask], Floats],
    accumulate: Accumulator,
) -> Frame:
    frame = data.frame
    present = data.groups.any(frame.present)
    found = floats(data, frame.is_float)
    mask = data.groups.any(frame.is_histogram) if frame.histograms is not None else None
    if mask is None or not mask.any():
        return data.result(found, present)
    results = empty_histograms(present.shape)
    for group in np.flatnonzero(mask.any(axis=1)).tolist():
        data.context.guard.check()
        steps = np.flatnonzero(mask[group])
        histograms = _group_histograms(data, group, (steps, accumulate))
        results[group, steps] = np.fromiter(histograms, object, len(histograms))
        present[group, steps] = [item is not None for item in histograms]
    return data.result(found, present, results)


def _group_histograms(
    data: Input, group: int, more: tuple[NDArray[np.intp], Accumulator]
) -> list[Histogram | None]:
    """The histograms of a group at the steps where it has some; None where they do not go together.

    Most groups have histograms of one layout: these are added up at once.
    """
    steps, accumulate = more
    members = data.groups.members(group)[:, np.newaxis]
    assert data.frame.histograms is not None  # noqa: S101 - the caller has seen some
    cells = data.frame.histograms[members, steps]
    cells[~data.frame.is_histogram[members, steps]] = None
    found: list[Histogram | None] = [None] * len(steps)
    is_plain = ~data.frame.is_float[members, steps].any(axis=0)
    plain = np.flatnonzero(is_plain)
    if len(plain):
        sums, collides = totals(cells[:, plain], is_mean=accumulate is HistogramMean)
        for place, item in zip(plain.tolist(), sums, strict=True):
            found[place] = item
        if (collides & np.array([item is not None for item in sums])).any():
            _warn_of_collision(data)
    for place in np.flatnonzero([item is None for item in found]).tolist():
        found[place] = _aggregated_cell(data, (group, int(steps[place])), accumulate)
    return found


def _float_sums(data: Input, is_float: Mask) -> Floats:
    values = _filled(data.frame.values, is_float)
    if (data.groups.sizes == 1).all():
        return data.groups.sorted(values)
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
    accumulate: Accumulator,
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
    _warn_of_resets(data, samples)
    if isinstance(found, HistogramMean):
        return compact(found.mean())
    return compact(found.total())


def _warn_of_resets(data: Input, samples: list[Histogram]) -> None:
    if {ResetHint.RESET, ResetHint.NOT_RESET} <= {sample.reset_hint for sample in samples}:
        _warn_of_collision(data)


def _warn_of_collision(data: Input) -> None:
    warn_reset_collision(data.context.remarks, data.position, HistogramOperation.AGGREGATION)


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
