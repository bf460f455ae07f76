"""Values within protobuf metrics: times, exemplars, native histograms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.histogram import Buckets, Histogram, ResetHint
from appliance.model.labels import Labels
from appliance.wire.exposition.line import ExposedExemplar
from appliance.wire.messages.exposition_pb2 import LabelPair
from appliance.wire.native_histogram import RawHistogram, histogram_of


def created_ms(value: Any) -> int:
    """When a counter, summary or histogram began; 0 when it does not say."""
    if not value.HasField("created"):
        return 0
    return _instant_ms(value.created)


def _instant_ms(instant: Any) -> int:
    return int(instant.seconds) * 1000 + int(instant.nanos / 1_000_000)


def observations(histogram: Any) -> float:
    """The count of all observations; the float field counts when it is set."""
    return float(histogram.count_float or histogram.count)


def bucket_count(bucket: Any) -> float:
    """The cumulated count of a classic bucket."""
    return float(bucket.count_float or bucket.count)


def is_native(histogram: Any) -> bool:
    """Whether a histogram has native buckets, or says by an empty span that it would."""
    return bool(
        histogram.positive_span
        or histogram.negative_span
        or histogram.zero_threshold > 0
        or histogram.zero_count > 0
        or histogram.zero_count_float > 0
    )


def native_histogram(message: Any, *, is_gauge: bool) -> Histogram:
    """The native part of a histogram, of integers or of floats.

    Raises:
        BadInput: It contradicts itself.
    """
    is_float = message.count_float > 0 or message.zero_count_float > 0
    found = histogram_of(
        RawHistogram(
            schema=message.schema,
            count=message.count_float if is_float else message.count,
            sum=message.sum,
            zero_threshold=message.zero_threshold,
            zero_count=message.zero_count_float if is_float else message.zero_count,
            positive_spans=[(span.offset, span.length) for span in message.positive_span],
            positive_counts=message.positive_count if is_float else message.positive_delta,
            negative_spans=[(span.offset, span.length) for span in message.negative_span],
            negative_counts=message.negative_count if is_float else message.negative_delta,
            reset_hint=ResetHint.GAUGE if is_gauge else ResetHint.UNKNOWN,
            is_integer=not is_float,
        )
    )
    return replace(found, positive=_used(found.positive), negative=_used(found.negative))


def _used(side: Buckets) -> Buckets:
    """Buckets without the empty ones."""
    used = np.flatnonzero(side.counts)
    return side if len(used) == len(side.counts) else Buckets(side.indexes[used], side.counts[used])


def exemplar_of(message: Any) -> ExposedExemplar:
    """One exemplar.

    Raises:
        BadInput: Its labels cannot be decoded.
    """
    pairs = []
    for one in message.label:
        try:
            pair = LabelPair.FromString(one)
            pairs.append((pair.name.decode(), pair.value.decode()))
        except (DecodeError, UnicodeDecodeError) as error:
            raise BadInput(f"proto: cannot decode a label of an exemplar: {error}") from error
    stamp = _instant_ms(message.timestamp) if message.HasField("timestamp") else None
    return ExposedExemplar(Labels.of(pairs), message.value, stamp)


def exemplars_of(message: Any) -> list[ExposedExemplar]:
    """The exemplars of a native histogram; those of its classic buckets if it has no own ones."""
    if message.exemplar:
        return [exemplar_of(one) for one in message.exemplar]
    return [exemplar_of(one.exemplar) for one in message.bucket if one.HasField("exemplar")]
