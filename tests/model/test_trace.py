"""Spans as columns."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.model.trace import NumberValues, StoredSpan, Traces, TraceSpans


def test_number_values_are_a_sequence_of_plain_numbers() -> None:
    integers = NumberValues(np.array([5, -1, 2**63 - 1]))
    assert list(integers) == [5, -1, 2**63 - 1]
    assert (integers[0], integers[-1], len(integers)) == (5, 2**63 - 1, 3)
    assert type(integers[0]) is int
    assert type(NumberValues(np.array([1.0]))[0]) is float
    assert integers[1:] == [-1, 2**63 - 1]
    assert integers == NumberValues(np.array([5, -1, 2**63 - 1]))
    assert integers != [5]
    assert -1 in integers
    with pytest.raises(IndexError):
        integers[3]
    with pytest.raises(TypeError):
        hash(integers)


def test_values_per_trace_are_spread_over_spans() -> None:
    traces = Traces(np.zeros((2, 16), np.uint8), np.array([0, 2, 5]))
    assert traces.spread(np.array([7, 8])).tolist() == [7, 7, 8, 8, 8]


def test_spans_of_a_trace_are_a_list_that_may_be_partial() -> None:
    spans = TraceSpans([StoredSpan(b"", b"", b"x")])
    assert (len(spans), spans.is_partial) == (1, False)
    spans.is_partial = True
    assert spans == [StoredSpan(b"", b"", b"x")]
