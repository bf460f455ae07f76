"""Old tables, heatmaps, pies, lists and texts."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.fields import Mapping
from appliance.dashboards.model import Panel
from tests.dashboards.building import one_panel


def table(**more: Any) -> Panel:
    return one_panel(type="table", **{"columns": [], "styles": [], **more})


def properties(panel: Panel) -> list[tuple[str, Any, dict[str, Any]]]:
    return [
        (one.matcher.id, one.matcher.options, {p.id: p.value for p in one.properties})
        for one in panel.field_config.overrides
    ]


def test_styles_of_columns() -> None:
    styles = [
        {"pattern": "Time", "type": "hidden"},
        {"pattern": "at", "type": "date", "dateFormat": "YYYY-MM-DD", "alias": "When"},
        {"pattern": "/Value #A/", "type": "number", "unit": "bytes", "decimals": 1,
         "colorMode": "row", "thresholds": ["10", "20"], "colors": ["a", "b", "c"]},
        {"pattern": "name", "type": "string", "link": True, "linkUrl": "/d/x?v=$__cell&w=$__cell_2",
         "linkTooltip": "see ${__cell_1}", "mappingType": 1,
         "valueMaps": [{"value": "1", "text": "one"}]},
        {"pattern": "/.*/", "type": "number", "unit": "s", "decimals": 2},
    ]  # fmt: skip
    panel = table(styles=styles)
    found = properties(panel)
    assert found[0] == ("byName", "Time", {"custom.hidden": True})
    assert found[1][2] == {"displayName": "When", "unit": "time: YYYY-MM-DD"}
    kind, name, colored = found[2]
    assert (kind, name) == ("byRegexp", "/Value #A/")
    assert colored["custom.cellOptions"]["applyToRow"] is True
    assert [step.color for step in colored["thresholds"].steps] == ["a", "b", "c"]
    (link,) = found[3][2]["links"]
    assert link.url == "/d/x?v=${__value.raw}&w=${__data.fields[2]}"
    assert link.title == "see ${__data.fields[1]}"
    assert found[3][2]["mappings"] == (Mapping("value", "1", text="one"),)
    defaults = panel.field_config.defaults
    assert (defaults.unit, defaults.decimals) == ("s", 2)


@pytest.mark.parametrize(
    ("transform", "ids"),
    [
        ("timeseries_to_rows", ["seriesToRows"]),
        ("timeseries_to_columns", ["joinByField"]),
        ("timeseries_aggregations", ["reduce"]),
        ("table", ["merge"]),
        ("json", []),
    ],
)
def test_transforms(transform: str, ids: list[str]) -> None:
    targets = [{"refId": "A", "expr": "a"}, {"refId": "B", "expr": "b"}]
    assert [one.id for one in table(transform=transform, targets=targets).transformations] == ids


def test_aggregations_and_their_order() -> None:
    columns = [{"text": "Avg", "value": "avg"}, {"text": "Current", "value": "current"}]
    panel = table(
        transform="timeseries_aggregations", columns=columns, sort={"col": 2, "desc": True}
    )
    (reduce,) = panel.transformations
    assert reduce.options["reducers"] == ["mean", "lastNotNull"]
    assert panel.options["sortBy"] == [{"displayName": "Current", "desc": True}]


def test_new_tables_are_left_alone() -> None:
    custom = {"displayMode": "gradient-gauge", "width": 90}
    panel = one_panel(type="table", fieldConfig={"defaults": {"custom": custom}})
    found = panel.field_config.defaults.custom
    assert found["cellOptions"] == {"type": "gauge", "mode": "gradient"}
    assert found["width"] == 90
    assert panel.options["showHeader"] is True


def test_heatmaps_of_buckets_and_of_series() -> None:
    axis = {"format": "s", "logBase": 2, "show": True, "min": "0"}
    color = {"mode": "spectrum", "colorScheme": "interpolateSpectral", "exponent": 0.7}
    panel = one_panel(
        type="heatmap", dataFormat="tsbuckets", yAxis=axis, color=color, yBucketBound="upper",
        reverseYBuckets=True, cards={"cardPadding": 2}, legend={"show": False},
    )  # fmt: skip
    options = panel.options
    assert options["calculate"] is False
    assert options["color"]["scheme"] == "Spectral"
    assert options["color"]["exponent"] == 0.7
    assert options["yAxis"]["unit"] == "s"
    assert options["yAxis"]["min"] == 0.0
    assert options["yAxis"]["reverse"] is True
    assert options["rowsFrame"]["layout"] == "le"
    assert options["cellGap"] == 2
    assert options["legend"]["show"] is False
    made = one_panel(
        type="heatmap", dataFormat="timeseries", yAxis=axis, xBucketSize="1m", yBucketNumber=9,
        color={"mode": "opacity", "cardColor": "#b4ff00"},
    )  # fmt: skip
    assert made.options["calculate"] is True
    assert made.options["calculation"] == {
        "xBuckets": {"mode": "size", "value": "1m"},
        "yBuckets": {"mode": "count", "value": "9", "scale": {"type": "log", "log": 2}},
    }
    assert made.options["color"]["fill"] == "#b4ff00"


def test_new_heatmaps_are_left_alone() -> None:
    panel = one_panel(type="heatmap", options={"calculate": True, "color": {"scheme": "Blues"}})
    assert panel.options["calculate"] is True
    assert panel.options["color"]["scheme"] == "Blues"
    assert panel.options["color"]["steps"] == 64


def test_pies() -> None:
    panel = one_panel(
        type="grafana-piechart-panel", pieType="donut", format="bytes", valueName="total",
        legendType="Right side", legend={"show": True, "percentage": True, "values": True},
        aliasColors={"a": "#111"},
    )  # fmt: skip
    assert (panel.type, panel.options["pieType"]) == ("piechart", "donut")
    assert panel.options["reduceOptions"]["calcs"] == ["sum"]
    legend = panel.options["legend"]
    assert (legend["placement"], legend["values"]) == ("right", ["percent", "value"])
    assert properties(panel)[0][1] == "a"
    assert panel.source_type == "grafana-piechart-panel"


def test_states_with_colours() -> None:
    panel = one_panel(
        type="natel-discrete-panel",
        valueMaps=[{"value": "1", "text": "UP"}],
        colorMaps=[{"text": "UP", "color": "green"}, {"text": "other", "color": "red"}],
    )
    assert panel.type == "state-timeline"
    assert panel.field_config.defaults.mappings == (
        Mapping("value", "1", text="UP", color="green"),
        Mapping("value", "other", color="red"),
    )


def test_texts_and_lists() -> None:
    assert one_panel(type="text", mode="html", content="<b>x</b>").options["content"] == "<b>x</b>"
    assert (
        one_panel(type="text", options={"content": "new"}, content="old").options["content"]
        == "new"
    )
    alerts = one_panel(type="alertlist", limit=5, stateFilter=["alerting", "ok"], show="current")
    assert alerts.options["maxItems"] == 5
    assert alerts.options["stateFilter"] == {
        "firing": True, "pending": False, "noData": False, "normal": True, "error": False,
    }  # fmt: skip
    boards = one_panel(type="dashlist", starred=False, search=True, tags=["a"], limit=3)
    assert boards.options["showStarred"] is False
    assert boards.options["showSearch"] is True
    assert (boards.options["tags"], boards.options["maxItems"]) == (["a"], 3)
