"""Exemplars that point to traces, from a real store."""

from __future__ import annotations

from appliance.correlate.exemplars import traced_exemplars
from appliance.model.matcher import Matcher, MatchOp
from appliance.traces.window import Window
from tests.correlate.stores import NOW, TRACE, S, Signals, guard


def test_an_exemplar_names_its_trace(signals: Signals) -> None:
    source = signals.sources().series
    matchers = [(Matcher("service_name", MatchOp.EQUAL, "web"),)]
    window = Window(NOW - S, NOW + S)
    [found] = traced_exemplars(source, matchers, window, guard=guard())
    assert found.reference.trace_id == TRACE.to_bytes(16)
    assert found.reference.span_id == (1).to_bytes(8)
    assert (found.reference.via, found.reference.name) == ("label", "trace_id")
    assert found.series.get("__name__") == "http_requests_total"
    later = Window(NOW + S // 1000, NOW + S)
    assert list(traced_exemplars(source, matchers, later, guard=guard())) == []
