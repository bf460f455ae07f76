"""Native histograms of remote write and read: prompb.Histogram to `Histogram` and back.

Version 2 has the same field numbers, so that one message type serves both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.histogram import CUSTOM_SCHEMA, Histogram, ResetHint
from appliance.model.sample import is_stale
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.native_histogram import (
    RawHistogram,
    histogram_of,
    is_integral,
    to_deltas,
    to_spans,
)

if TYPE_CHECKING:
    from appliance.model.histogram import Buckets
    from appliance.wire.remote.request import SampleColumns


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
    is_float = message.WhichOneof("count") == "count_float"
    hint = message.reset_hint
    return histogram_of(
        RawHistogram(
            schema=message.schema,
            count=message.count_float if is_float else message.count_int,
            sum=message.sum,
            zero_threshold=message.zero_threshold,
            zero_count=message.zero_count_float if is_float else message.zero_count_int,
            positive_spans=_pairs(message.positive_spans),
            positive_counts=message.positive_counts if is_float else message.positive_deltas,
            negative_spans=_pairs(message.negative_spans),
            negative_counts=message.negative_counts if is_float else message.negative_deltas,
            custom_values=message.custom_values,
            reset_hint=ResetHint(hint) if 0 <= hint < len(ResetHint) else ResetHint.UNKNOWN,
            is_integer=not is_float,
        )
    )


def _pairs(spans: object) -> list[tuple[int, int]]:
    return [(span.offset, span.length) for span in spans]  # type: ignore[attr-defined]  # repeated


def histogram_message(histogram: Histogram, time_ms: int, start_ms: int = 0) -> pb.Histogram:
    """A message of either version; of integers when all counts are."""
    found = pb.Histogram(
        sum=histogram.sum,
        schema=histogram.schema,
        reset_hint=int(histogram.reset_hint),
        timestamp=time_ms,
        positive_spans=_spans(histogram.positive),
    )
    is_custom = histogram.schema == CUSTOM_SCHEMA
    if is_custom:
        found.custom_values.extend(histogram.custom_values.tolist())
    else:
        found.zero_threshold = histogram.zero_threshold
        found.negative_spans.extend(_spans(histogram.negative))
    if is_integral(histogram):
        found.count_int, found.zero_count_int = int(histogram.count), int(histogram.zero_count)
        found.positive_deltas.extend(to_deltas(histogram.positive).tolist())
        found.negative_deltas.extend(to_deltas(histogram.negative).tolist())
    else:
        found.count_float, found.zero_count_float = histogram.count, histogram.zero_count
        found.positive_counts.extend(histogram.positive.counts.tolist())
        found.negative_counts.extend(histogram.negative.counts.tolist())
    if start_ms:
        found.start_timestamp = start_ms
    return found


def _spans(buckets: Buckets) -> list[pb.BucketSpan]:
    return [pb.BucketSpan(offset=offset, length=length) for offset, length in to_spans(buckets)]
