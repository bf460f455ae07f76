"""Single values of Grafana 1 to 7."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.fields import Mapping, Step
from tests.dashboards.building import one_panel

COLORS = ["green", "orange", "red"]


def test_a_coloured_value_with_a_line() -> None:
    panel = one_panel(
        type="singlestat", format="percent", decimals=1, valueName="current", thresholds="50,80",
        colors=COLORS, colorValue=True, sparkline={"show": True}, nullText="none",
    )  # fmt: skip
    defaults = panel.field_config.defaults
    assert panel.type == "stat"
    assert (defaults.unit, defaults.decimals, defaults.no_value) == ("percent", 1, "none")
    assert defaults.thresholds is not None
    assert defaults.thresholds.steps == (
        Step(None, "green"),
        Step(50.0, "orange"),
        Step(80.0, "red"),
    )
    assert panel.options["reduceOptions"]["calcs"] == ["lastNotNull"]
    assert panel.options["colorMode"] == "value"
    assert panel.options["graphMode"] == "area"


@pytest.mark.parametrize(
    ("given", "color", "graph"),
    [({"colorBackground": True}, "background", "none"), ({}, "none", "none")],
)
def test_backgrounds(given: dict[str, Any], color: str, graph: str) -> None:
    panel = one_panel(type="singlestat", **given)
    assert (panel.options["colorMode"], panel.options["graphMode"]) == (color, graph)
    assert panel.options["reduceOptions"]["calcs"] == ["mean"]


def test_a_gauge() -> None:
    gauge = {"show": True, "minValue": 10, "maxValue": 200, "thresholdLabels": True}
    panel = one_panel(type="singlestat", gauge=gauge, thresholds="1,2", colors=COLORS)
    assert panel.type == "gauge"
    defaults = panel.field_config.defaults
    assert (defaults.min, defaults.max) == (10.0, 200.0)
    assert panel.options["showThresholdLabels"] is True
    assert panel.options["showThresholdMarkers"] is True


def test_values_that_mean_something() -> None:
    maps = [{"op": "=", "text": "N/A", "value": "null"}, {"text": "up", "value": "1"}]
    found = one_panel(type="singlestat", valueMaps=maps, mappingType=1)
    assert found.field_config.defaults.mappings == (
        Mapping("special", "null", text="N/A"),
        Mapping("value", "1", text="up"),
    )
    ranges = [{"from": "0", "to": "5", "text": "low"}]
    found = one_panel(type="singlestat", valueMaps=maps, rangeMaps=ranges, mappingType=2)
    assert found.field_config.defaults.mappings == (Mapping("range", "", 0.0, 5.0, "low"),)


def test_what_stands_beside_the_value_is_a_unit_where_there_is_none() -> None:
    assert one_panel(type="singlestat", postfix=" req").field_config.defaults.unit == "suffix: req"
    assert one_panel(type="singlestat", prefix="#").field_config.defaults.unit == "prefix:#"
    found = one_panel(type="singlestat", format="s", postfix="x")
    assert found.field_config.defaults.unit == "s"


def test_columns_of_tables() -> None:
    target = {"refId": "A", "expr": "x", "format": "table"}
    panel = one_panel(type="singlestat", tableColumn="version", targets=[target], valueName="name")
    assert panel.options["reduceOptions"]["fields"] == "/^version$/"
    assert panel.options["textMode"] == "name"
    assert one_panel(type="singlestat", tableColumn="v").options["reduceOptions"]["fields"] == ""


def test_gauges_of_the_version_between() -> None:
    options = {
        "fieldOptions": {
            "calcs": ["max"],
            "defaults": {"unit": "bytes", "max": 9, "thresholds": {"mode": "absolute", "steps": [
                {"color": "green", "value": None}, {"color": "red", "value": 3}]}},
            "overrides": [{"matcher": {"id": "byName", "options": "a"},
                           "properties": [{"id": "unit", "value": "s"}]}],
        },
        "orientation": "horizontal",
    }  # fmt: skip
    panel = one_panel(type="gauge", options=options)
    defaults = panel.field_config.defaults
    assert (defaults.unit, defaults.max) == ("bytes", 9.0)
    assert defaults.thresholds is not None
    assert len(defaults.thresholds.steps) == 2
    assert panel.options["reduceOptions"]["calcs"] == ["max"]
    assert panel.options["orientation"] == "horizontal"
    assert "fieldOptions" not in panel.options
    assert panel.field_config.overrides[0].properties[0].value == "s"


def test_gauges_of_the_version_before_that() -> None:
    options = {
        "valueOptions": {"unit": "ms", "stat": "avg", "decimals": 2},
        "thresholds": [{"index": 1, "value": 5, "color": "red"}, {"index": 0, "value": None,
                                                                   "color": "green"}],
        "minValue": 1, "maxValue": "7", "valueMappings": [{"type": 1, "value": "1", "text": "a"}],
    }  # fmt: skip
    panel = one_panel(type="gauge", options=options)
    defaults = panel.field_config.defaults
    assert (defaults.unit, defaults.decimals, defaults.min, defaults.max) == ("ms", 2, 1.0, 7.0)
    assert panel.options["reduceOptions"]["calcs"] == ["mean"]
    assert defaults.thresholds is not None
    assert [step.color for step in defaults.thresholds.steps] == ["green", "red"]
    assert defaults.mappings == (Mapping("value", "1", text="a"),)
