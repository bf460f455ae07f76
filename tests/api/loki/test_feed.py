"""What one tail shows, without a connection."""

from __future__ import annotations

from appliance.api.loki.feed import Feed, TailQuery, streams_of
from appliance.base.clock import ManualClock
from appliance.logql.ast import Pipeline
from appliance.logql.parser import parse
from appliance.query.limits import QueryLimits
from tests.api.loki_reading import LOGS, NOW, A, B, S
from tests.sources import Entry, make_chunk, make_guard


def feed(query: str, wakes: list[int] | None = None, limits: QueryLimits | None = None) -> Feed:
    parsed = parse(query)
    assert isinstance(parsed, Pipeline)
    asked = TailQuery(parsed, NOW - 3600 * S, 10, 0)
    calls = [] if wakes is None else wakes
    return Feed(asked, limits or QueryLimits(), ManualClock(), lambda: calls.append(1))


def test_history_is_bounded() -> None:
    tail = feed('{app="x"}', limits=QueryLimits(max_log_entries=2))
    assert [row.line for row in tail.history(LOGS, make_guard())][-1] == "three"
    assert len(tail.history(LOGS, make_guard())) == 2


def test_history_ascends() -> None:
    rows = feed('{app="x"}').history(LOGS, make_guard())
    assert rows[0].line == "one"
    assert [row.time_ns for row in rows] == sorted(row.time_ns for row in rows)
    assert len(rows) == 4


def test_what_is_noticed_is_filtered_and_put_in_order() -> None:
    wakes: list[int] = []
    tail = feed('{app="x"} |= "a"', wakes)
    tail.notice(make_chunk(A, [Entry(5, "a5", (("k", "v"),)), Entry(9, "b9")]))
    tail.notice(make_chunk(B, [Entry(3, "a3"), Entry(7, "a7")]))

    rows, dropped = tail.take()

    assert [(row.time_ns, row.labels, row.line) for row in rows] == [
        (3, B, "a3"),
        (5, A, "a5"),
        (7, B, "a7"),
    ]
    assert rows[1].metadata == (("k", "v"),)
    assert dropped == []
    assert wakes == [1]
    assert tail.take() == ([], [])
    tail.notice(make_chunk(A, [Entry(10, "a")]))
    assert wakes == [1, 1]


def test_what_it_cannot_hold_is_dropped() -> None:
    tail = feed('{app="x"}')
    many = [Entry(n, "") for n in range(60_000)]
    tail.notice(make_chunk(A, many))
    tail.notice(make_chunk(B, many))
    tail.notice(make_chunk(B, [Entry(99, "x")]))

    rows, dropped = tail.take()

    assert len(rows) == 60_001
    assert dropped[:2] == [(0, B), (1, B)]
    assert len(dropped) == 1000
    assert tail.take() == ([], [])


def test_rows_by_stream() -> None:
    tail = feed('{app="x"}')
    tail.notice(make_chunk(A, [Entry(1, "x"), Entry(3, "z")]))
    tail.notice(make_chunk(B, [Entry(2, "y")]))
    rows, _ = tail.take()

    found = streams_of(rows)

    assert [stream.labels for stream in found] == [A, B]
    assert [entry[:2] for entry in found[0].entries] == [(1, "x"), (3, "z")]
