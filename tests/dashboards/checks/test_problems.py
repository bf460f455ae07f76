"""What is wrong with dashboards that can be read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from appliance.dashboards.checks.queries import metrics_of
from appliance.dashboards.model import Severity
from tests.dashboards.building import codes, judged, of_panels, of_query, of_variables, read

LOKI, TEMPO = {"type": "loki"}, {"type": "tempo"}
QUERY = {"name": "job", "type": "query", "query": "label_values(up, job)"}
ALL = {**QUERY, "includeAll": True, "multi": True, "current": {"text": "All", "value": "$__all"}}
INTERVAL = {"name": "i", "type": "interval", "query": "1m,5m"}


def with_variables(document: dict[str, Any], *variables: dict[str, Any]) -> dict[str, Any]:
    return {**document, "templating": {"list": list(variables)}}


def test_what_a_chart_cannot_show_is_listed() -> None:
    old = {"type": "graph", "nullPointMode": "null as zero", "timeRegions": [{"op": "time"}]}
    found = [one.message for one in judged(of_panels(old)) if one.code == "option"]
    assert found == [
        "gaps stay gaps: `null as zero` is not supported; write `or vector(0)`",
        "its time regions are not shown",
    ]
    legend = {"calcs": ["mean", "range", "stdDev"]}
    chart = {"type": "timeseries", "options": {"legend": legend}}
    found = [one.message for one in judged(of_panels(chart)) if one.code == "option"]
    assert found == ["its legend does not show stdDev"]
    pie = {"type": "piechart", "options": {"legend": legend}}
    assert "option" not in codes(of_panels(pie))


@pytest.mark.parametrize(
    "expr",
    [
        "up",
        'sum(rate(x{job=~"$job"}[$__rate_interval])) by (a)',
        'x{job="${job:regex}"}',
        "increase(x[$__range])",
        "rate(x[${i}])",
        "rate(x[$i:])",
        "topk($n, x)",
        "$metric",
        "x offset $shift",
        "x > $n",
        'label_replace(x, "a", "$1", "b", "(.*)")',
        "x[${__range_s}s:${__interval}]",
    ],
)
def test_queries_with_variables_are_understood(expr: str) -> None:
    names = [
        {"name": name, "type": "query", "query": "label_values(a)"}
        for name in ("n", "metric", "shift")
    ]
    document = with_variables(of_query(expr), ALL, INTERVAL, *names)
    assert "promql" not in codes(document)
    assert "unknown-variable" not in codes(document)


@pytest.mark.parametrize(
    ("source", "key", "expr", "code"),
    [
        ({"type": "prometheus"}, "expr", "sum(x", "promql"),
        ({"type": "prometheus"}, "expr", 'rate(x{job="$job"})', "promql"),
        (LOKI, "expr", '{a="b"} | nonsense', "logql"),
        (TEMPO, "query", "{ .a = }", "traceql"),
    ],
)
def test_queries_that_are_none(source: object, key: str, expr: str, code: str) -> None:
    target = {"refId": "B", key: expr, "queryType": "traceql"}
    panel = {"type": "table", "title": "P", "datasource": source, "targets": [target]}
    (found,) = judged(with_variables(of_panels(panel), QUERY))
    assert (found.code, found.severity) == (code, Severity.ERROR)
    assert (found.panel_title, found.ref_id, found.path[-1]) == ("P", "B", key)
    assert found.hint.startswith("in: ")


def test_a_saved_value_of_another_kind_is_no_error() -> None:
    none = {**QUERY, "name": "n", "current": {"text": "None", "value": "None"}}
    assert codes(with_variables(of_query("topk($n, x)"), none)) == []


def test_hidden_and_unsupported_queries_are_not_judged() -> None:
    hidden = {"expr": "sum(", "hide": True}
    assert codes(of_panels({"type": "table", "targets": [hidden]})) == []
    assert codes(of_panels({"type": "geomap", "targets": [{"expr": "sum("}]})) == ["panel-type"]


def test_annotations_and_variables_are_judged() -> None:
    variable = {**QUERY, "query": "label_values(up{, job)"}
    note = {"name": "n", "datasource": {"type": "prometheus"}, "expr": "sum("}
    off = {**note, "enable": False}
    document = {**of_variables(variable), "annotations": {"list": [note, off]}}
    found = judged(document)
    assert [one.message.partition(":")[0] for one in found] == ["annotation 'n'", "$job"]
    assert {one.code for one in found} == {"promql"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x{a='$nobody'}", ["nobody"]),
        ("x{a='${nobody:csv}'}", ["nobody"]),
        ("x{a='$__interval'}", []),
    ],
)
def test_variables_that_are_not_there(text: str, expected: list[str]) -> None:
    found = [one for one in judged(of_query(text)) if one.code == "unknown-variable"]
    assert [one.message for one in found] == [f"there is no variable {name!r}" for name in expected]


def test_templates_of_lines_have_variables_of_their_own() -> None:
    expr = '{a="b"} | line_format "{{ $x := .y }}{{ $x }}"'
    panel = {"type": "logs", "datasource": LOKI, "targets": [{"expr": expr}]}
    assert codes(of_panels(panel)) == []


def test_repeats_for_nothing() -> None:
    rows = {
        "type": "row",
        "title": "R",
        "repeat": "gone",
        "gridPos": {"x": 0, "y": 9, "w": 24, "h": 1},
    }
    found = judged(of_panels({"type": "text", "repeat": "gone"}, rows))
    assert [one.code for one in found] == ["unknown-variable"] * 2


def test_variables_in_a_circle() -> None:
    def needing(name: str, other: str) -> dict[str, Any]:
        return {"name": name, "type": "query", "query": f'label_values(x{{a="${other}"}}, b)'}

    (found,) = judged(of_variables(needing("a", "b"), needing("b", "a"), needing("c", "a"), QUERY))
    assert (found.code, "$a, $b" in found.message) == ("variable-cycle", True)
    assert codes(of_variables(needing("c", "d"), QUERY, needing("d", "job"))) == []


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("rate(x[5m])", True),
        ("irate(x{a='b'}[30s])", True),
        ("rate(x[$__interval])", True),
        ("increase(x[$__interval])", True),
        ("rate(x[1h])", False),
        ("rate(x[30m])", False),
        ("increase(x[24h])", False),
        ("rate(x[$__rate_interval])", False),
        ("avg_over_time(x[5m])", False),
    ],
)
def test_rates_over_fixed_ranges(expr: str, expected: bool) -> None:  # noqa: FBT001
    assert codes(of_query(expr)) == ["rate-interval"] * expected
    assert codes(of_query(expr, type="stat")) == []


def test_panels_without_queries_and_units() -> None:
    assert codes(of_panels({"type": "stat"})) == ["no-query"]
    assert codes(of_panels({"type": "text"}, {"type": "dashlist"})) == []
    assert codes(of_query("up", fieldConfig={})) == ["no-unit"]
    override = {
        "matcher": {"id": "byName", "options": "a"},
        "properties": [{"id": "unit", "value": "s"}],
    }
    assert codes(of_query("up", fieldConfig={"overrides": [override]})) == []
    assert codes(of_query("", fieldConfig={"defaults": {"unit": "s"}})) == ["empty-query"]


def test_the_worst_comes_first_then_the_order_of_panels() -> None:
    panels: list[dict[str, Any]] = [
        {"type": "stat", "targets": [{"expr": "up"}]},
        {"type": "stat"},
        {"type": "geomap"},
        {"type": "stat", "targets": [{"expr": "sum("}], "fieldConfig": {"defaults": {"unit": "s"}}},
    ]
    found = judged(of_panels(*panels))
    assert [(one.code, one.panel_id) for one in found] == [
        ("panel-type", 3), ("promql", 4), ("no-query", 2), ("no-unit", 1),
    ]  # fmt: skip


def test_metrics_that_are_read() -> None:
    document = with_variables(
        of_query('a / on() b{job="$job"} + $metric + {__name__="c"} + a'), QUERY
    )
    document["panels"].append({**document["panels"][0], "id": 2, "targets": [{"expr": "a + sum("}]})
    document["templating"]["list"].append({**QUERY, "name": "metric"})
    found = [(one.panel_id, name) for one, name in metrics_of(read(document)[0])]
    assert found == [(1, "a"), (1, "b"), (1, "c"), (None, "up")]


def test_findings_can_be_written_as_json() -> None:
    assert orjson.dumps([one.message for one in judged(of_query("sum("))])
