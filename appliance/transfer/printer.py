"""Samples as OpenMetrics text with timestamps."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_histogram, is_stale
from appliance.transfer.reader import STALE_TEXT
from appliance.wire.exposition.print import print_series
from appliance.wire.numbers import format_timestamps, format_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.transfer.families import Family
    from appliance.wire.remote.read import ReadSeries


class MetricPrinter:
    """Prints metric after metric.

    Attributes:
        samples: Printed so far.
        histograms: Native histograms, which the text has no form for, left out so far.
    """

    def __init__(self) -> None:
        self.samples = 0
        self.histograms = 0
        self._memo: dict[int, bytes] = {}

    def print(self, family: Family, series: Sequence[ReadSeries]) -> bytes:
        """The series of one metric: by time, and at a time in the family's order."""
        ordered = sorted(series, key=lambda one: family.rank(one.labels))
        plain = [item for one in ordered if len((item := self._without_histograms(one)).times)]
        lines = [self._lines(one) for one in plain]
        if len(plain) < 2:
            return b"".join(b"".join(each) for each in lines)
        ranks = np.repeat(np.arange(len(plain)), [len(one.times) for one in plain])
        order = np.lexsort((ranks, np.concatenate([one.times for one in plain])))
        flat = [line for each in lines for line in each]
        return b"".join([flat[at] for at in order.tolist()])

    def _without_histograms(self, series: ReadSeries) -> ReadSeries:
        if not len(series.histograms):
            return series
        keep = ~is_histogram(series.values)
        self.histograms += int((~keep).sum())
        return type(series)(series.labels, series.times[keep], series.values[keep])

    def _lines(self, series: ReadSeries) -> list[bytes]:
        self.samples += len(series.times)
        head = print_series(series.labels).encode()
        values = format_values(series.values)
        for at in np.flatnonzero(is_stale(series.values)).tolist():
            values[at] = STALE_TEXT
        times = format_timestamps(series.times, self._memo)
        return list(map(b"%b %b %b\n".__mod__, zip(repeat(head), values, times, strict=False)))
