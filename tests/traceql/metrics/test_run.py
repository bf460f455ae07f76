"""Metrics queries as a whole."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.traceql.metrics import series
from appliance.traceql.metrics.run import MetricsRequest, query_instant
from appliance.traceql.parser import parse_query
from tests.spans import PlainSpan, PlainSpans
from tests.traceql.metrics.asking import START, S, ask, guard, instant, points, shown, spans_at


def tree() -> list[PlainSpan]:
    """A root before the range, with two children in it; and another trace."""
    return [
        PlainSpan(1, 1, "root", start_ns=START - 60 * S),
        PlainSpan(1, 2, "child", parent=1, start_ns=START + S, status=2),
        PlainSpan(1, 3, "child", parent=1, start_ns=START + 11 * S),
        PlainSpan(2, 4, "child", start_ns=START + S),
    ]


def test_filters_see_spans_outside_the_range() -> None:
    found = points('{ name = "root" } > { name = "child" } | count_over_time()', tree())
    assert found == {"__name__=count_over_time": [0, 1, 1]}


def test_pipelines_may_come_before_the_function() -> None:
    found = points("{ } | count() > 1 | count_over_time() by (name)", tree())
    assert found == {"name=child": [0, 1, 1]}


def test_series_are_the_same_whatever_blocks_spans_are_in() -> None:
    spans = [
        span for at in range(9) for span in spans_at(at + 0.5, trace=at + 1, name=f"n{at % 2}")
    ]
    query = parse_query("{ } | count_over_time() by (name)")
    request = MetricsRequest(START, START + 20 * S)
    found = [
        shown(query_instant(PlainSpans(spans, size), query, request, guard()))
        for size in (1, 4, 99)
    ]
    assert found[0] == found[1] == found[2] == {"name=n0": [5], "name=n1": [4]}


def test_stages_follow_each_other() -> None:
    spans = [*spans_at(1, 2, 3, name="a"), *spans_at(1, 2, name="b", trace=2)]
    query = "{ } | count_over_time() by (name) | topk(1) > 2"
    assert points(query, spans) == {"name=a": [None, 3, None]}


def test_arithmetic_between_queries_and_with_numbers() -> None:
    spans = [*spans_at(1, 2, 3), *spans_at(4, status=2, trace=2)]
    query = "100 * ({ status = error } | count_over_time()) / ({ } | count_over_time())"
    assert instant(query, spans) == {"__name__=(count_over_time / count_over_time)": 25}
    assert instant("({ } | count_over_time()) * 2", spans) == {"__name__=count_over_time": 8}


def test_answers_are_sorted_and_cut_with_a_message() -> None:
    spans = [span for at in range(5) for span in spans_at(1, trace=at + 1, name=f"n{4 - at}")]
    whole = ask("{ } | rate() by (name)", spans)
    assert list(shown(whole)) == [f"name=n{at}" for at in range(5)]
    assert whole.message == ""
    cut = ask("{ } | rate() by (name)", spans, max_series=2)
    assert list(shown(cut)) == ["name=n0", "name=n1"]
    assert cut.message.startswith("Response exceeds maximum series limit of 2, a partial response")


def test_memory_is_bounded_by_series_however_many_groups_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(series, "MOST_SERIES", 3)
    spans = [span for at in range(5) for span in spans_at(1, trace=at + 1, name=f"n{at}")]
    for function in ("rate()", "max_over_time(duration)", "histogram_over_time(duration)"):
        found = ask(f"{{ }} | {function} by (name)", spans, max_series=0)
        assert len(found.series) == 3
        assert "a partial response is returned" in found.message


def test_what_was_looked_at_is_counted() -> None:
    assert ask("{ } | rate()", tree()).inspected_spans == 3
    assert ask("{ } >> { } | rate()", tree()).inspected_spans == 4


def test_other_queries_are_refused() -> None:
    request = MetricsRequest(START, START + S)
    with pytest.raises(BadInput, match="not a metrics query"):
        query_instant(PlainSpans([]), parse_query("{ }"), request, guard())
