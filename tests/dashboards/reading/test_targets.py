"""Queries: their language, and what goes with them."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.model import Engine, Target
from appliance.dashboards.reading.trace_search import from_filters, from_form
from tests.dashboards.building import of_panels, one_panel, read

P, L, T = ({"type": name} for name in ("prometheus", "loki", "tempo"))


def target(source: object, **given: Any) -> Target:
    (found,) = one_panel(type="table", datasource=source, targets=[given]).targets
    return found


@pytest.mark.parametrize(
    ("given", "instant", "over_range"),
    [
        ({}, False, True),
        ({"instant": True}, True, False),
        ({"instant": True, "range": True}, True, True),
        ({"instant": False, "range": False}, False, True),
        ({"instant": False, "range": True}, False, True),
    ],
)
def test_when_metrics_are_asked(given: dict[str, Any], instant: bool, over_range: bool) -> None:  # noqa: FBT001
    found = target(P, expr="up", **given)
    assert (found.instant, found.range) == (instant, over_range)


def test_metrics() -> None:
    found = target(
        P, expr="up", legendFormat="{{job}}", format="heatmap", interval="1m", intervalFactor=2,
        exemplar=True, hide=True, refId="B", step=4,
    )  # fmt: skip
    assert (found.language, found.expr, found.legend_format) == ("promql", "up", "{{job}}")
    assert (found.format, found.interval, found.interval_factor) == ("heatmap", "1m", 2)
    assert (found.exemplar, found.hide, found.ref_id) == (True, True, "B")


def test_logs() -> None:
    lines = target(L, expr=' {a="b"} | json', maxLines="50", direction="forward")
    assert (lines.language, lines.format, lines.limit) == ("logql", "logs", 50)
    assert lines.direction == "forward"
    counted = target(L, expr='sum(rate({a="b"}[1m]))', queryType="instant", step="30s")
    assert (counted.format, counted.instant, counted.range) == ("time_series", True, False)
    assert counted.interval == "30s"
    assert target(L, expr="x", queryType="range", instant=True).instant is False


@pytest.mark.parametrize(
    ("source", "given", "language", "expr"),
    [
        (T, {"queryType": "traceql", "query": "{ .a = 1 }"}, "traceql", "{ .a = 1 }"),
        (T, {"queryType": "traceql", "query": "1f2e3d"}, "trace", "1f2e3d"),
        (T, {"query": "${traceId}"}, "trace", "${traceId}"),
        (T, {"queryType": "traceId", "query": " abc "}, "trace", "abc"),
        (T, {"queryType": "serviceMap", "serviceMapQuery": "{a}"}, "serviceMap", "{a}"),
        (
            T,
            {"queryType": "nativeSearch", "serviceName": "s", "spanName": "GET /",
             "search": 'a=b http.url="x y" error=true', "minDuration": "5ms"},
            "traceql",
            (
                '{resource.service.name = "s" && name = "GET /" && .a = "b" && .http.url = "x y"'
                " && status = error && traceDuration >= 5ms}"
            ),
        ),
        ({"type": "jaeger"}, {"query": "abc"}, "trace", "abc"),
        ({"type": "zipkin"}, {"query": "abc"}, "trace", "abc"),
        (
            {"type": "jaeger"},
            {"queryType": "search", "service": "s", "operation": "All"},
            "traceql",
            '{resource.service.name = "s"}',
        ),
        ({"type": "jaeger"}, {"queryType": "dependencyGraph"}, "serviceMap", ""),
    ],
)  # fmt: skip
def test_traces(source: object, given: dict[str, Any], language: str, expr: str) -> None:
    found = target(source, **given)
    assert (found.language, found.expr, found.reason) == (language, expr, "")


def test_forms_become_queries() -> None:
    filters = [
        {"tag": "service.name", "scope": "resource", "operator": "=", "value": ["a", "b"],
         "valueType": "string"},
        {"tag": "http.status_code", "scope": "span", "operator": ">=", "value": "400",
         "valueType": "int"},
        {"tag": "name", "scope": "intrinsic", "operator": "=", "value": "x", "valueType": "string"},
        {"tag": "empty", "value": []},
    ]  # fmt: skip
    assert from_filters({"filters": filters}) == (
        '{resource.service.name =~ "a|b" && span.http.status_code >= 400 && name = "x"}'
    )
    assert from_filters({}) == from_form({}) == "{}"


def test_mixed_panels_ask_each_query_elsewhere() -> None:
    targets = [
        {"datasource": P, "expr": "up"},
        {"datasource": {"uid": "${DS_LOKI}"}, "expr": '{a="b"}'},
        {"expr": '{a="b"} |= "x"'},
    ]
    mixed = {"type": "datasource", "uid": "-- Mixed --"}
    panel = one_panel(type="timeseries", datasource=mixed, targets=targets)
    assert panel.datasource.engine is Engine.MIXED
    assert [one.language for one in panel.targets] == ["promql", "logql", "logql"]
    assert [one.ref_id for one in panel.targets] == ["A", "B", "C"]


def test_answers_of_other_panels() -> None:
    found = target("-- Dashboard --", panelId=4, withTransforms=True)
    assert (found.language, found.panel_id, found.with_transforms) == ("panel", 4, True)


@pytest.mark.parametrize(
    ("source", "given", "part"),
    [
        ({"type": "mysql"}, {"rawSql": "select 1"}, "mysql"),
        ({"type": "__expr__", "uid": "__expr__"}, {"type": "math"}, "expressions"),
        ({"type": "testdata"}, {"scenarioId": "random_walk"}, "random_walk"),
        ("-- Grafana --", {"queryType": "randomWalk"}, "randomWalk"),
        ("-- Dashboard --", {}, "no panel"),
        (T, {"queryType": "upload"}, "uploaded"),
    ],
)
def test_queries_that_cannot_be_asked_say_why(
    source: object, given: dict[str, Any], part: str
) -> None:
    panel = {"type": "table", "datasource": source, "targets": [given]}
    dashboard, findings = read(of_panels(panel))
    (found,) = dashboard.panels()[0].targets
    assert part in found.reason
    assert [one.message for one in findings] == [found.reason]
    assert findings[0].ref_id == "A"


def test_hidden_queries_are_not_complained_about() -> None:
    given = {"rawSql": "select 1", "hide": True}
    panel = {"type": "table", "datasource": {"type": "mysql"}, "targets": [given]}
    assert read(of_panels(panel))[1] == []


def test_written_test_data_are_shown() -> None:
    found = target({"type": "testdata"}, scenarioId="csv_content", csvContent="a,b\n1,2")
    assert (found.language, found.parameters["csvContent"]) == ("testdata", "a,b\n1,2")
