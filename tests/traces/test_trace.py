"""One trace as records."""

from __future__ import annotations

from appliance.traces.trace import TraceSpan, children_of, parents_of, read_trace
from tests.spans import PlainSpan


def span(number: int, parent: int = 0, *, kind: int = 1) -> TraceSpan:
    parent_id = parent.to_bytes(8) if parent else b""
    return TraceSpan(number.to_bytes(8), parent_id, "s", "n", kind, 0, 1)


def test_stored_spans_become_records_by_start() -> None:
    late = PlainSpan(1, 2, "b", "db", parent=1, start_ns=50, duration_ns=5, status=2, kind=3)
    early = PlainSpan(1, 1, "a", "web", start_ns=10, duration_ns=100)
    first, second = read_trace([late.stored(), early.stored()])
    assert first == TraceSpan((1).to_bytes(8), b"", "web", "a", 2, 10, 110)
    assert (second.service, second.kind, second.is_error, second.duration_ns) == ("db", 3, True, 5)


def test_parents_and_children() -> None:
    spans = [span(1), span(2, 1), span(3, 1), span(4, 9)]
    assert parents_of(spans) == [-1, 0, 0, -1]
    assert children_of(parents_of(spans)) == [[1, 2], [], [], []]


def test_a_circle_is_cut() -> None:
    parents = parents_of([span(1, 3), span(2, 1), span(3, 2), span(4, 4)])
    assert sorted(parents)[:2] == [-1, -1]
    for place in range(4):
        at, steps = place, 0
        while at >= 0:
            at, steps = parents[at], steps + 1
        assert steps <= 4


def test_a_server_with_its_clients_id_is_its_child() -> None:
    client, server = span(2, 1, kind=3), span(2, 1, kind=2)
    assert parents_of([span(1), client, server, span(5, 2)]) == [-1, 0, 1, 2]
