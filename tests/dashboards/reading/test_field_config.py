"""Units, thresholds, mappings and overrides."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.fields import Color, Mapping, Step, Thresholds
from appliance.dashboards.reading.field_config import (
    cell_options,
    merged,
    read_field_config,
    read_mappings,
    read_options,
    read_thresholds,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"type": "value", "options": {"2": {"text": "b", "index": 1}, "1": {"color": "red"}}},
            (Mapping("value", "1", color="red"), Mapping("value", "2", text="b")),
        ),
        (
            {"type": "range", "options": {"from": None, "to": 5, "result": {"text": "low"}}},
            (Mapping("range", "", None, 5.0, "low"),),
        ),
        (
            {"type": "regex", "options": {"pattern": "a.*", "result": {"text": "x"}}},
            (Mapping("regex", "a.*", text="x"),),
        ),
        (
            {"type": "special", "options": {"match": "nan", "result": {"color": "blue"}}},
            (Mapping("special", "nan", color="blue"),),
        ),
        ({"type": 1, "value": "1", "text": "up"}, (Mapping("value", "1", text="up"),)),
        ({"type": 1, "value": "null", "text": "-"}, (Mapping("special", "null", text="-"),)),
        ({"type": 2, "from": "1", "to": "2", "text": "x"}, (Mapping("range", "", 1.0, 2.0, "x"),)),
        ({"type": "unheard of", "options": {}}, ()),
        ({"type": "value", "options": [1]}, ()),
    ],
)
def test_mappings_of_all_ages(given: dict[str, Any], expected: tuple[Mapping, ...]) -> None:
    assert read_mappings([given]) == expected


def test_thresholds_are_in_order_and_begin_at_the_bottom() -> None:
    steps = [
        {"color": "green", "value": 0},
        {"color": "red", "value": 9},
        {"color": "a", "value": 3},
    ]
    assert read_thresholds({"mode": "percentage", "steps": steps}) == Thresholds(
        "percentage", (Step(None, "green"), Step(3.0, "a"), Step(9.0, "red"))
    )
    assert read_thresholds({"mode": "absolute", "steps": []}) is None
    assert read_thresholds(None) is None


def test_defaults() -> None:
    given = {
        "unit": "s", "decimals": 2, "min": 0, "max": "9", "displayName": "x", "noValue": "-",
        "color": {"mode": "fixed", "fixedColor": "red"}, "links": [{"title": "t", "url": "/u"}],
        "custom": {"lineWidth": 3, "stacking": {"mode": "normal"}, "axisLabel": None},
    }  # fmt: skip
    base = {
        "lineWidth": 1,
        "fillOpacity": 0,
        "stacking": {"mode": "none", "group": "A"},
        "axisLabel": "",
    }
    found = read_options(given, base)
    assert (found.unit, found.decimals, found.min, found.max) == ("s", 2, 0.0, 9.0)
    assert found.color == Color("fixed", "red")
    assert found.links[0].url == "/u"
    assert found.custom == {
        "lineWidth": 3, "fillOpacity": 0, "stacking": {"mode": "normal", "group": "A"},
        "axisLabel": "",
    }  # fmt: skip
    assert base["lineWidth"] == 1


def test_overrides() -> None:
    override = {
        "matcher": {"id": "byType", "options": "number"},
        "properties": [
            {"id": "thresholds", "value": {"mode": "absolute", "steps": [{"color": "a"}]}},
            {"id": "custom.displayMode", "value": "color-background-solid"},
            {"id": "title", "value": "T"},
            {"id": "decimals", "value": "1"},
            {"id": "custom.lineWidth", "value": 2},
            {"value": 1},
        ],
    }
    config = read_field_config({"overrides": [override, {"matcher": {}, "properties": []}, 5]})
    (found,) = config.overrides
    assert (found.matcher.id, found.matcher.options) == ("byType", "number")
    assert {one.id: one.value for one in found.properties} == {
        "thresholds": Thresholds("absolute", (Step(None, "a"),)),
        "custom.cellOptions": {"type": "color-background", "mode": "basic"},
        "displayName": "T",
        "decimals": 1,
        "custom.lineWidth": 2,
    }


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("auto", {"type": "auto"}),
        ("json-view", {"type": "json-view"}),
        ("color-background", {"type": "color-background", "mode": "gradient"}),
        ("lcd-gauge", {"type": "gauge", "mode": "lcd"}),
        ("basic", {"type": "gauge", "mode": "basic"}),
    ],
)
def test_cells(mode: str, expected: dict[str, str]) -> None:
    assert cell_options(mode) == expected


def test_objects_are_merged_at_every_depth() -> None:
    base = {"a": {"b": 1, "c": {"d": 2}}, "e": [1]}
    assert merged(base, {"a": {"c": {"f": 3}}, "e": [2], "g": None}) == {
        "a": {"b": 1, "c": {"d": 2, "f": 3}}, "e": [2], "g": None,
    }  # fmt: skip
    assert merged(base, {"a": 5, "e": None}) == {"a": 5, "e": [1]}
