"""Logs of a trace, from real stores."""

from __future__ import annotations

from appliance.correlate.trace_logs import TraceLogs, logs_of_trace
from appliance.traces.window import Window
from tests.correlate.stores import NOW, SHORT, TRACE, S, Signals, guard

AROUND = Window(NOW - 60 * S, NOW + 60 * S)


def ask(signals: Signals, trace: int, window: Window = AROUND, limit: int = 100) -> TraceLogs:
    source = signals.sources().logs
    return logs_of_trace(source, trace.to_bytes(16), window, guard=guard(), limit=limit)


def test_by_metadata_line_and_label(signals: Signals) -> None:
    found = ask(signals, TRACE)
    assert [((hit.timestamp_ns - NOW) // S, hit.via) for hit in found.hits] == [
        (1, "metadata"),
        (2, "line"),
        (3, "line"),
        (4, "label"),
    ]
    assert found.hits[0].line == b"with metadata"
    assert dict(found.hits[0].labels)["service_name"] == "web"
    assert not found.is_partial


def test_short_ids_in_both_forms(signals: Signals) -> None:
    assert [hit.line[:9] for hit in ask(signals, SHORT).hits] == [b"trace_id=", b"trace_id="]


def test_the_window_and_the_limit(signals: Signals) -> None:
    assert len(ask(signals, TRACE, Window(NOW, NOW + 1000 * S)).hits) == 5
    assert len(ask(signals, TRACE, Window(NOW + 3 * S, NOW + 4 * S)).hits) == 1
    few = ask(signals, TRACE, limit=2)
    assert [(hit.timestamp_ns - NOW) // S for hit in few.hits] == [1, 2]
    assert few.is_partial
    assert ask(signals, 0xABCDEF).hits == []
