"""Searches."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, LimitExceeded, TimedOut
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.block import Block
from appliance.traceql.parser import parse_query
from appliance.traceql.results import SearchResult
from appliance.traceql.search import run as run_module
from appliance.traceql.search.run import SearchRequest, search, search_stream
from appliance.traceql.static import Static, Type
from tests.spans import PlainSpan, PlainSpans

SECOND = 10**9
ERROR = 2


class Guard:
    """Lets everything pass until it has been asked so many times."""

    def __init__(self, patience: int = 1000) -> None:
        self.patience = patience

    def check(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise TimedOut("enough")

    def add_series(self, count: int) -> None: ...
    def add_samples(self, count: int) -> None: ...
    def free_samples(self, count: int) -> None: ...
    def add_bytes(self, count: int) -> None: ...


def two_spans(trace: int, start_s: float, **more: Any) -> list[PlainSpan]:
    """A root of 10 s and a span of 1 s below it, 2 s later."""
    start = int(start_s * SECOND)
    return [
        PlainSpan(trace, 1, "get", "web", start_ns=start, duration_ns=10 * SECOND),
        PlainSpan(
            trace, 2, "query", "db", 1, start_ns=start + 2 * SECOND, duration_ns=SECOND, **more
        ),
    ]


TRACES = [span for number in range(1, 6) for span in two_spans(number, 100 * number)]


def run(
    text: str, spans: list[PlainSpan] | None = None, *, block_size: int = 3, **bounds: int
) -> SearchResult:
    source = PlainSpans(TRACES if spans is None else spans, block_size)
    return search(source, parse_query(text), SearchRequest(**bounds), Guard())


def numbers(result: SearchResult) -> list[int]:
    return [int.from_bytes(trace.trace_id) for trace in result.traces]


@pytest.mark.parametrize("block_size", [1, 2, 3, 100])
def test_the_newest_traces_come_first(block_size: int) -> None:
    assert numbers(run("{ }", block_size=block_size)) == [5, 4, 3, 2, 1]
    assert numbers(run("{ }", block_size=block_size, limit=2)) == [5, 4]


def test_a_long_trace_is_found_while_it_lasts() -> None:
    spans = [PlainSpan(7, 1, "watch", "web", start_ns=100 * SECOND, duration_ns=3600 * SECOND)]
    during = {"start_ns": 3000 * SECOND, "end_ns": 3100 * SECOND}
    assert numbers(run("{ }", spans, **during)) == [7]
    assert numbers(run("{ }", spans, start_ns=3800 * SECOND, end_ns=3900 * SECOND)) == []


def test_a_trace_is_told_with_root_times_and_services() -> None:
    (trace,) = run("{ }", two_spans(7, 100, status=ERROR)).traces
    assert (trace.root_service, trace.root_name) == ("web", "get")
    assert (trace.start_ns, trace.duration_ns) == (100 * SECOND, 10 * SECOND)
    assert trace.service_stats == {"db": (1, 1), "web": (1, 0)}


def test_a_trace_whose_root_has_not_come_has_no_root() -> None:
    (trace,) = run("{ }", two_spans(7, 100)[1:]).traces
    assert (trace.root_service, trace.root_name) == ("", "")


def test_a_trace_that_lies_in_several_blocks_is_whole() -> None:
    spans = [*two_spans(1, 100), *two_spans(1, 150)]
    spans[2:] = [PlainSpan(1, 9, "late", "db", 1, start_ns=150 * SECOND)]
    (trace,) = run('{ name = "get" } > { name = "late" }', spans, block_size=1).traces
    assert [span.span_id for span in trace.spansets[0].spans] == [9]
    assert trace.duration_ns == 50 * SECOND + 1000


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0, 0, [5, 4, 3, 2, 1]),
        (200, 300, [3, 2]),  # both ends included
        (201, 299, [2]),
        (210, 299, [2]),  # ends just then
        (211, 299, []),
        (305, 306, [3]),  # overlaps, though no span starts in between
        (0, 250, [5, 4, 3, 2, 1]),  # one end alone is no range
        (600, 700, []),
    ],
)
def test_traces_overlap_the_time_range(start_s: int, end_s: int, expected: list[int]) -> None:
    result = run("{ }", start_ns=start_s * SECOND, end_ns=end_s * SECOND)
    assert numbers(result) == expected


def test_some_spans_of_a_set_are_shown_and_all_are_counted() -> None:
    spans = [PlainSpan(1, at, start_ns=at) for at in range(1, 8)]
    (trace,) = run("{ }", spans, spans_per_spanset=2).traces
    assert [span.span_id for span in trace.spansets[0].spans] == [1, 2]
    assert trace.spansets[0].matched == 7


def test_every_group_is_a_spanset_of_its_trace() -> None:
    (trace,) = run("{ } | by(name) | count() > 0", two_spans(1, 100)).traces
    assert [[span.span_id for span in one.spans] for one in trace.spansets] == [[1], [2]]
    assert trace.spansets[0].attributes == [
        ("by(name)", Static(Type.STRING, "get")),
        ("count()", Static(Type.INT, 1)),
    ]


def test_spans_carry_times_and_what_the_query_speaks_of() -> None:
    spans = two_spans(1, 100, attributes={"rows": 3, "other": 1})
    (trace,) = run('{ span.rows > 2 && name = "query" }', spans).traces
    (span,) = trace.spansets[0].spans
    assert (span.span_id, span.name) == (2, "query")
    assert (span.start_ns, span.duration_ns) == (102 * SECOND, SECOND)
    assert span.attributes == [("rows", Static(Type.INT, 3))]


def test_blocks_too_old_for_the_limit_are_not_evaluated() -> None:
    result = run("{ }", limit=1, block_size=2)
    assert numbers(result) == [5]
    assert result.inspected_traces == 5
    assert result.inspected_spans == 10


def test_a_stream_grows_towards_the_answer() -> None:
    source = PlainSpans(TRACES, 2)
    answers = list(search_stream(source, parse_query("{ }"), SearchRequest(limit=4), Guard()))
    assert [len(answer.traces) for answer in answers[:3]] == [1, 2, 3]
    assert numbers(answers[-1]) == [5, 4, 3, 2]


def test_random_blocks_give_the_same_answer() -> None:
    generator = random.Random(1)
    starts = generator.sample(range(1000), 60)
    spans = [span for number, start in enumerate(starts, 1) for span in two_spans(number, start)]
    expected = sorted(range(1, 61), key=lambda number: -starts[number - 1])[:10]
    for block_size in (1, 7, 50):
        assert numbers(run("{ }", spans, block_size=block_size, limit=10)) == expected


def test_a_metrics_query_is_no_search() -> None:
    with pytest.raises(BadInput, match="metrics"):
        run("{ } | rate()")


def test_a_search_ends_when_the_guard_says_so() -> None:
    source = PlainSpans(TRACES, 2)
    with pytest.raises(TimedOut):
        search(source, parse_query("{ }"), SearchRequest(), Guard(patience=3))


def test_a_search_ends_within_a_block() -> None:
    long = "{ " + " || ".join(f".a{number} = 1" for number in range(500)) + " }"
    for text in (long, "{ }" + " | { .a = 1 || true }" * 200):
        guard = Guard(100)
        with pytest.raises(TimedOut):
            search(PlainSpans(TRACES, 100), parse_query(text), SearchRequest(), guard)


def test_hits_of_many_blocks_are_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = [PlainSpan(number, 1, start_ns=number * 37 % 60 + 100) for number in range(1, 60)]
    alive: weakref.WeakSet[Block] = weakref.WeakSet()
    most = 0

    class Watched(Block):
        def __init__(self, *given: Any) -> None:
            nonlocal most
            super().__init__(*given)
            alive.add(self)
            most = max(most, len(alive))

    monkeypatch.setattr(run_module, "Block", Watched)
    for limit in (5, 20, 1000):
        gc.collect()
        most = 0
        found = run("{ } | by(name)", spans, block_size=2, limit=limit)
        starts = [trace.start_ns for trace in found.traces]
        assert len(starts) == min(limit, 59)
        assert (
            starts
            == sorted((span.start_ns for span in spans if span.span == 1), reverse=True)[
                : len(starts)
            ]
        )
        assert most < 20


def test_what_is_shown_counts_as_what_is_read() -> None:
    spans = [PlainSpan(trace, span) for trace in range(1, 101) for span in range(1, 101)]
    limits = QueryGuard(QueryLimits(max_bytes=5_000_000), ManualClock())
    source, query = PlainSpans(spans, 1000), parse_query("{ }")
    assert len(search(source, query, SearchRequest(limit=100), limits).traces) == 100
    with pytest.raises(LimitExceeded):
        search(source, query, SearchRequest(limit=100, spans_per_spanset=100), limits)
