"""A plain model of histograms for tests, and a strategy that makes them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from appliance.model.histogram import CUSTOM_SCHEMA, NO_BUCKETS, Buckets, Histogram, ResetHint
from appliance.promql.histograms.buckets import beyond
from tests.promql.memory_source import histogram_of

h = histogram_of

COUNTS = st.integers(0, 1000).map(float)


@st.composite
def buckets(draw: st.DrawFn, low: int = -6, high: int = 6) -> Buckets:
    counts = draw(st.dictionaries(st.integers(low, high), COUNTS, max_size=8))
    if not counts:
        return NO_BUCKETS
    indexes = sorted(counts)
    return Buckets(
        np.array(indexes, dtype=np.int64), np.array([counts[index] for index in indexes])
    )


@st.composite
def exponential(draw: st.DrawFn) -> Histogram:
    """With small schemas, so that bounds of several histograms meet."""
    schema, threshold = draw(st.integers(-1, 2)), draw(st.sampled_from([0.0, 0.125, 0.3, 1.0, 3.0]))
    positive, negative = (beyond(draw(buckets()), schema, threshold) for _ in range(2))
    zero_count = draw(COUNTS)
    return Histogram(
        schema,
        float(positive.counts.sum() + negative.counts.sum() + zero_count),
        draw(st.integers(-1000, 1000)) / 4,
        threshold,
        zero_count,
        positive,
        negative,
        reset_hint=draw(st.sampled_from(ResetHint)),
    )


@st.composite
def custom(draw: st.DrawFn) -> Histogram:
    bounds = sorted(draw(st.sets(st.integers(-3, 6), max_size=6)))
    side = draw(buckets(0, len(bounds)))
    return Histogram(
        CUSTOM_SCHEMA,
        float(side.counts.sum()),
        draw(st.integers(-1000, 1000)) / 4,
        positive=side,
        custom_values=np.array(bounds, dtype=np.float64),
        reset_hint=draw(st.sampled_from(ResetHint)),
    )


def as_dict(side: Buckets) -> dict[int, float]:
    """Populated buckets."""
    pairs = zip(side.indexes.tolist(), side.counts.tolist(), strict=True)
    return {index: count for index, count in pairs if count}
