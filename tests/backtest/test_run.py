"""A backtest gives what the rule engine gives, evaluated one time after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.backtest import evaluate
from appliance.backtest.evaluate import Evaluations
from appliance.backtest.run import backtest
from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, QueryFailed, TimedOut
from appliance.query.limits import QueryGuard, QueryLimits
from tests.backtest.asking import (
    MINUTE_MS,
    START_MS,
    TEMPLATES,
    log_evaluator,
    metric_evaluator,
    plan_of,
    run,
    series,
    span_of,
    stepped,
    told,
    trace_evaluator,
)
from tests.random_examples import examples
from tests.sources import Entry, PlainLogs, labels
from tests.spans import PlainSpan, PlainSpans

RULE = """
groups:
- name: g
  interval: {interval}
  {group}
  rules:
  - alert: High
    expr: '{expr}'
    for: {hold}
    keep_firing_for: {keep}
    labels: {{{labels}}}
"""


def rule(expr: str, *, hold: str = "0s", keep: str = "0s", **more: str) -> str:
    given_ = {"interval": "1m", "group": "labels: {}", "labels": ""} | more
    return RULE.format(expr=expr, hold=hold, keep=keep, **given_)


EXPRESSIONS = (
    "m > 2",
    "sum by (a) (m) > 3",
    "avg_over_time(m[3m]) >= 2 or m < 1",
    "m > 2 unless on (a) m == 4",
    'absent(m{a="1"})',
    "m * on (a) group_left m > 9",
    "m @ end() > 2",
    "vector(time()) % 7 > 3",
    "sum without (b) (m)",
)
rows = st.lists(st.one_of(st.none(), st.integers(0, 5).map(float)), min_size=30, max_size=30)


@examples(60)
@given(
    st.sampled_from(EXPRESSIONS),
    st.tuples(rows, rows, rows),
    st.sampled_from(["0s", "1m", "2m", "3m30s", "10m"]),
    st.sampled_from(["0s", "1m", "90s", "6m"]),
    st.sampled_from([
        {},
        {"labels": "severity: page"},
        {"labels": 'severity: "{{ $labels.a }}"'},
        {"labels": 'level: "{{ $value }}"'},
        {"labels": 'b: ""'},
        {"group": "query_offset: 90s"},
        {"group": "limit: 1"},
        {"interval": "45s"},
    ]),
    st.sampled_from([7, 1440]),
)  # fmt: skip
def test_what_the_rule_engine_gives(
    expr: str,
    values: tuple[Sequence[float | None], ...],
    hold: str,
    keep: str,
    more: dict[str, str],
    chunk: int,
) -> None:
    source = series(dict(zip(("a=1,b=1", "a=1,b=2", "a=2,b=1"), values, strict=True)))
    evaluator = metric_evaluator(source)
    plan = plan_of(rule(expr, hold=hold, keep=keep, **more))

    with mock.patch.object(evaluate, "_EVALUATIONS", chunk):
        try:
            found = run(plan, evaluator, 29)
        except QueryFailed:
            found = None

    expected = stepped(plan, evaluator, 29)
    if found is None:
        assert expected.episodes == []
        return
    if not plan.limit:  # over the limit alerts end without a word
        assert told(found) == expected.episodes
    assert found.failed == expected.failed


@examples(40)
@given(st.lists(st.integers(0, 29 * 60), max_size=60), st.sampled_from(["0s", "2m"]))
def test_rules_over_logs(times: list[int], hold: str) -> None:
    entries = [Entry((START_MS + at * 1000) * 10**6, f"oops {at}") for at in sorted(times)]
    source = PlainLogs(streams={labels(app="x"): entries})
    evaluator = log_evaluator(source)
    expr = 'sum by (app) (count_over_time({app="x"} |= "oops" [2m])) > 2'
    plan = plan_of(rule(expr, hold=hold), "logql")

    assert told(run(plan, evaluator, 29)) == stepped(plan, evaluator, 29).episodes


@examples(40)
@given(
    st.lists(st.integers(1, 29 * 60), max_size=40),
    st.sampled_from([
        "{ status = error } | rate() by (resource.service.name) > 0.02",
        "{} | count_over_time()",
        "{} | count_over_time() < 2",
        "({} | rate()) + ({ status = error } | rate())",
    ]),
)  # fmt: skip
def test_rules_over_traces(times: list[int], expr: str) -> None:
    spans = [
        PlainSpan(trace=i, span=i, start_ns=(START_MS + at * 1000) * 10**6, status=2 * (i % 2))
        for i, at in enumerate(sorted(times), 1)
    ]
    evaluator = trace_evaluator(PlainSpans(spans))
    plan = plan_of(rule(expr, hold="1m"), "traceql")

    assert told(run(plan, evaluator, 29)) == stepped(plan, evaluator, 29).episodes


def test_series_that_make_the_same_alert_fail_only_where_they_meet() -> None:
    source = series({"a=1,b=1": [1, 1, None, None], "a=1,b=2": [None, 1, 1, None]})
    plan = replace(plan_of(rule("last_over_time(m[30s]) > 0", labels='b: ""')), phase_ms=0)

    found = run(plan, metric_evaluator(source), 3)

    assert found.failed == 1
    assert "same labelset" in found.error
    (episode,) = found.episodes
    assert (episode.fired_ms, episode.ended_ms) == (START_MS, START_MS + 3 * MINUTE_MS)


def test_a_rule_that_never_works_is_given_up() -> None:
    plan = plan_of(rule('label_replace(m, "a", "$1", "b", "(")'))

    with pytest.raises(QueryFailed, match="at any time"):
        run(plan, metric_evaluator(series({"a=1": [1.0] * 2000})), 1999)


def test_a_range_without_an_evaluation_is_refused() -> None:
    with pytest.raises(BadInput, match="no evaluation"):
        run(plan_of(rule("m", interval="1d")), metric_evaluator(series({})), 10)


def test_it_ends_when_the_time_is_up() -> None:
    plan, clock = plan_of(rule("m")), ManualClock()
    guard = QueryGuard(QueryLimits(), clock)
    guard.cancel()
    evaluations = Evaluations(metric_evaluator(series({})), QueryLimits(), clock, guard)

    with pytest.raises(TimedOut):
        backtest(plan, span_of(plan, 10), evaluations, TEMPLATES)
