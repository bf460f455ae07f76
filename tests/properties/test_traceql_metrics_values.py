"""Buckets, quantiles and comparisons of random spans against counting them one by one."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given

from appliance.base.clock import ManualClock
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.traceql.metrics.run import MetricsRequest, query_instant, query_range
from appliance.traceql.parser import parse_query
from tests.properties.test_traceql_metrics import START, STEP, Shown, spans
from tests.random_examples import examples
from tests.spans import PlainSpan, PlainSpans
from tests.traceql.metrics.test_quantile import slow as slow_quantile

ENDS = list(range(START, START + 301, STEP))


def ask(query: str, given_spans: list[PlainSpan], *, is_instant: bool = False) -> Shown:
    """Points by labels and time."""
    run = query_instant if is_instant else query_range
    request = MetricsRequest(START, START + 300, STEP)
    guard = QueryGuard(QueryLimits(), ManualClock())
    result = run(PlainSpans(given_spans), parse_query(query), request, guard)
    times = result.steps_ns.tolist()
    return {
        tuple((name, static.value) for name, static in series.labels): {
            time: value
            for time, value in zip(times, series.values.tolist(), strict=True)
            if not math.isnan(value)
        }
        for series in result.series
    }


def bucketed(given_spans: list[PlainSpan]) -> Counter[tuple[str, int, int]]:
    """Spans by name, end of the step and exponent of the bucket."""
    found: Counter[tuple[str, int, int]] = Counter()
    for span in given_spans:
        lines = span.attributes.get("lines", 0)
        end = next((end for end in ENDS if end - STEP < span.start_ns <= end), None)
        if lines >= 2 and end is not None:
            found[span.name, end, (lines - 1).bit_length()] += 1
    return found


@examples(60)
@given(given_spans=spans)
def test_histograms_agree_with_counting(given_spans: list[PlainSpan]) -> None:
    counts = bucketed(given_spans)
    expected = {
        (("name", name), ("__bucket", 2.0**exponent)): {
            end: float(counts[name, end, exponent]) for end in ENDS
        }
        for name, _, exponent in counts
    }
    assert ask("{ } | histogram_over_time(span.lines) by (name)", given_spans) == expected


@examples(60)
@given(given_spans=spans)
def test_quantiles_agree_with_walking_the_buckets(given_spans: list[PlainSpan]) -> None:
    counts = bucketed(given_spans)
    found = ask("{ } | quantile_over_time(span.lines, 0.25, 0.9) by (name)", given_spans)
    assert len(found) == 2 * len({name for name, _, _ in counts})
    for labels, points in found.items():
        (_, name), (_, quantile) = labels
        assert isinstance(quantile, float)
        for end, value in points.items():
            buckets = [counts[str(name), end, exponent] for exponent in range(8)]
            assert value == pytest.approx(slow_quantile(buckets, quantile))


@examples(60)
@given(given_spans=spans)
def test_comparisons_agree_with_counting(given_spans: list[PlainSpan]) -> None:
    expected: Counter[tuple[str, str, object]] = Counter()
    for span in given_spans:
        if START < span.start_ns <= START + 300:
            side = "selection" if span.service == "bank" else "baseline"
            for name, value in {
                "name": span.name,
                "span.user": span.attributes.get("user"),
            }.items():
                if value is not None:
                    expected[side, name, value] += 1
                    expected[f"{side}_total", name, "nil"] += 1
    query = '{ } | compare({ resource.service.name = "bank" }, 100)'
    found = {
        (side, name, value): points[START + 300]
        for ((_, side), (name, value)), points in ask(query, given_spans, is_instant=True).items()
        if name in {"name", "span.user"}
    }
    assert found == expected
