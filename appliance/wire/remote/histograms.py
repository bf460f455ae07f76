"""Native histograms of remote write and read: prompb.Histogram to `Histogram`.

Version 2 has the same field numbers, so that one message type serves both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.histogram import (
    CUSTOM_SCHEMA,
    MAX_SCHEMA,
    MIN_SCHEMA,
    NO_BUCKETS,
    Buckets,
    Histogram,
    ResetHint,
)
from appliance.model.sample import is_stale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from appliance.wire.messages import remote_pb2 as pb
    from appliance.wire.remote.request import SampleColumns

_MAX_BUCKETS = 1 << 20


def add_histogram(message: pb.Histogram, row: int, columns: SampleColumns) -> None:
    """Take over one histogram: a staleness marker when its sum is one, refused when it is wrong."""
    time_ms, start_ms = message.timestamp, message.start_timestamp
    value = np.array([message.sum])
    if is_stale(value)[0]:
        columns.add(row, np.array([time_ms], dtype=np.int64), value)
        return
    try:
        histogram = read_histogram(message)
    except BadInput as error:
        columns.refused.append((row, error.message))
    else:
        columns.add_histogram(row, time_ms, histogram, start_ms)


def read_histogram(message: pb.Histogram) -> Histogram:
    """A histogram of integers or of floats.

    Raises:
        BadInput: It contradicts itself.
    """
    schema = message.schema
    if schema != CUSTOM_SCHEMA and not MIN_SCHEMA <= schema <= MAX_SCHEMA:
        raise BadInput(f"histogram has an invalid schema {schema}")
    is_float = message.WhichOneof("count") == "count_float"
    if is_float:
        positive = np.array(message.positive_counts, dtype=np.float64)
        negative = np.array(message.negative_counts, dtype=np.float64)
        count, zero_count = message.count_float, message.zero_count_float
    else:
        positive = _from_deltas(message.positive_deltas)
        negative = _from_deltas(message.negative_deltas)
        count, zero_count = float(message.count_int), float(message.zero_count_int)
    hint = message.reset_hint
    return Histogram(
        schema,
        count,
        message.sum,
        zero_threshold=message.zero_threshold,
        zero_count=zero_count,
        positive=_buckets(message.positive_spans, positive),
        negative=_buckets(message.negative_spans, negative),
        custom_values=np.array(message.custom_values, dtype=np.float64),
        reset_hint=ResetHint(hint) if 0 <= hint < len(ResetHint) else ResetHint.UNKNOWN,
    )


def _from_deltas(deltas: Iterable[int]) -> NDArray[np.float64]:
    return np.cumsum(np.array(deltas, dtype=np.int64)).astype(np.float64)


def _buckets(spans: Iterable[pb.BucketSpan], counts: NDArray[np.float64]) -> Buckets:
    found = [(span.offset, span.length) for span in spans]
    total = sum(length for _, length in found)
    if total != len(counts) or total > _MAX_BUCKETS:
        raise BadInput(f"histogram's spans need {total} buckets, have {len(counts)} buckets")
    if not total:
        return NO_BUCKETS
    lengths = np.array([length for _, length in found], dtype=np.int64)
    offsets = np.array([offset for offset, _ in found], dtype=np.int64)
    if (offsets[1:] < 0).any():
        raise BadInput("histogram has a span whose offset is negative")
    indexes = np.arange(total, dtype=np.int64) + np.repeat(np.cumsum(offsets), lengths)
    if (counts < 0).any():
        raise BadInput("histogram has a bucket whose observation count is negative")
    return Buckets(indexes, counts)
