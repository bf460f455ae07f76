"""`graph` panels of Grafana 1 to 7."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.fields import Step
from appliance.dashboards.model import Panel
from tests.dashboards.building import one_panel


def graph(**more: Any) -> Panel:
    return one_panel(type="graph", **more)


def custom(**more: Any) -> dict[str, Any]:
    return graph(**more).field_config.defaults.custom


def overrides(**more: Any) -> list[tuple[str, Any, dict[str, Any]]]:
    return [
        (one.matcher.id, one.matcher.options, {p.id: p.value for p in one.properties})
        for one in graph(**more).field_config.overrides
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"drawStyle": "line", "fillOpacity": 10, "showPoints": "never", "lineWidth": 1}),
        ({"fill": 3, "linewidth": 2}, {"fillOpacity": 30, "lineWidth": 2}),
        ({"bars": True, "lines": False}, {"drawStyle": "bars", "fillOpacity": 100}),
        ({"points": True, "lines": False}, {"drawStyle": "points", "showPoints": "always"}),
        ({"points": True, "pointradius": 1}, {"showPoints": "always", "pointSize": 4}),
        ({"stack": True}, {"stacking": {"mode": "normal", "group": "A"}}),
        ({"stack": True, "percentage": True}, {"stacking": {"mode": "percent", "group": "A"}}),
        ({"percentage": True}, {"stacking": {"mode": "none", "group": "A"}}),
        ({"steppedLine": True}, {"lineInterpolation": "stepAfter"}),
        ({"nullPointMode": "connected"}, {"spanNulls": True}),
        ({"nullPointMode": "null"}, {"spanNulls": False}),
        ({"dashes": True, "dashLength": 4}, {"lineStyle": {"fill": "dash", "dash": [4, 10]}}),
        ({"fillGradient": 7}, {"gradientMode": "opacity", "fillOpacity": 70}),
        ({"yaxes": [{"logBase": 10}]}, {"scaleDistribution": {"type": "log", "log": 10}}),
        ({"yaxes": [{"logBase": 32}]}, {"scaleDistribution": {"type": "log", "log": 10}}),
        ({"yaxes": [{"show": False}]}, {"axisPlacement": "hidden"}),
        ({"yaxes": [{"label": "per second"}]}, {"axisLabel": "per second"}),
    ],
)
def test_how_series_are_drawn(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = custom(**given)
    assert {name: found[name] for name in expected} == expected


def test_axes_say_unit_and_bounds() -> None:
    axes = [{"format": "bytes", "min": "0", "max": None, "decimals": 1}, {}]
    found = graph(yaxes=axes).field_config.defaults
    assert (found.unit, found.min, found.max, found.decimals) == ("bytes", 0.0, None, 1)
    assert found.color is not None
    assert found.color.mode == "palette-classic"


def test_axes_of_the_first_versions() -> None:
    found = graph(y_formats=["s", "short"], leftYAxisLabel="time", grid={"leftMin": 1})
    defaults = found.field_config.defaults
    assert (defaults.unit, defaults.min, defaults.custom["axisLabel"]) == ("s", 1.0, "time")


def test_series_overrides_become_overrides() -> None:
    given = [
        {"alias": "/err/i", "color": "#f00", "yaxis": 2, "fill": 0, "zindex": 3},
        {"alias": "out", "transform": "negative-Y", "legend": False, "stack": "B"},
        {"alias": "in", "hiddenSeries": True, "stack": False, "lines": False, "bars": True},
        {"alias": "nothing"},
        {"color": "#fff"},
    ]
    axes = [{"format": "s"}, {"format": "percent", "max": 100, "label": "share"}]
    found = overrides(seriesOverrides=given, yaxes=axes, aliasColors={"a": "blue", "b": 1})
    assert [(kind, name) for kind, name, _ in found] == [
        ("byName", "a"), ("byRegexp", "/err/i"), ("byName", "out"), ("byName", "in"),
    ]  # fmt: skip
    right = found[1][2]
    assert right["custom.axisPlacement"] == "right"
    assert (right["unit"], right["max"], right["custom.axisLabel"]) == ("percent", 100.0, "share")
    assert right["custom.fillOpacity"] == 0
    assert found[2][2] == {
        "custom.transform": "negative-Y",
        "custom.hideFrom": {"legend": True, "tooltip": False, "viz": False},
        "custom.stacking": {"mode": "normal", "group": "B"},
    }
    assert found[3][2]["custom.drawStyle"] == "bars"
    assert found[3][2]["custom.hideFrom"]["viz"] is True


def test_legends() -> None:
    legend = {
        "show": True, "values": True, "avg": True, "current": True, "alignAsTable": True,
        "rightSide": True, "sideWidth": "250", "sort": "avg", "sortDesc": True,
    }  # fmt: skip
    found = graph(legend=legend).options["legend"]
    assert found == {
        "showLegend": True, "displayMode": "table", "placement": "right", "width": 250,
        "calcs": ["mean", "lastNotNull"], "sortBy": "Mean", "sortDesc": True,
    }  # fmt: skip
    assert graph(legend={"show": False}).options["legend"]["showLegend"] is False
    assert graph(legend={"values": False, "max": True}).options["legend"]["calcs"] == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"mode": "multi", "sort": "none"}),
        ({"shared": False, "sort": 2}, {"mode": "single", "sort": "desc"}),
    ],
)
def test_tooltips(given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = graph(tooltip=given).options["tooltip"]
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("given", "steps", "style"),
    [
        (
            [{"value": 80, "op": "gt", "colorMode": "critical"}],
            [(None, "transparent"), (80.0, "red")],
            "line+area",
        ),
        (
            [{"value": 5, "op": "lt", "colorMode": "warning", "fill": False}],
            [(None, "orange"), (5.0, "transparent")],
            "line",
        ),
        (
            [
                {"value": 90, "op": "gt", "colorMode": "critical", "line": False},
                {"value": 10, "op": "lt", "colorMode": "custom", "fillColor": "blue"},
                {"value": 70, "op": "gt", "colorMode": "warning", "line": False},
            ],
            [(None, "blue"), (10.0, "transparent"), (70.0, "orange"), (90.0, "red")],
            "line+area",
        ),
        (
            [{"value": 50, "op": "lt", "colorMode": "ok"}, {"value": 50, "colorMode": "critical"}],
            [(None, "green"), (50.0, "red")],
            "line+area",
        ),
    ],
)
def test_thresholds(
    given: list[dict[str, Any]], steps: list[tuple[float | None, str]], style: str
) -> None:
    defaults = graph(thresholds=given).field_config.defaults
    assert defaults.thresholds is not None
    assert defaults.thresholds.steps == tuple(Step(*step) for step in steps)
    assert defaults.custom["thresholdsStyle"] == {"mode": style}


def test_thresholds_of_the_first_versions() -> None:
    grid = {"threshold1": 1, "threshold2": 2, "threshold2Color": "#111", "thresholdLine": True}
    defaults = graph(grid=grid).field_config.defaults
    assert defaults.thresholds is not None
    assert [step.color for step in defaults.thresholds.steps] == ["transparent", "red", "#111"]
    assert defaults.custom["thresholdsStyle"] == {"mode": "line"}


def test_other_horizontal_axes_are_other_panels() -> None:
    histogram = graph(xaxis={"mode": "histogram", "buckets": 9}, yaxes=[{"format": "s"}])
    assert (histogram.type, histogram.options["bucketCount"]) == ("histogram", 9)
    assert histogram.field_config.defaults.unit == "s"
    bars = graph(xaxis={"mode": "series", "values": ["avg"]})
    assert (bars.type, bars.options["orientation"]) == ("bargauge", "vertical")
    assert bars.options["reduceOptions"]["calcs"] == ["mean"]


def test_links_of_data_are_kept() -> None:
    links = [{"title": "logs", "url": "/logs?x=${__field.labels.app}"}]
    (found,) = graph(options={"dataLinks": links}).field_config.defaults.links
    assert found.url == "/logs?x=${__field.labels.app}"
