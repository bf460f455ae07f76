"""The histogram_* functions, of native histograms and of classic ones (`le`).

A vector may hold both kinds; native histograms of one layout are worked on at once
(`histograms.batching`), and so are classic ones (`classic_buckets`).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram_batch import COUNT, SUM
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
from appliance.promql.histograms.batch_estimates import (
    batch_fractions,
    batch_quantiles,
    batch_variances,
)
from appliance.promql.histograms.batching import batched
from appliance.promql.names import merged, without_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram_batch import HistogramBatch
    from appliance.model.labels import Labels
    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Value
    from appliance.promql.histograms.batch_estimates import Estimates

    Floats = NDArray[np.float64]
    Implementation = Callable[[Call, Sequence[Value], Context], Value]


def _each(function: Callable[[HistogramBatch], Floats]) -> Implementation:
    """A function of vectors from one of native histograms; floats go."""

    def apply(_call: Call, values: Sequence[Value], context: Context) -> Frame:
        frame = frame_of(values[0])
        present = frame.is_histogram
        found = np.full(present.shape, np.nan)
        if frame.histograms is not None:
            cells = frame.histograms[present]
            results = np.empty(len(cells))
            for part in batched(cells.tolist()):
                results[part.places] = function(part.batch)
                context.guard.check()
            found[present] = results
        return without_names(Frame(frame.labels, found, present).pruned(), context)

    return apply


def _count(batch: HistogramBatch) -> Floats:
    return batch.numbers[:, COUNT]


def _sum(batch: HistogramBatch) -> Floats:
    return batch.numbers[:, SUM]


def _average(batch: HistogramBatch) -> Floats:
    with np.errstate(all="ignore"):
        found: Floats = batch.numbers[:, SUM] / batch.numbers[:, COUNT]
    return found


def _deviation(batch: HistogramBatch) -> Floats:
    with np.errstate(all="ignore"):
        return np.sqrt(batch_variances(batch))


def _fraction(call: Call, values: Sequence[Value], context: Context) -> Frame:
    lower, upper, frame = scalar_of(values[0]), scalar_of(values[1]), frame_of(values[2])
    kinds = kinds_of(frame, context, call.args[2].position)

    def estimated(batch: HistogramBatch, steps: NDArray[np.intp]) -> Estimates:
        return batch_fractions(batch, lower[steps], upper[steps])

    def remark(name: str, _value: float) -> None:
        info_fraction_of_nan(context.remarks, call.args[0].position, name)

    native = _native(kinds, context, estimated, remark=remark)
    return _result(kinds, native, kinds.classic.fractions(lower, upper), context)


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
    def estimated(batch: HistogramBatch, steps: NDArray[np.intp]) -> Estimates:
        return batch_quantiles(batch, parts[steps])

    def remark(name: str, value: float) -> None:
        info_quantile_of_nan(context.remarks, position, name, is_result_nan=math.isnan(value))

    return _native(kinds, context, estimated, remark=remark)


def _native(
    kinds: Kinds,
    context: Context,
    estimated: Callable[[HistogramBatch, NDArray[np.intp]], Estimates],
    *,
    remark: Callable[[str, float], None],
) -> Floats:
    """Estimates from native histograms: float64[native row, step].

    Args:
        estimated: From histograms and the step of each to estimates.
        remark: Of the metric and the result, where NaN observations matter.
    """
    found = np.full(kinds.native.shape, np.nan)
    if kinds.frame.histograms is None:
        return found
    rows, steps = np.nonzero(kinds.native)
    for part in batched(kinds.frame.histograms[rows, steps].tolist()):
        where = rows[part.places], steps[part.places]
        estimates = estimated(part.batch, where[1])
        found[where] = estimates.values
        for place in np.flatnonzero(estimates.has_nans).tolist():
            name = _name(kinds.frame.labels[where[0][place]], context)
            remark(name, float(estimates.values[place]))
        context.guard.check()
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
    "histogram_stdvar": _each(batch_variances),
    "histogram_sum": _each(_sum),
}
