"""Metric queries as a whole, on a few entries."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from appliance.base.errors import BadInput, LimitExceeded, QueryFailed
from appliance.logql.engine import Request, Statistics, evaluate
from appliance.logql.parser import parse
from appliance.model.labels import Labels
from appliance.model.value import Matrix, Scalar, Vector
from tests.sources import Entry, PlainLogs, labels, make_guard

SECOND = 10**9
NAN, INF = math.nan, math.inf
Points = dict[Labels, float]


def logs(*values: tuple[str, str, int, str], chunk_size: int = 2) -> PlainLogs:
    """Entries of the streams {app="x",pod=…}: pod, level, second, line."""
    streams: dict[Labels, list[Entry]] = {}
    for pod, level, second, line in values:
        entry = Entry(second * SECOND, line, (("level", level),) if level else ())
        streams.setdefault(labels(app="x", pod=pod), []).append(entry)
    return PlainLogs(streams, chunk_size)


SHOP = logs(
    ("a", "info", 1, "k=u v=1"),
    ("a", "info", 2, "k=u v=2"),
    ("a", "error", 3, "k=w v=4"),
    ("b", "info", 2, "k=w v=8"),
    ("b", "", 9, "k=u v=16"),
)


def instant(text: str, source: PlainLogs = SHOP, *, at: int = 10, **more: Any) -> Points:
    request = Request(0, at * SECOND, **more)
    found = evaluate(parse(text), source, request, make_guard()).value
    assert isinstance(found, Vector)
    assert found.timestamp_ms == at * 1000
    return dict(zip(found.labels, found.values.tolist(), strict=True))


def ranged(
    text: str, source: PlainLogs = SHOP, *, start: int = 0, end: int = 10, step: int = 5
) -> dict[Labels, dict[int, float]]:
    request = Request(start * SECOND, end * SECOND, step_ns=step * SECOND)
    found = evaluate(parse(text), source, request, make_guard()).value
    assert isinstance(found, Matrix)
    return {
        one: dict(zip((times // 1000).tolist(), values.tolist(), strict=True))
        for one, times, values in found.series
    }


def by_pod(text: str, **more: Any) -> dict[str, float]:
    return {one.get("pod"): value for one, value in instant(text, **more).items()}


def test_series_have_the_labels_of_stream_and_metadata() -> None:
    assert instant('count_over_time({app="x"}[10s])') == {
        labels(app="x", pod="a", level="info"): 2,
        labels(app="x", pod="a", level="error"): 1,
        labels(app="x", pod="b", level="info"): 1,
        labels(app="x", pod="b"): 1,
    }


@pytest.mark.parametrize(
    ("text", "a", "b"),
    [
        ('sum by (pod) (count_over_time({app="x"}[10s]))', 3, 2),
        ('sum by (pod) (rate({app="x"}[10s]))', 0.3, 0.2),
        ('sum by (pod) (bytes_over_time({app="x"}[10s]))', 21, 15),
        ('sum by (pod) (bytes_rate({app="x"} |= "v=" [10s]))', 2.1, 1.5),
        ('sum by (pod) (sum_over_time({app="x"} | logfmt | unwrap v [10s]))', 7, 24),
        ('sum by (pod) (rate({app="x"} | logfmt | unwrap v [10s]))', 0.7, 2.4),
        ('avg_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 7 / 3, 12),
        ('min_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 1, 8),
        ('max by (pod) (max_over_time({app="x"} | logfmt | unwrap v [10s]))', 4, 16),
        ('first_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 1, 8),
        ('last_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 4, 16),
        ('stdvar_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 14 / 9, 16),
        ('stddev_over_time({app="x"} | logfmt | unwrap v [10s]) by (pod)', 14**0.5 / 3, 4),
        ('quantile_over_time(0.5, {app="x"} | logfmt | unwrap v [10s]) by (pod)', 2, 12),
        ('quantile_over_time(2, {app="x"} | logfmt | unwrap v [10s]) by (pod)', INF, INF),
        ('sum by (pod) (count_over_time({app="x"}[5s] offset 5s))', 3, 1),
    ],
)
def test_values(text: str, a: float, b: float) -> None:
    found = by_pod(text)
    assert found == pytest.approx({"a": a, "b": b}, rel=1e-12)


def test_points_where_windows_are_empty_are_absent() -> None:
    assert ranged('sum by (pod) (count_over_time({app="x"}[3s]))', step=3, end=9) == {
        labels(pod="a"): {3: 3},
        labels(pod="b"): {3: 1, 9: 1},
    }


def test_grouping_without_labels_drops_them() -> None:
    assert instant('sum without (pod, app) (count_over_time({app="x"}[10s]))') == {
        labels(level="info"): 3,
        labels(level="error"): 1,
        Labels(): 1,
    }
    found = instant('max_over_time({app="x"} | logfmt | unwrap v [10s]) without (pod, app, level)')
    assert found == {labels(k="u"): 16, labels(k="w"): 8}


def test_absence_has_the_labels_that_the_selector_fixes() -> None:
    text = 'absent_over_time({app="nosuch", pod=~"a|b", env!="", x="1", x="2"}[3s])'
    assert ranged(text, end=5) == {labels(app="nosuch"): {0: 1, 5: 1}}
    assert ranged('absent_over_time({pod="b"}[3s])') == {labels(pod="b"): {0: 1, 5: 1}}
    assert instant('absent_over_time({app="x"}[3s])') == {}


def test_rows_that_have_no_such_label_are_no_samples() -> None:
    source = logs(("a", "", 1, "v=1"), ("a", "", 2, "w=1"), ("a", "", 3, 'v=""'))
    assert by_pod('sum_over_time({app="x"} | logfmt | unwrap v [10s])', source=source) == {"a": 1}
    assert by_pod('sum_over_time({app="x"} | logfmt | unwrap z [10s])', source=source) == {}


BROKEN = logs(("a", "", 1, "v=1s"), ("a", "", 2, 'v="5w\\n"'), ("a", "", 3, "v=2m"))


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(BadInput) as caught:
        instant('avg_over_time({app="x"} | logfmt | unwrap duration(v) [10s])', BROKEN)
    assert caught.value.message == (
        "pipeline error: 'SampleExtractionErr' for series: '{__error__=\"SampleExtractionErr\","
        r' __error_details__="time: unknown unit \"w\\n\" in duration \"5w\\n\"",'
        ' app="x", pod="a", v="5w\\n"}\'.\n'
        "Use a label filter to intentionally skip this error."
        ' (e.g | __error__!="SampleExtractionErr").\n'
        'To skip all potential errors you can match empty errors.(e.g __error__="")\n'
        "The label filter can also be specified after unwrap."
        ' (e.g | unwrap latency | __error__="" )\n'
    )


def test_errors_outside_of_all_windows_do_not_count() -> None:
    text = 'sum_over_time({app="x"} | logfmt | unwrap duration(v) [500ms] offset -1s)'
    (points,) = ranged(text, BROKEN, end=2, step=2).values()
    assert points == {0: 1, 2: 120}


def test_errors_can_be_filtered_after_unwrap() -> None:
    text = 'avg_over_time({app="x"} | logfmt | unwrap duration(v) | __error__="" [10s])'
    assert by_pod(text, source=BROKEN) == {"a": 60.5}


def test_a_query_that_needs_no_label_meets_no_error() -> None:
    source = logs(("a", "", 1, '{"k":1}'), ("a", "", 2, "no json"))
    assert instant('sum(count_over_time({app="x"} | json [10s]))', source) == {Labels(): 2}
    with pytest.raises(BadInput, match="JSONParserErr"):
        instant('sum by (k) (count_over_time({app="x"} | json [10s]))', source)


def test_errors_of_parsers_may_be_asked_for() -> None:
    source = logs(("a", "", 1, '{"k":1}'), ("a", "", 2, "no json"))
    found = instant('sum by (__error__) (count_over_time({app="x"} | json [10s]))', source)
    assert found == {Labels(): 1, labels(__error__="JSONParserErr"): 1}


V = 'sum by (pod, level) (count_over_time({app="x"}[10s]))'


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("sum", {"a": 3, "b": 2}),
        ("avg", {"a": 1.5, "b": 1}),
        ("min", {"a": 1, "b": 1}),
        ("max", {"a": 2, "b": 1}),
        ("count", {"a": 2, "b": 2}),
        ("stddev", {"a": 0.5, "b": 0}),
        ("stdvar", {"a": 0.25, "b": 0}),
    ],
)
def test_vector_aggregations(op: str, expected: dict[str, float]) -> None:
    assert by_pod(f"{op} by (pod) ({V})") == expected


@pytest.mark.parametrize(
    ("first", "second", "mean"),
    [
        ("vector(2)", "vector(4)", 3.0),
        ("vector(2)", "vector(1e308) * 10", math.inf),
        ("vector(1e308) * 10", "vector(1e308) * 10", math.nan),
    ],
)
def test_the_mean_of_infinite_values(first: str, second: str, mean: float) -> None:
    other = f'label_replace({second}, "a", "x", "", "")'
    found = instant(f"avg(label_replace({first}, `a`, `y`, ``, ``) or {other})")
    np.testing.assert_equal(list(found.values()), [mean])


def test_the_greatest_and_the_least() -> None:
    text = 'sum by (pod) (bytes_over_time({app="x"}[3s]))'
    assert ranged(f"topk(1, {text})", step=3, end=9) == {
        labels(pod="a"): {3: 21},
        labels(pod="b"): {9: 8},
    }
    assert ranged(f"bottomk(1, {text})", step=3, end=9) == {labels(pod="b"): {3: 7, 9: 8}}
    assert len(instant(f"topk by (pod) (1, {V})")) == 2
    assert instant(f"approx_topk(1, {V})") == {labels(pod="a", level="info"): 2}


def test_sorting_keeps_the_order_of_an_instant_query() -> None:
    text = 'sum by (k) (sum_over_time({app="x"} | logfmt | unwrap v [10s]))'
    assert list(instant(f"sort({text})").values()) == [12, 19]
    assert list(instant(f"sort_desc({text})").values()) == [19, 12]
    assert list(ranged(f"sort_desc({text})")) == [labels(k="u"), labels(k="w")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3 * 4 ^ 2", 50),
        ("7 % -3", 1),
        ("5 < 3", 0),
        ("1 / 0", NAN),
        ("5 % 0", NAN),
    ],
)
def test_numbers_alone(text: str, expected: float) -> None:
    found = evaluate(parse(text), SHOP, Request(0, SECOND), make_guard()).value
    assert isinstance(found, Scalar)
    np.testing.assert_equal(found.value, expected)
    assert ranged(text, end=5)[Labels()] == pytest.approx({0: expected, 5: expected}, nan_ok=True)


P = 'sum by (pod) (count_over_time({app="x"}[10s]))'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{P} + 1", {"a": 4, "b": 3}),
        (f"6 / {P}", {"a": 2, "b": 3}),
        (f"{P} / 0", {"a": NAN, "b": NAN}),
        (f"{P} > 2", {"a": 3}),
        (f"2 >= {P}", {"b": 2}),
        (f"{P} > bool 2", {"a": 1, "b": 0}),
        (f"{P} * {P}", {"a": 9, "b": 4}),
        (f"{P} > ({P} - 1)", {"a": 3, "b": 2}),
        (f"{P} == bool 3 * ({P} > 2)", {"a": 0}),
        (f"{P} and ({P} > 2)", {"a": 3}),
        (f"{P} unless ({P} > 2)", {"b": 2}),
        (f"({P} > 2) or ({P} * 10)", {"a": 3, "b": 20}),
        (f"{P} or vector(0)", {"a": 3, "b": 2, "": 0}),
        (f"{V} / on (pod) group_left {P} > 0.6", {"a": 2 / 3}),
        (f"{P} * ignoring (level) group_right topk(1, {V})", {"a": 6}),
        (f"({V} > 1) + ignoring (level) {P}", {"a": 5}),
        ("vector(1) + vector(2) > bool 2", {"": 1}),
    ],
)
def test_binary_operations(text: str, expected: dict[str, float]) -> None:
    assert by_pod(text) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f"{V} / on (pod) {P}",
            (
                "multiple matches for labels: many-to-one matching must be explicit"
                " (group_left/group_right)"
            ),
        ),
        (
            f"{P} / on (pod) {V}",
            (
                "found duplicate series on the right hand-side;many-to-many matching not allowed:"
                " matching labels must be unique on one side"
            ),
        ),
        (
            f"{V} / on (pod) group_right {V}",
            (
                "found duplicate series on the left hand-side;many-to-many matching not allowed:"
                " matching labels must be unique on one side"
            ),
        ),
        (
            f"{V} / on (pod) group_left (level) ({P} > 2)",
            "multiple matches for labels: grouping labels must ensure unique matches",
        ),
    ],
)
def test_what_matches_several_times_fails(text: str, message: str) -> None:
    with pytest.raises(QueryFailed) as caught:
        instant(text)
    assert caught.value.message == message


def test_series_match_only_where_both_have_points() -> None:
    """Two series of one signature are fine as long as they never meet."""
    text = 'sum by (pod, level) (count_over_time({app="x", pod="b"}[3s]))'
    total = 'sum by (pod) (count_over_time({app="x"}[3s]))'
    assert ranged(f"{text} / on (pod) {total}", step=3, end=9) == {labels(pod="b"): {3: 1, 9: 1}}


def test_group_left_takes_labels_from_the_one_side() -> None:
    text = f'{V} * on (pod) group_left (k) label_replace({P}, "k", "$1-", "pod", "(.)")'
    assert {one.get("k") for one in instant(text)} == {"a-", "b-"}


def test_label_replace() -> None:
    assert set(instant(f'label_replace({P}, "new", "<$1>", "pod", "(a)")')) == {
        labels(pod="a", new="<a>"),
        labels(pod="b"),
    }
    assert set(instant(f'label_replace({P}, "pod", "", "pod", "b")')) == {labels(pod="a"), Labels()}


def test_too_many_series() -> None:
    assert len(instant(V, max_series=4)) == 4
    with pytest.raises(BadInput) as caught:
        instant(V, max_series=3)
    assert caught.value.message == (
        "maximum number of series (3) reached for a single query; consider reducing query"
        " cardinality by adding more specific stream selectors, reducing the time range, or"
        " aggregating results with functions like sum(), count() or topk()"
    )
    assert len(instant(f"topk(2, {V})", max_series=2)) == 2


def test_variants_are_switched_off() -> None:
    text = 'variants(count_over_time({app="x"}[1m])) of ({app="x"}[1m])'
    with pytest.raises(BadInput, match="multi variant queries are disabled for this instance"):
        instant(text)


def test_samples_are_limited() -> None:
    with pytest.raises(LimitExceeded):
        evaluate(parse(V), SHOP, Request(0, 10 * SECOND), make_guard(max_samples=3))


def test_counting_reads_no_text() -> None:
    statistics = Statistics()
    instant(P, statistics=statistics)
    assert (statistics.lines, statistics.post_filter_lines) == (5, 5)
    assert statistics.chunks == 3
