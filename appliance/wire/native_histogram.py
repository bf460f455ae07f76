"""Native histograms on the wire: spans and counts ↔ buckets, and what makes one invalid.

Remote write, Prometheus' protobuf exposition and OTLP have the same form: a list of spans (the gap
to the span before, the number of buckets in a row) beside the buckets' counts. Integer histograms
give each count as the difference to the one before. Rules and wording of errors are those of
Prometheus' `Histogram.Validate` and `FloatHistogram.Validate` (3.14).

    raw = RawHistogram(schema=3, count=7, sum=9.5, positive_spans=[(0, 2)], positive_counts=[3, 1])
    histogram = histogram_of(raw)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
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
from appliance.model.histogram_bounds import reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Spans = Sequence[tuple[int, int]]
    Counts = Sequence[float] | NDArray[np.float64] | NDArray[np.int64]

#: Schemas that are known, though resolutions above MAX_SCHEMA are reduced to it.
_MIN_KNOWN, _MAX_KNOWN = -9, 52
_NEGATIVE_BUCKET = "histogram has a bucket whose observation count is negative"
_EXACT_INTEGERS = 2**53


@dataclass(frozen=True, slots=True)
class RawHistogram:
    """A histogram as messages have it.

    Attributes:
        is_integer: Whether counts are integers, the buckets' as differences.
        positive_spans, negative_spans: (offset, length) of each span.
        positive_counts, negative_counts: [bucket]; integers are differences to the bucket before.
    """

    schema: int = 0
    count: float = 0
    sum: float = 0.0
    zero_threshold: float = 0.0
    zero_count: float = 0
    positive_spans: Spans = ()
    positive_counts: Counts = ()
    negative_spans: Spans = ()
    negative_counts: Counts = ()
    custom_values: Sequence[float] = ()
    reset_hint: ResetHint = ResetHint.UNKNOWN
    is_integer: bool = True


def histogram_of(raw: RawHistogram) -> Histogram:
    """A histogram from a message, checked; a resolution above the highest is reduced.

    Raises:
        BadInput: It is invalid; in Prometheus' words.
    """
    if raw.schema == CUSTOM_SCHEMA:
        bounds = _checked_bounds(raw)
        positive, negative = _side(raw, "positive"), NO_BUCKETS
    else:
        _check_schema(raw)
        bounds = np.empty(0)
        positive, negative = _side(raw, "positive"), _side(raw, "negative")
        _check_counts(negative, "negative")
        _check_zero(raw)
    if raw.count < 0:
        raise BadInput(
            f"observation count is  {raw.count:g}: histogram's observation count is negative"
        )
    _check_counts(positive, "positive")
    if raw.is_integer:
        _check_total(raw, positive, negative)
    schema = raw.schema
    if schema > MAX_SCHEMA:
        positive, negative = (reduced(side, schema - MAX_SCHEMA) for side in (positive, negative))
        schema = MAX_SCHEMA
    return Histogram(
        schema,
        float(raw.count),
        raw.sum,
        raw.zero_threshold,
        float(raw.zero_count),
        positive,
        negative,
        bounds,
        ResetHint(raw.reset_hint),
    )


def from_spans(spans: Spans, counts: Counts, *, is_delta: bool) -> Buckets:
    """Buckets from spans and counts.

    Args:
        spans: (offset, length); the first offset is an index, later ones are gaps.
        counts: [bucket], as many as the spans have in all.
        is_delta: Whether each count is the difference to the one before.

    Raises:
        BadInput: Spans and counts do not fit, or a gap is negative.
    """
    total = sum(length for _, length in spans)
    for number, (offset, _) in enumerate(spans):
        if number and offset < 0:
            raise BadInput(
                f"span number {number + 1} with offset {offset}:"
                " histogram has a span whose offset is negative"
            )
    if total != len(counts):
        raise BadInput(
            f"spans need {total} buckets, have {len(counts)} buckets:"
            " histogram spans specify different number of buckets than provided"
        )
    if not total:
        return NO_BUCKETS
    offsets = np.array([offset for offset, _ in spans], dtype=np.int64)
    lengths = np.array([length for _, length in spans], dtype=np.int64)
    indexes = np.arange(total, dtype=np.int64) + np.repeat(np.cumsum(offsets), lengths)
    if is_delta:
        return Buckets(indexes, np.cumsum(np.asarray(counts, dtype=np.int64)).astype(np.float64))
    return Buckets(indexes, np.array(counts, dtype=np.float64))


def to_spans(buckets: Buckets) -> list[tuple[int, int]]:
    """Spans (offset, length) that say which buckets there are; counts stay as they are."""
    indexes = buckets.indexes
    if not len(indexes):
        return []
    starts = np.flatnonzero(np.diff(indexes, prepend=indexes[0] - 2) != 1)
    lengths = np.diff(starts, append=len(indexes))
    first = indexes[starts]
    ends = first + lengths
    offsets = np.concatenate([first[:1], first[1:] - ends[:-1]])
    return list(zip(offsets.tolist(), lengths.tolist(), strict=True))


def to_deltas(buckets: Buckets) -> NDArray[np.int64]:
    """Counts as differences to the bucket before, as integer histograms are sent."""
    counts = np.concatenate([[0], buckets.counts]).astype(np.int64)
    return counts[1:] - counts[:-1]


def is_integral(histogram: Histogram) -> bool:
    """Whether all counts are integers that fit exactly, so that it may be sent as integers."""
    counts = np.concatenate(
        [
            histogram.positive.counts,
            histogram.negative.counts,
            [histogram.count, histogram.zero_count],
        ]
    )
    whole = (counts >= 0) & (counts <= _EXACT_INTEGERS) & (counts == np.floor(counts))
    return bool(whole.all())


def _side(raw: RawHistogram, name: str) -> Buckets:
    spans, counts = (
        (raw.positive_spans, raw.positive_counts)
        if name == "positive"
        else (raw.negative_spans, raw.negative_counts)
    )
    if not spans and not len(counts):
        return NO_BUCKETS
    prefix = "custom buckets" if raw.schema == CUSTOM_SCHEMA else f"{name} side"
    try:
        return from_spans(spans, counts, is_delta=raw.is_integer)
    except BadInput as error:
        raise BadInput(f"{prefix}: {error.message}") from error
    except OverflowError as error:
        raise BadInput(f"{prefix}: a span or count is out of range") from error


def _check_schema(raw: RawHistogram) -> None:
    if not _MIN_KNOWN <= raw.schema <= _MAX_KNOWN:
        raise BadInput(
            f"histogram has an unknown schema, which must be between {_MIN_KNOWN} and {_MAX_KNOWN}"
            f" for exponential buckets, or {CUSTOM_SCHEMA} for custom buckets,"
            f" got schema {raw.schema}"
        )
    if raw.schema < MIN_SCHEMA:
        raise BadInput(
            f"histogram has an invalid schema, which must be between {MIN_SCHEMA} and {MAX_SCHEMA}"
            f" for exponential buckets, or {CUSTOM_SCHEMA} for custom buckets,"
            f" got schema {raw.schema}"
        )
    if len(raw.custom_values):
        raise BadInput("histogram with exponential schema must not have custom bounds")


def _check_zero(raw: RawHistogram) -> None:
    if raw.zero_count < 0:
        raise BadInput(
            f"zero bucket has observation count of {raw.zero_count:g}: {_NEGATIVE_BUCKET}"
        )


def _checked_bounds(raw: RawHistogram) -> NDArray[np.float64]:
    """float64[bound] of a histogram with custom buckets, all of whose form is right."""
    previous = -math.inf
    for number, bound in enumerate(raw.custom_values):
        if math.isnan(bound):
            raise BadInput("custom buckets: histogram custom bounds must not be NaN")
        if number and bound <= previous:
            raise BadInput(
                f"custom buckets: previous bound is {previous:f} and current is {bound:f}:"
                " histogram custom bounds must be in strictly increasing order"
            )
        previous = bound
    if previous == math.inf:
        raise BadInput(
            "custom buckets: last +Inf bound must not be explicitly defined:"
            " histogram custom bounds must be finite"
        )
    _check_custom_spans(raw)
    for is_wrong, what in (
        (raw.zero_count != 0, "must have zero count of 0"),
        (raw.zero_threshold != 0, "must have zero threshold of 0"),
        (len(raw.negative_spans) > 0, "must not have negative spans"),
        (len(raw.negative_counts) > 0, "must not have negative buckets"),
    ):
        if is_wrong:
            raise BadInput(f"custom buckets: {what}")
    return np.array(raw.custom_values, dtype=np.float64)


def _check_custom_spans(raw: RawHistogram) -> None:
    for number, (offset, _) in enumerate(raw.positive_spans):
        if offset < 0:
            raise BadInput(
                f"custom buckets: span number {number + 1} with offset {offset}:"
                " histogram has a span whose offset is negative"
            )
    total = sum(length for _, length in raw.positive_spans)
    if total == len(raw.positive_counts):
        reach = sum(offset + length for offset, length in raw.positive_spans)
        if len(raw.custom_values) + 1 < reach:
            raise BadInput(
                f"custom buckets: only {len(raw.custom_values)} custom bounds defined which is"
                f" insufficient to cover total span length of {reach}:"
                " histogram custom bounds are too few"
            )


def _check_counts(buckets: Buckets, name: str) -> None:
    below = np.flatnonzero(buckets.counts < 0)
    if len(below):
        count = buckets.counts[below[0]]
        raise BadInput(
            f"{name} side: bucket number {below[0] + 1} has observation count of {count:g}:"
            f" {_NEGATIVE_BUCKET}"
        )


def _check_total(raw: RawHistogram, positive: Buckets, negative: Buckets) -> None:
    found = int(positive.counts.sum() + negative.counts.sum()) + int(raw.zero_count)
    given = int(raw.count)
    if math.isnan(raw.sum):
        if found <= given:
            return
        rule = "should be at least the number of observations found in the buckets"
    else:
        if found == given:
            return
        rule = "should equal the number of observations found in the buckets (in absence of NaN)"
    raise BadInput(
        f"{found} observations found in buckets, but the Count field is {given}:"
        f" histogram's observation count {rule}"
    )
