"""Functions over ranges alone: CPU time per series and step, without store, parser and labels.

6,000 series of 1,440 samples (six hours at 15 s), evaluated at 360 steps a minute apart. Then whole
queries over native histograms: 1,000 series of 20 buckets, as many samples, 240 steps.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from appliance.base.clock import SystemClock
from appliance.model.histogram import Buckets, Histogram
from appliance.model.labels import Labels
from appliance.model.sample import ABSENT, SeriesGroup, box_histograms
from appliance.promql.engine import evaluate
from appliance.promql.frame import Ranges
from appliance.promql.kernels.extremes import max_windows, time_of_max
from appliance.promql.kernels.order import deviation_windows, quantile_windows
from appliance.promql.kernels.rates import extended, extrapolated, last_two
from appliance.promql.kernels.regression import slopes, smoothed_values
from appliance.promql.kernels.spread import variance_windows
from appliance.promql.kernels.sums import average_windows, sum_windows
from appliance.promql.kernels.transitions import change_counts
from appliance.promql.parser import parse
from appliance.promql.pieces import Reach, pieces
from appliance.promql.windows import Windows
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.store.metrics.blocks.histogram_codec import decode, encode

if TYPE_CHECKING:
    from appliance.model.sources import SeriesSource

_MINUTE_MS = 60_000
_STEPS = 360
_HISTOGRAM_STEPS, _BUCKETS = 240, 20
_HISTOGRAM_QUERIES = (
    "histogram_quantile(0.9, rate(h[5m]))",
    "histogram_quantile(0.9, sum by (job) (rate(h[5m])))",
    "histogram_fraction(0, 1, rate(h[5m]))",
    "histogram_avg(rate(h[5m]))",
    "histogram_count(sum_over_time(h[5m]))",
    "histogram_quantile(0.9, h)",
    "histogram_count(sum(h))",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=6000)
    parser.add_argument("--samples", type=int, default=1440)
    parser.add_argument("--histograms", type=int, default=1000, help="series of native histograms")
    chosen = parser.parse_args()
    print(f"{'':34}{'CPU s':>8}{'ns per series and step':>26}")
    shape = chosen.series, chosen.samples
    for data, values in _data(shape).items():
        for name, minutes, kernel in _kernels():
            seconds = _measure(_ranges(values, minutes), kernel)
            each = seconds / (chosen.series * _STEPS) * 1e9
            print(f"{data:10}{name + f'[{minutes}m]':24}{seconds:8.3f}{each:14.0f}")
    _measure_histograms(chosen.histograms, chosen.samples)


def _data(shape: tuple[int, int]) -> dict[str, NDArray[np.float64]]:
    random = np.random.default_rng(1)
    counters = np.cumsum(random.integers(0, 100, shape), axis=1).astype(np.float64)
    middle = shape[1] // 2
    counters[::7, middle:] -= counters[::7, middle : middle + 1]
    gauges = random.normal(5, 2, shape)
    gaps = np.where(random.random(shape) < 0.05, ABSENT, gauges)
    return {"counters": counters, "gauges": gauges, "gaps": gaps}


def _kernels() -> list[tuple[str, int, Callable[[Windows], object]]]:
    rate = partial(extrapolated, is_counter=True, per_second=True)
    anchored = partial(extended, is_counter=True, per_second=True, smoothed=False)
    halves = np.full(_STEPS, 0.5)
    return [
        ("rate", 5, rate),
        ("rate", 60, rate),
        ("irate", 5, partial(last_two, is_counter=True)),
        ("rate anchored", 5, anchored),
        ("sum_over_time", 5, sum_windows),
        ("sum_over_time", 60, sum_windows),
        ("avg_over_time", 60, average_windows),
        ("max_over_time", 60, max_windows),
        ("ts_of_max_over_time", 5, time_of_max),
        ("stddev_over_time", 5, variance_windows),
        ("stddev_over_time", 60, variance_windows),
        ("changes", 60, change_counts),
        ("deriv", 5, slopes),
        ("deriv", 60, slopes),
        ("quantile_over_time", 5, partial(quantile_windows, quantiles=halves)),
        ("mad_over_time", 5, deviation_windows),
        ("double_exp._smoothing", 5, partial(smoothed_values, smoothing=halves, trend=halves)),
    ]


def _ranges(values: NDArray[np.float64], minutes: int) -> Ranges:
    ends = np.arange(_STEPS, dtype=np.int64) * _MINUTE_MS + 5000
    labels = [Labels.of({"series": str(number)}) for number in range(len(values))]
    times = np.arange(values.shape[1], dtype=np.int64) * 15_000 + 1000
    group = SeriesGroup(labels, times, values)
    return Ranges([group], ends - minutes * _MINUTE_MS, ends, "", [None])


def _measure(found: Ranges, kernel: Callable[[Windows], object]) -> float:
    began = time.process_time()
    for piece in pieces(found, Reach()):
        kernel(piece)
    return time.process_time() - began


def _measure_histograms(series: int, samples: int) -> None:
    print(f"\n{'native histograms':58}{'CPU s':>8}{'us per series and step':>26}")
    source = _Source(_native(series, samples))
    for text in _HISTOGRAM_QUERIES:
        guard = QueryGuard(_NO_LIMITS, SystemClock())
        began = time.process_time()
        evaluate(
            parse(text),
            cast("SeriesSource", source),
            start_ms=0,
            end_ms=(_HISTOGRAM_STEPS - 1) * 90_000,
            step_ms=90_000,
            guard=guard,
        )
        seconds = time.process_time() - began
        each = seconds / (series * _HISTOGRAM_STEPS) * 1e6
        print(f"{text:58}{seconds:8.3f}{each:14.2f}", flush=True)


_NO_LIMITS = QueryLimits(timeout_seconds=3600, max_samples=10**12, max_series=10**9)


class _Source:
    """One group of series, whatever is asked for."""

    def __init__(self, group: SeriesGroup) -> None:
        self._group = group

    def select(self, *_: object) -> list[SeriesGroup]:
        return [self._group]


def _native(series: int, samples: int) -> SeriesGroup:
    """Counters that are reset once, stored as the store gives them: encoded and decoded again."""
    random = np.random.default_rng(2)
    indexes = np.arange(-8, _BUCKETS - 8, dtype=np.int64)
    found: list[Histogram] = []
    for _ in range(series):
        counts = np.cumsum(random.integers(0, 9, (samples, _BUCKETS)), axis=0).astype(np.float64)
        counts[samples // 2 :] -= counts[samples // 2]
        sums = (counts.sum(axis=1) * 1.1).tolist()
        rows = [
            Histogram(3, float(row.sum()), total, 2.0**-20, positive=Buckets(indexes, row))
            for row, total in zip(counts, sums, strict=True)
        ]
        found += decode(encode(rows))
    labels = [
        Labels.of({"__name__": "h", "series": str(number), "job": str(number % 10)})
        for number in range(series)
    ]
    cells = box_histograms(np.arange(series * samples)).reshape(series, samples)
    return SeriesGroup(labels, np.arange(samples, dtype=np.int64) * 15_000, cells, found)


if __name__ == "__main__":
    main()
