"""The histogram_* functions, of native histograms and of classic ones (`le`).

A vector may hold both kinds; native histograms are worked on one by one where their buckets
differ, classic ones all at once (`classic_buckets`).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.annotations import (
    info_forced_monotonicity,
    info_fraction_of_nan,
    info_quantile_of_nan,
    warn_invalid_quantile,
)
from appliance.promql.frame import Frame
from appliance.promql.functions.floats import frame_of, scalar_of, text_of
from appliance.promql.functions.histogram_kinds import Kinds, kinds_of
from appliance.promql.go_format import general
from appliance.promql.histograms import fraction, quantile, variance
from appliance.promql.names import merged, without_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value

    Floats = NDArray[np.float64]
    Implementation = Callable[[Call, Sequence[Value], Context], Value]


def _each(function: Callable[[Histogram], float]) -> Implementation:
    """A function of vectors from one of native histograms; floats go."""

    def apply(_call: Call, values: Sequence[Value], context: Context) -> Frame:
        frame = frame_of(values[0])
        present = frame.is_histogram
        found = np.full(present.shape, np.nan)
        if frame.histograms is not None:
            cells = frame.histograms[present]
            found[present] = np.fromiter(map(function, cells), np.float64, len(cells))
        return without_names(Frame(frame.labels, found, present).pruned(), context)

    return apply


def _count(histogram: Histogram) -> float:
    return histogram.count


def _sum(histogram: Histogram) -> float:
    return histogram.sum


def _average(histogram: Histogram) -> float:
    with np.errstate(all="ignore"):
        return float(np.float64(histogram.sum) / np.float64(histogram.count))


def _deviation(histogram: Histogram) -> float:
    with np.errstate(all="ignore"):
        return float(np.sqrt(variance(histogram)))


def _fraction(call: Call, values: Sequence[Value], context: Context) -> Frame:
    lower, upper, frame = scalar_of(values[0]), scalar_of(values[1]), frame_of(values[2])
    kinds = kinds_of(frame, context, call.args[2].position)

    def native(histogram: Histogram, row: int, step: int) -> float:
        found = fraction(histogram, float(lower[step]), float(upper[step]))
        if found.has_nans:
            name = _name(kinds.frame.labels[row], context)
            info_fraction_of_nan(context.remarks, call.args[0].position, name)
        return found.value

    return _result(kinds, _native(kinds, native), kinds.classic.fractions(lower, upper), context)


def _quantile(call: Call, values: Sequence[Value], context: Context) -> Frame:
    parts, frame = scalar_of(values[0]), frame_of(values[1])
    _check_parts(parts, context, call.args[0].position)
    position = call.args[1].position
    kinds = kinds_of(frame, context, position)
    _make_monotonic(kinds, [parts], context, position)
    native = _native_quantiles(kinds, parts, context, call.args[0].position)
    return _result(kinds, native, kinds.classic.quantiles(parts), context)


def _quantiles(call: Call, values: Sequence[Value], context: Context) -> Frame:
    """Several quantiles, each series with a label that says which."""
    label, position = text_of(call, 1), call.args[0].position
    wanted = [scalar_of(value) for value in values[2:]]
    for parts, argument in zip(wanted, call.args[2:], strict=True):
        _check_parts(parts, context, argument.position)
    kinds = kinds_of(frame_of(values[0]), context, position)
    _make_monotonic(kinds, wanted, context, position)
    found = []
    for parts in wanted:
        native = _native_quantiles(kinds, parts, context, position)
        frame = _parted(kinds, native, kinds.classic.quantiles(parts))
        for part in np.unique(parts).tolist():
            there = np.isnan(parts) if math.isnan(part) else parts == part
            labels = [item.extended({label: _shown(part)}) for item in frame.labels]
            found.append(replace(frame, labels=labels, present=frame.present & there).pruned())
    return without_names(_stacked(found), context)


def _check_parts(parts: Floats, context: Context, position: int) -> None:
    invalid = parts[~((parts >= 0) & (parts <= 1))]
    for part in dict.fromkeys(general(part) for part in invalid.tolist()):
        warn_invalid_quantile(context.remarks, position, float(part))


def _make_monotonic(
    kinds: Kinds, wanted: Sequence[Floats], context: Context, position: int
) -> None:
    """Repair classic histograms, and say so once for each quantile that uses them."""
    repairs = kinds.classic.make_monotonic()
    for parts in wanted:
        valid = (parts >= 0) & (parts <= 1)
        for repair in repairs:
            times = context.steps_ms[repair.steps[valid[repair.steps]]]
            if len(times):
                info_forced_monotonicity(
                    context.remarks,
                    position,
                    _name(kinds.classic_labels[repair.histogram], context),
                    time_ms=int(times[0]),
                    buckets=(repair.lowest, repair.highest),
                    difference=repair.difference,
                    last_ms=int(times[-1]),
                    samples=len(times),
                )


def _native_quantiles(kinds: Kinds, parts: Floats, context: Context, position: int) -> Floats:
    def native(histogram: Histogram, row: int, step: int) -> float:
        found = quantile(histogram, float(parts[step]))
        if found.has_nans:
            info_quantile_of_nan(
                context.remarks,
                position,
                _name(kinds.frame.labels[row], context),
                is_result_nan=math.isnan(found.value),
            )
        return found.value

    return _native(kinds, native)


def _native(kinds: Kinds, function: Callable[[Histogram, int, int], float]) -> Floats:
    """A function of each native histogram, its row and its step: float64[native row, step]."""
    found = np.full(kinds.native.shape, np.nan)
    rows, steps = np.nonzero(kinds.native)
    if kinds.frame.histograms is not None:
        cells = kinds.frame.histograms[rows, steps]
        places = zip(cells, rows.tolist(), steps.tolist(), strict=True)
        found[rows, steps] = [function(cell, row, step) for cell, row, step in places]
    return found


def _result(kinds: Kinds, native: Floats, classic: Floats, context: Context) -> Frame:
    return without_names(_parted(kinds, native, classic), context)


def _parted(kinds: Kinds, native: Floats, classic: Floats) -> Frame:
    """Results of native histograms, then those of classic ones."""
    rows = np.flatnonzero(kinds.native.any(axis=1))
    labels = [kinds.frame.labels[row] for row in rows.tolist()]
    frame = Frame(
        [*labels, *kinds.classic_labels],
        np.concatenate([native[rows], classic]),
        np.concatenate([kinds.native[rows], kinds.classic_present]),
    )
    return merged(frame.pruned())


def _stacked(frames: Sequence[Frame]) -> Frame:
    return Frame(
        [label for frame in frames for label in frame.labels],
        np.concatenate([frame.values for frame in frames]),
        np.concatenate([frame.present for frame in frames]),
    )


def _name(labels: Labels, context: Context) -> str:
    """The metric name that remarks mention; none when it is gone by then."""
    return labels.get("__name__") if context.delays_names else ""


def _shown(part: float) -> str:
    """A quantile as the value of a label: always with a point or an exponent."""
    text = general(part)
    return text if not math.isfinite(part) or "." in text or "e" in text else f"{text}.0"


IMPLEMENTATIONS: Mapping[str, Implementation] = {
    "histogram_avg": _each(_average),
    "histogram_count": _each(_count),
    "histogram_fraction": _fraction,
    "histogram_quantile": _quantile,
    "histogram_quantiles": _quantiles,
    "histogram_stddev": _each(_deviation),
    "histogram_stdvar": _each(variance),
    "histogram_sum": _each(_sum),
}
