"""Exemplars that point to traces, from a real store."""

from __future__ import annotations

from appliance.correlate.exemplars import traced_exemplars
from appliance.model.matcher import Matcher, MatchOp
from tests.correlate.stores import NOW, TRACE, Signals


def test_an_exemplar_names_its_trace(signals: Signals) -> None:
    source = signals.sources().series
    matchers = [(Matcher("service_name", MatchOp.EQUAL, "web"),)]
    at_ms = NOW // 10**6
    [found] = traced_exemplars(source, matchers, at_ms - 1000, at_ms + 1000)
    assert found.reference.trace_id == TRACE.to_bytes(16)
    assert found.reference.span_id == (1).to_bytes(8)
    assert (found.reference.via, found.reference.name) == ("label", "trace_id")
    assert found.series.get("__name__") == "http_requests_total"
    assert list(traced_exemplars(source, matchers, at_ms + 1, at_ms + 1000)) == []
