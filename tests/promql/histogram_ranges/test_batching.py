"""Functions over ranges of histograms give in batches what they give window by window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.model.histogram import Histogram
from appliance.model.labels import Labels
from appliance.model.value import Matrix
from appliance.promql.histogram_ranges.batching import Batcher
from appliance.promql.histograms import scale
from tests.promql.histograms.model import custom, exponential
from tests.promql.memory_source import MemorySource, query
from tests.random_examples import examples

_CALLS = [
    "rate(h[4m])",
    "increase(h[2m])",
    "delta(h[4m])",
    "irate(h[3m])",
    "idelta(h[3m])",
    "sum_over_time(h[4m])",
    "avg_over_time(h[3m])",
]


@st.composite
def _series(draw: st.DrawFn) -> list[Histogram | float | None]:
    """Mostly of one layout, mostly growing."""
    first = draw(exponential() | custom())
    found: list[Histogram | float | None] = []
    for _ in range(draw(st.integers(2, 8))):
        kind = draw(st.sampled_from(["grown"] * 6 + ["same", "other", "large", "float", "none"]))
        other = draw(exponential() | custom())
        factor = draw(st.integers(0, 4))
        if kind == "float":
            found.append(1.0)
        elif kind in {"none", "other"}:
            found.append(other if kind == "other" else None)
        else:
            scaled = scale(first, 1e308 if kind == "large" else factor / 3)
            found.append(replace(scaled, reset_hint=other.reset_hint))
    return found


def _answer(text: str, rows: list[list[Histogram | float | None]]) -> tuple[Any, set[str]]:
    samples = {
        Labels.of({"__name__": "h", "n": str(number)}): {
            60_000 * at: item for at, item in enumerate(row) if item is not None
        }
        for number, row in enumerate(rows)
    }
    found = query(text, MemorySource(samples), ("0", "9m", "1m"))
    assert isinstance(found.value, Matrix)
    beside = found.value.histograms or [None] * len(found.value.series)
    answer = {}
    for (labels, times, values), histograms in zip(found.value.series, beside, strict=True):
        shown = [] if histograms is None else histograms[1]
        at = [] if histograms is None else histograms[0].tolist()
        answer[labels] = times.tolist(), values.tolist(), at, shown
    return answer, set(found.annotations.warnings) | set(found.annotations.infos)


def _check(one: Histogram, other: Histogram) -> None:
    assert one.schema == other.schema
    assert one.reset_hint == other.reset_hint
    assert one.zero_threshold == other.zero_threshold
    np.testing.assert_array_equal(one.custom_values, other.custom_values)
    for name in ("count", "sum", "zero_count"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12)
    for name in ("positive", "negative"):
        mine, theirs = getattr(one, name), getattr(other, name)
        np.testing.assert_array_equal(mine.indexes, theirs.indexes)
        np.testing.assert_allclose(mine.counts, theirs.counts, rtol=1e-12)


@pytest.mark.parametrize("text", _CALLS)
@examples(40)
@given(rows=st.lists(_series(), min_size=1, max_size=3))
def test_batches_give_what_single_windows_give(
    text: str, rows: list[list[Histogram | float | None]]
) -> None:
    found, remarks = _answer(text, rows)
    with patch.object(Batcher, "add", lambda _, __, wanted: wanted):
        wanted, other = _answer(text, rows)
    assert remarks == other
    assert found.keys() == wanted.keys()
    for labels, (times, values, at, histograms) in found.items():
        assert (times, at) == (wanted[labels][0], wanted[labels][2])
        np.testing.assert_allclose(values, wanted[labels][1])
        for one, another in zip(histograms, wanted[labels][3], strict=True):
            _check(one, another)
