"""Native histograms in answers of Prometheus' HTTP API, as its jsonutil.MarshalHistogram prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.histogram_bounds import all_buckets
from appliance.wire.numbers import format_values

if TYPE_CHECKING:
    from appliance.model.histogram import Histogram

#: Which bounds belong to a bucket.
OPEN_LEFT, OPEN_RIGHT, OPEN_BOTH, CLOSED_BOTH = range(4)


def api_buckets(histogram: Histogram) -> list[tuple[int, float, float, float]]:
    """Populated buckets in ascending order.

    Returns:
        (which bounds belong to it, lower bound, upper bound, count); the first as the API says:
        OPEN_LEFT, OPEN_RIGHT, OPEN_BOTH or CLOSED_BOTH.
    """
    table = all_buckets(histogram)
    closed_left = table.lower < 0
    closed_right = table.upper > 0
    if histogram.is_custom:
        closed_left = histogram.positive.indexes == 0
        closed_right = np.ones(len(closed_left), dtype=np.bool_)
    elif table.zero >= 0:
        closed_left[table.zero] = closed_right[table.zero] = True
    kinds = np.where(
        closed_left,
        np.where(closed_right, CLOSED_BOTH, OPEN_RIGHT),
        np.where(closed_right, OPEN_LEFT, OPEN_BOTH),
    )
    used = table.counts != 0
    columns = (kinds, table.lower, table.upper, table.counts)
    return list(zip(*(column[used].tolist() for column in columns), strict=True))


def print_histogram(histogram: Histogram) -> bytes:
    """A histogram as a JSON object."""
    buckets = api_buckets(histogram)
    numbers = [histogram.count, histogram.sum]
    for _, lower, upper, count in buckets:
        numbers += (lower, upper, count)
    printed = [b'"' + text + b'"' for text in format_values(np.array(numbers, dtype=np.float64))]
    found = b'{"count":' + printed[0] + b',"sum":' + printed[1]
    if buckets:
        items = [
            b"[%d,%b]" % (bucket[0], b",".join(printed[2 + 3 * place : 5 + 3 * place]))
            for place, bucket in enumerate(buckets)
        ]
        found += b',"buckets":[' + b",".join(items) + b"]"
    return found + b"}"
