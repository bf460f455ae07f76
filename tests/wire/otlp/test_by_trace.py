"""Spans of a request, trace by trace."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.wire.otlp.by_trace import spans_by_trace
from tests.spans import PlainSpan, otlp_request


def test_in_the_order_of_the_request() -> None:
    spans = [PlainSpan(2, 1), PlainSpan(1, 2), PlainSpan(2, 3)]
    found = spans_by_trace(otlp_request(spans))
    assert list(found) == [(2).to_bytes(16), (1).to_bytes(16)]
    assert found[(2).to_bytes(16)] == [spans[0].stored(), spans[2].stored()]


def test_what_is_no_request() -> None:
    with pytest.raises(BadInput):
        spans_by_trace(b"\xff\xff")
