"""Grafana's second schema, in the first's words."""

from __future__ import annotations

from typing import Any

from appliance.dashboards.model import Choice, Dashboard
from tests.dashboards.building import read


def element(number: int, kind: str = "timeseries") -> dict[str, Any]:
    query = {"kind": "DataQuery", "group": "prometheus", "datasource": {"name": "p"},
             "spec": {"expr": f"up{number}"}}  # fmt: skip
    queries = [{"kind": "PanelQuery", "spec": {"refId": "A", "hidden": False, "query": query}}]
    data = {
        "queries": queries,
        "transformations": [{"kind": "reduce", "spec": {"id": "reduce", "options": {"a": 1}}}],
        "queryOptions": {"maxDataPoints": 9, "timeFrom": "1h"},
    }
    viz = {"kind": "VizConfig", "group": kind,
           "spec": {"options": {}, "fieldConfig": {"defaults": {"unit": "s"}}}}  # fmt: skip
    spec = {"id": number, "title": f"P{number}", "vizConfig": viz,
            "data": {"kind": "QueryGroup", "spec": data}}  # fmt: skip
    return {"kind": "Panel", "spec": spec}


def item(name: str, **place: int) -> dict[str, Any]:
    spec = {"element": {"kind": "ElementReference", "name": name}, **place}
    return {"kind": "GridLayoutItem", "spec": spec}


def document(layout: dict[str, Any], **more: Any) -> dict[str, Any]:
    elements = {f"p{i}": element(i) for i in range(1, 4)}
    spec = {"title": "T", "elements": elements, "layout": layout, **more}
    api = "dashboard.grafana.app/v2beta1"
    return {"apiVersion": api, "kind": "Dashboard", "metadata": {"name": "u"}, "spec": spec}


def titles(dashboard: Dashboard) -> list[tuple[str, list[str]]]:
    return [(row.title, [panel.title for panel in row.panels]) for row in dashboard.rows]


def grid(*items: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "GridLayout", "spec": {"items": list(items)}}


def test_grids_of_panels() -> None:
    row = {
        "kind": "GridLayoutRow",
        "spec": {
            "y": 8,
            "title": "R",
            "collapsed": True,
            "elements": [item("p3", x=0, y=0, width=8, height=4)],
        },
    }
    layout = grid(item("p2", x=12, y=0, width=12, height=8), row,
                  item("p1", x=0, y=0, width=12, height=8), item("gone"))  # fmt: skip
    dashboard, findings = read(document(layout))
    assert (dashboard.uid, findings) == ("u", [])
    assert titles(dashboard) == [("", ["P1", "P2"]), ("R", ["P3"])]
    assert dashboard.rows[1].collapsed
    panel = dashboard.panels()[0]
    assert (panel.type, panel.field_config.defaults.unit) == ("timeseries", "s")
    assert (panel.max_data_points, panel.time_from) == (9, "1h")
    assert (panel.targets[0].expr, panel.targets[0].language) == ("up1", "promql")
    assert panel.transformations[0].options == {"a": 1}


def test_rows_tabs_and_automatic_grids() -> None:
    auto = {
        "kind": "AutoGridLayout",
        "spec": {
            "maxColumnCount": 2,
            "items": [
                {"kind": "AutoGridLayoutItem", "spec": {"element": {"name": f"p{i}"}}}
                for i in (1, 2, 3)
            ],
        },
    }
    rows = {
        "kind": "RowsLayout",
        "spec": {
            "rows": [
                {
                    "kind": "RowsLayoutRow",
                    "spec": {
                        "title": "R",
                        "layout": auto,
                        "repeat": {"mode": "variable", "value": "v"},
                    },
                }
            ]
        },
    }
    tabs = {"kind": "TabsLayout", "spec": {"tabs": [
        {"kind": "TabsLayoutTab", "spec": {"title": "Tab", "layout": grid(item("p1"))}},
        {"kind": "TabsLayoutTab", "spec": {"title": "Next", "layout": rows}}]}}  # fmt: skip
    dashboard, _ = read(document(tabs))
    assert titles(dashboard) == [("Tab", ["P1"]), ("Next", []), ("R", ["P1", "P2", "P3"])]
    places = [(one.grid.x, one.grid.y, one.grid.width) for one in dashboard.rows[2].panels]
    assert places == [(0, 0, 12), (12, 0, 12), (0, 9, 12)]
    assert dashboard.rows[2].repeat is not None


def test_variables_annotations_and_times() -> None:
    query = {"kind": "DataQuery", "group": "loki", "spec": {"type": 1, "label": "app"}}
    variables = [
        {"kind": "QueryVariable", "spec": {
            "name": "app", "query": query, "hide": "hideLabel", "sort": "numericalDesc",
            "refresh": "onTimeRangeChanged"}},
        {"kind": "QueryVariable", "spec": {"name": "old", "query": {"kind": "prometheus", "spec": {
            "__legacyStringValue": "label_values(up, job)"}}}},
        {"kind": "DatasourceVariable", "spec": {"name": "ds", "pluginId": "tempo"}},
        {"kind": "CustomVariable", "spec": {"name": "c", "query": "a,b",
                                            "current": {"text": "b", "value": "b"}}},
    ]  # fmt: skip
    notes = [
        {
            "kind": "AnnotationQuery",
            "spec": {
                "name": "n",
                "enable": True,
                "iconColor": "red",
                "query": {"kind": "DataQuery", "group": "prometheus", "spec": {"expr": "x"}},
            },
        }
    ]
    times = {"from": "now-1h", "to": "now", "autoRefresh": "5s", "timezone": "utc"}
    dashboard, findings = read(
        document(
            grid(), variables=variables, annotations=notes, timeSettings=times, cursorSync="Tooltip"
        )
    )
    app, old, source, custom = dashboard.variables
    assert app.query is not None
    assert (app.query.kind, app.query.label, app.hide) == ("labelValues", "app", "label")
    assert (app.refresh, app.sort_by, app.descending) == ("time", "number", True)
    assert old.query is not None
    assert old.query.selector == "up"
    assert source.engines[0].value == "tempo"
    assert custom.current == (Choice("b", "b"),)
    assert [(one.language, one.expr, one.color) for one in dashboard.annotations] == [
        ("promql", "x", "red")
    ]
    assert (dashboard.time.start, dashboard.refresh, dashboard.cursor) == (
        "now-1h",
        "5s",
        "tooltip",
    )
    assert findings == []
