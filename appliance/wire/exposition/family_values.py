"""Values within protobuf metrics: times, exemplars, native histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

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
from appliance.model.labels import Labels
from appliance.wire.exposition.line import ExposedExemplar
from appliance.wire.messages.exposition_pb2 import LabelPair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_MAX_BUCKETS = 1 << 20


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
    schema = message.schema
    if schema == CUSTOM_SCHEMA or not MIN_SCHEMA <= schema <= MAX_SCHEMA:
        raise BadInput(f"histogram has an invalid schema, which must be between -4 and 8: {schema}")
    is_float = message.count_float > 0 or message.zero_count_float > 0
    if is_float:
        positive = np.array(message.positive_count, dtype=np.float64)
        negative = np.array(message.negative_count, dtype=np.float64)
        count, zero_count = message.count_float, message.zero_count_float
    else:
        positive = _counts(message.positive_delta)
        negative = _counts(message.negative_delta)
        count, zero_count = float(message.count), float(message.zero_count)
    found = Histogram(
        schema,
        count,
        message.sum,
        zero_threshold=message.zero_threshold,
        zero_count=zero_count,
        positive=_buckets(message.positive_span, positive, "positive"),
        negative=_buckets(message.negative_span, negative, "negative"),
        reset_hint=ResetHint.GAUGE if is_gauge else ResetHint.UNKNOWN,
    )
    if not is_float:
        _check_count(found)
    return found


def _counts(deltas: Iterable[int]) -> NDArray[np.float64]:
    return np.cumsum(np.array(deltas, dtype=np.int64)).astype(np.float64)


def _buckets(spans: Iterable[Any], counts: NDArray[np.float64], side: str) -> Buckets:
    found = [(span.offset, span.length) for span in spans]
    total = sum(length for _, length in found)
    if total != len(counts) or total > _MAX_BUCKETS:
        message = f"{side} side: spans need {total} buckets, have {len(counts)} buckets"
        raise BadInput(f"{message}: histogram spans specify different number of buckets")
    if not total:
        return NO_BUCKETS
    lengths = np.array([length for _, length in found], dtype=np.int64)
    offsets = np.array([offset for offset, _ in found], dtype=np.int64)
    if (offsets[1:] < 0).any():
        at = int(np.flatnonzero(offsets[1:] < 0)[0]) + 1
        message = f"{side} side: span number {at + 1} with offset {offsets[at]}"
        raise BadInput(f"{message}: histogram has a span whose offset is negative")
    if not (counts >= 0).all():
        at = int(np.flatnonzero(~(counts >= 0))[0])
        message = f"{side} side: bucket number {at + 1} has observation count of {counts[at]:g}"
        raise BadInput(f"{message}: histogram has a bucket whose observation count is negative")
    indexes = np.arange(total, dtype=np.int64) + np.repeat(np.cumsum(offsets), lengths)
    used = np.flatnonzero(counts)
    return Buckets(indexes[used], counts[used])


def _check_count(histogram: Histogram) -> None:
    """Integer histograms count every observation in a bucket, but for those that are NaN."""
    found = histogram.zero_count + histogram.positive.counts.sum() + histogram.negative.counts.sum()
    is_wrong = found > histogram.count if np.isnan(histogram.sum) else found != histogram.count
    if is_wrong:
        message = f"{found:.0f} observations found in buckets, but the Count field is"
        raise BadInput(
            f"{message} {histogram.count:.0f}: histogram's observation count should equal the"
            " number of observations found in the buckets"
        )


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
