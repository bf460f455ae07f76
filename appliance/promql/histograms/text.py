"""Native histograms as text, as Go's FloatHistogram prints them in messages and test files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram import ResetHint
from appliance.model.histogram_bounds import negative_bounds, positive_bounds
from appliance.promql.go_format import general
from appliance.promql.histograms.arithmetic import compact

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.histogram import Buckets, Histogram

_HINTS = {ResetHint.RESET: "reset", ResetHint.NOT_RESET: "not_reset", ResetHint.GAUGE: "gauge"}


def print_histogram(histogram: Histogram) -> str:
    """Count, sum and populated buckets: `{count:3, sum:5, (1,2]:3}`."""
    parts = [f"count:{_number(histogram.count)}", f"sum:{_number(histogram.sum)}"]
    parts += reversed(_intervals(histogram.negative, negative_bounds(histogram), ("[", ")")))
    if histogram.zero_count != 0:
        width = _number(histogram.zero_threshold)
        parts.append(
            f"[{_number(-histogram.zero_threshold)},{width}]:{_number(histogram.zero_count)}"
        )
    positive = _intervals(histogram.positive, positive_bounds(histogram), ("(", "]"))
    if positive and histogram.is_custom and positive[0].startswith("(-Inf"):
        positive[0] = "[" + positive[0][1:]
    parts += positive
    return "{" + ", ".join(parts) + "}"


def _intervals(
    buckets: Buckets,
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    brackets: tuple[str, str],
) -> list[str]:
    """Populated buckets, by index."""
    rows = zip(*(column.tolist() for column in (*bounds, buckets.counts)), strict=True)
    return [
        f"{brackets[0]}{_number(lower)},{_number(upper)}{brackets[1]}:{_number(count)}"
        for lower, upper, count in rows
        if count
    ]


def print_test_expression(histogram: Histogram) -> str:
    """The notation of Prometheus' tests: `{{schema:1 count:3 sum:5 buckets:[1 2]}}`."""
    histogram = compact(histogram)
    fields = [
        ("schema", histogram.schema, str(histogram.schema)),
        ("count", histogram.count, _number(histogram.count)),
        ("sum", histogram.sum, _number(histogram.sum)),
        ("z_bucket", histogram.zero_count, _number(histogram.zero_count)),
        ("z_bucket_w", histogram.zero_threshold, _number(histogram.zero_threshold)),
    ]
    parts = [f"{name}:{text}" for name, value, text in fields if value != 0]
    if histogram.is_custom:
        parts.append(f"custom_values:[{' '.join(map(_number, histogram.custom_values.tolist()))}]")
    if histogram.reset_hint in _HINTS:
        parts.append(f"counter_reset_hint:{_HINTS[histogram.reset_hint]}")
    parts += _dense_side("offset", "buckets", histogram.positive)
    parts += _dense_side("n_offset", "n_buckets", histogram.negative)
    return "{{" + " ".join(parts) + "}}"


def _dense_side(offset: str, name: str, buckets: Buckets) -> list[str]:
    """Buckets from the first to the last, with the empty ones between them."""
    if not len(buckets.indexes):
        return []
    first, last = int(buckets.indexes[0]), int(buckets.indexes[-1])
    counts = np.zeros(last - first + 1)
    counts[buckets.indexes - first] = buckets.counts
    shown = f"{name}:[{' '.join(map(_number, counts.tolist()))}]"
    return [f"{offset}:{first}", shown] if first else [shown]


def _number(value: float) -> str:
    return general(value)
