"""Where panels are, and which they are."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.dashboards.model import Dashboard, Grid
from tests.dashboards.building import of_panels, one_panel, read


def at(x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def grids(dashboard: Dashboard) -> list[list[tuple[int, int, int, int]]]:
    return [
        [(g.x, g.y, g.width, g.height) for g in (panel.grid for panel in row.panels)]
        for row in dashboard.rows
    ]


def test_rows_hold_what_follows_them_or_what_they_fold_away() -> None:
    inner = [{"type": "text", "title": "c", "gridPos": at(0, 9, 24, 4)}]
    dashboard, _ = read(
        {"panels": [
            {"type": "text", "title": "b", "gridPos": at(0, 5, 12, 3)},
            {"type": "row", "title": "R", "gridPos": at(0, 4, 24, 1), "panels": []},
            {"type": "text", "title": "a", "gridPos": at(0, 0, 24, 4)},
            {"type": "row", "title": "S", "gridPos": at(0, 8, 24, 1), "collapsed": True,
             "panels": inner, "repeat": "v"},
        ]}
    )  # fmt: skip
    assert [(row.title, row.has_header, row.collapsed) for row in dashboard.rows] == [
        ("", False, False), ("R", True, False), ("S", True, True),
    ]  # fmt: skip
    assert [[panel.title for panel in row.panels] for row in dashboard.rows] == [
        ["a"],
        ["b"],
        ["c"],
    ]
    assert grids(dashboard) == [[(0, 0, 24, 4)], [(0, 0, 12, 3)], [(0, 0, 24, 4)]]
    assert dashboard.rows[2].repeat is not None
    assert dashboard.rows[2].repeat.variable == "v"


def test_panels_move_up_and_out_of_each_others_way() -> None:
    places = [at(0, 3, 12, 4), at(12, 9, 12, 4), at(6, 4, 12, 2), at(20, 0, 30, 2)]
    panels = [{"type": "text", "title": str(i), "gridPos": place} for i, place in enumerate(places)]
    dashboard, findings = read({"panels": panels})
    assert grids(dashboard) == [[(0, 0, 24, 2), (0, 2, 12, 4), (6, 6, 12, 2), (12, 8, 12, 4)]]
    overlap = next(one for one in findings if one.code == "overlap")
    assert (overlap.panel_title, "'0'" in overlap.message) == ("2", True)
    assert overlap.path == ("panels", 2, "gridPos")


def test_panels_without_a_place_flow() -> None:
    panels = [{"type": "text", "gridPos": at(0, 0, 24, 2)}, {"type": "text"}, {"type": "stat"}]
    dashboard, findings = read({"title": "T", "panels": panels})
    assert grids(dashboard) == [[(0, 0, 24, 2), (0, 2, 12, 8), (12, 2, 12, 8)]]
    assert findings == []


@pytest.mark.parametrize("place", [None, {}, "x", {"x": None, "y": [], "w": -5, "h": 10**12}])
def test_places_that_make_no_sense(place: object) -> None:
    dashboard, _ = read({"panels": [{"type": "text", "gridPos": place}]})
    (panel,) = dashboard.panels()
    assert 1 <= panel.grid.width <= 24
    assert 1 <= panel.grid.height <= 200


def test_old_rows_flow_over_twelve_columns() -> None:
    panels = [{"type": "text", "span": span} for span in (6, 3, 3, 8, 4)]
    rows = [
        {"title": "A", "height": "190px", "panels": panels, "showTitle": True},
        {"title": "B", "height": 30, "panels": [{"type": "text", "height": "380px"}]},
    ]
    dashboard, _ = read({"rows": rows})
    assert grids(dashboard) == [
        [(0, 0, 12, 5), (12, 0, 6, 5), (18, 0, 6, 5), (0, 5, 16, 5), (16, 5, 8, 5)],
        [(0, 0, 8, 10)],
    ]
    assert [(row.title, row.has_header) for row in dashboard.rows] == [("A", True), ("B", True)]


def test_old_rows_without_titles_are_one() -> None:
    rows = [{"title": "A", "panels": [{"type": "text", "span": 12}]}] * 2
    dashboard, _ = read({"rows": rows})
    assert grids(dashboard) == [[(0, 0, 24, 7), (0, 7, 24, 7)]]
    assert not dashboard.rows[0].has_header


def test_saved_repetitions_are_left_out() -> None:
    panels = [{"type": "text", "id": 1, "repeat": "v", "repeatDirection": "v", "maxPerRow": 3},
              {"type": "text", "id": 2, "repeatPanelId": 1, "repeatIteration": 5}]  # fmt: skip
    dashboard, _ = read({"panels": panels})
    (panel,) = dashboard.panels()
    assert panel.repeat is not None
    assert (panel.repeat.direction, panel.repeat.max_per_row) == ("v", 3)
    rows = [{"repeat": "v", "panels": [{"type": "text"}]}, {"repeatRowId": 1, "panels": [{}]}]
    assert len(read({"rows": rows})[0].rows) == 1


def test_ids_are_unique() -> None:
    dashboard, findings = read(
        of_panels(
            {"id": 7, "type": "text"}, {"id": 7, "type": "text"}, {"id": None, "type": "text"}
        )
    )
    assert [panel.id for panel in dashboard.panels()] == [7, 8, 9]
    assert [finding.code for finding in findings] == ["duplicate-id"]


def test_too_many_panels_are_cut() -> None:
    dashboard, findings = read({"title": "T", "panels": [{"type": "text"}] * 1005})
    assert len(dashboard.panels()) == 1000
    assert [finding.code for finding in findings] == ["too-many"]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"type": "geomap"}, "maps"),
        ({"type": "news"}, "feeds"),
        ({"type": "some-vendor-panel"}, "some-vendor-panel"),
        ({}, "no type"),
        ({"libraryPanel": {"uid": "u", "name": "Lib"}}, "library panel 'Lib'"),
        ({"type": "library-panel-ref"}, "library panel"),
    ],
)
def test_panels_that_are_not_shown_say_why(given: dict[str, Any], part: str) -> None:
    broken = {"targets": [{"rawSql": "x"}], "transformations": [{"id": "odd"}]}
    dashboard, findings = read(of_panels({**given, **broken, "title": "P"}))
    (panel,) = dashboard.panels()
    assert (panel.type, part in panel.reason) == ("unsupported", True)
    assert [(one.code, one.panel_title) for one in findings] == [("panel-type", "P")]


def test_library_panels_with_their_model() -> None:
    model = {"type": "stat", "title": "inside", "options": {"colorMode": "background"}}
    inside = one_panel(libraryPanel={"uid": "u", "name": "Lib", "model": model}, title="")
    assert (inside.type, inside.title, inside.library) == ("stat", "inside", "Lib")
    document = of_panels({"libraryPanel": {"uid": "u"}, "title": "own"})
    document["__elements"] = {"u": {"uid": "u", "kind": 1, "model": model}}
    (brought,) = read(document)[0].panels()
    assert (brought.type, brought.title) == ("stat", "own")
    assert brought.options["colorMode"] == "background"
    assert brought.options["graphMode"] == "area"


def test_everything_else_of_a_panel() -> None:
    panel = one_panel(
        type="timeseries", description="D", transparent=True, maxDataPoints="200", interval="1m",
        timeFrom="6h", timeShift="1d", hideTimeOverride=True, links=[{"title": "t", "url": "/x"}],
        options={"legend": {"displayMode": "hidden"}},
    )  # fmt: skip
    assert (panel.description, panel.transparent, panel.max_data_points) == ("D", True, 200)
    assert (panel.interval, panel.time_from, panel.time_shift) == ("1m", "6h", "1d")
    assert (panel.hide_time_override, panel.links[0].url) == (True, "/x")
    assert panel.options["legend"]["showLegend"] is False
    assert panel.grid == Grid(0, 0, 24, 8)


def test_alert_rules_of_panels_are_told_of() -> None:
    _, findings = read(of_panels({"type": "graph", "alert": {"name": "x"}}))
    assert [finding.code for finding in findings] == ["panel-alert"]
