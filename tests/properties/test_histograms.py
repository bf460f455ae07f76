"""Round trips of native histograms: spans, storage."""

from __future__ import annotations

import contextlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Buckets, Histogram, ResetHint
from appliance.store.codec import Damaged
from appliance.store.metrics.blocks.histogram_codec import decode, encode
from appliance.wire.native_histogram import (
    RawHistogram,
    from_spans,
    histogram_of,
    to_deltas,
    to_spans,
)
from tests.promql.histograms.model import buckets, custom, exponential

_BITS = st.integers(0, 2**64 - 1).map(lambda bits: np.array([bits], dtype=np.uint64).view("f8")[0])


@st.composite
def _odd(draw: st.DrawFn) -> Histogram:
    """Numbers of any bits."""
    side = draw(buckets(-(2**31), 2**31 - 1))
    counts = draw(st.lists(_BITS, min_size=len(side.counts), max_size=len(side.counts)))
    return Histogram(
        draw(st.integers(-4, 8)),
        draw(_BITS),
        draw(_BITS),
        draw(st.floats(0, allow_nan=False)),
        draw(_BITS),
        Buckets(side.indexes, np.array(counts, dtype=np.float64)),
        reset_hint=draw(st.sampled_from(ResetHint)),
    )


def _bits(histogram: Histogram) -> tuple[object, ...]:
    totals = [histogram.count, histogram.sum, histogram.zero_count, histogram.zero_threshold]
    arrays = [
        histogram.custom_values,
        histogram.positive.indexes,
        histogram.positive.counts,
        histogram.negative.indexes,
        histogram.negative.counts,
    ]
    return (
        histogram.schema,
        histogram.reset_hint,
        np.array(totals).tobytes(),
        *(array.tobytes() for array in arrays),
    )


@given(st.lists(exponential() | custom() | _odd(), max_size=8))
def test_stored_histograms_come_back_bit_by_bit(histograms: list[Histogram]) -> None:
    found = decode(encode(histograms))
    assert [_bits(item) for item in found] == [_bits(item) for item in histograms]


@given(st.lists(exponential() | custom(), max_size=3), st.data())
def test_damage_is_found_or_harmless(histograms: list[Histogram], data: st.DataObject) -> None:
    changed = bytearray(encode(histograms))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(Damaged):
        decode(bytes(changed))


@given(buckets())
def test_spans_and_counts_round_trip(side: Buckets) -> None:
    found = from_spans(to_spans(side), side.counts, is_delta=False)
    assert found.indexes.tolist() == side.indexes.tolist()
    found = from_spans(to_spans(side), to_deltas(side), is_delta=True)
    assert found.counts.tolist() == side.counts.tolist()


@given(exponential() | custom(), st.booleans())
def test_messages_round_trip(histogram: Histogram, is_integer: bool) -> None:  # noqa: FBT001
    def counts(side: Buckets) -> np.ndarray:
        return to_deltas(side) if is_integer else side.counts

    raw = RawHistogram(
        histogram.schema,
        histogram.count,
        histogram.sum,
        histogram.zero_threshold,
        histogram.zero_count,
        to_spans(histogram.positive),
        counts(histogram.positive),
        to_spans(histogram.negative),
        counts(histogram.negative),
        histogram.custom_values.tolist(),
        histogram.reset_hint,
        is_integer,
    )
    assert _bits(histogram_of(raw)) == _bits(histogram)
