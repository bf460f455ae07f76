"""Whole files: what dashboards are wrapped in, and what is said of them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from appliance.base.errors import BadInput
from appliance.dashboards.fields import Link
from appliance.dashboards.reading.document import read_dashboard, slug
from tests.dashboards.building import of_panels, read

PANELS: dict[str, Any] = {"title": "T", "panels": []}


@pytest.mark.parametrize(
    ("document", "uid"),
    [
        ({**PANELS, "uid": "own"}, "own"),
        (PANELS, "file"),
        ({**PANELS, "uid": None}, "file"),
        ({**PANELS, "uid": "with space/é"}, "with-space"),
        ({"dashboard": {**PANELS, "uid": "in"}, "meta": {}, "folderId": 0}, "in"),
        (
            {"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard",
             "metadata": {"name": "k8s"}, "spec": PANELS},
            "k8s",
        ),
    ],
)  # fmt: skip
def test_wrappings_and_uids(document: dict[str, Any], uid: str) -> None:
    dashboard = read_dashboard(orjson.dumps(document), name="file").dashboard
    assert (dashboard.uid, dashboard.title) == (uid, "T")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no JSON"),
        (b"[]", "an object|a JSON object"),
        (b"{}", "neither panels nor rows"),
        (b'{"a": 1}', "neither panels nor rows"),
        (b'{"title": "x",}', "no JSON"),
        (b'{"panels":' * 200 + b"1" + b"}" * 200, "deep"),
        (b'{"panels": [' + b" " * (5 << 20) + b"]}", "5 MiB"),
        (b'{"title": "\\ud800", "panels": []}', "no JSON"),
    ],
)
def test_what_is_no_dashboard_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read_dashboard(data)


def test_refusals_say_where() -> None:
    with pytest.raises(BadInput) as caught:
        read_dashboard(b'{"panels": [}')
    assert caught.value.position == 12


def test_a_mark_at_the_beginning_is_no_harm() -> None:
    data = b"\xef\xbb\xbf" + orjson.dumps(PANELS)
    assert read_dashboard(data).dashboard.title == "T"


def test_what_is_said_of_the_whole() -> None:
    dashboard, findings = read(
        {
            **PANELS,
            "description": "D", "tags": ["a", "b", "a"], "timezone": "UTC", "refresh": "10s",
            "time": {"from": "now-2d", "to": "now-1d"}, "graphTooltip": 1, "weekStart": "monday",
            "schemaVersion": 39,
            "links": [
                {"type": "dashboards", "tags": ["x"], "asDropdown": True, "includeVars": True},
                {"type": "link", "title": "L", "url": "https://a", "targetBlank": True},
                {"type": "link", "title": "nowhere"},
            ],
        }
    )  # fmt: skip
    assert (dashboard.description, dashboard.tags, dashboard.timezone) == ("D", ("a", "b"), "utc")
    assert (dashboard.time.start, dashboard.time.end) == ("now-2d", "now-1d")
    assert (dashboard.refresh, dashboard.cursor, dashboard.week_start) == (
        "10s",
        "crosshair",
        "monday",
    )
    assert dashboard.links == (
        Link("", "", "dashboards", tags=("x",), as_dropdown=True, include_variables=True),
        Link("L", "https://a", target_blank=True),
    )
    assert findings == []


@pytest.mark.parametrize("refresh", [False, None, "", True, 5.5])
def test_refresh_is_a_duration_or_nothing(refresh: object) -> None:
    found = read({**PANELS, "refresh": refresh})[0].refresh
    assert found in {"", "5.5"}


def test_old_ways_to_share_the_cursor_and_to_leave_the_title_out() -> None:
    dashboard, findings = read({"panels": [], "sharedCrosshair": True})
    assert (dashboard.cursor, dashboard.title) == ("crosshair", "test")
    assert [finding.code for finding in findings] == ["no-title"]


def test_slugs() -> None:
    assert [slug("Node Exporter: Full!"), slug("éé"), slug("a" * 99)] == [
        "node-exporter-full", "dashboard", "a" * 64,
    ]  # fmt: skip


def test_annotations() -> None:
    given = [
        {"builtIn": 1, "datasource": "-- Grafana --", "name": "Alerts", "type": "dashboard"},
        {"name": "deploys", "datasource": {"type": "prometheus"}, "expr": "changes(x[1m])",
         "tagKeys": "a, b", "titleFormat": "t", "textFormat": "x", "iconColor": "red", "step": "1m",
         "useValueForTime": "on", "enable": False,
         "filter": {"exclude": True, "ids": [1, "2", None]}},
        {"name": "new", "datasource": {"type": "loki"}, "target": {"expr": '{a="b"}'}},
        {"name": "written", "datasource": {"type": "grafana", "uid": "-- Grafana --"},
         "type": "tags", "tags": ["x"]},
        {"name": "sql", "datasource": {"type": "mysql"}, "rawQuery": "select 1"},
    ]  # fmt: skip
    dashboard, findings = read({**PANELS, "annotations": {"list": given}})
    found = dashboard.annotations
    assert [one.language for one in found] == ["alerts", "promql", "logql", "", ""]
    deploys = found[1]
    assert (deploys.expr, deploys.tag_keys, deploys.color) == ("changes(x[1m])", ("a", "b"), "red")
    assert (deploys.use_value_for_time, deploys.enable, deploys.step) == (True, False, "1m")
    assert (deploys.exclude, deploys.panels) == (True, (1, 2))
    assert found[2].expr == '{a="b"}'
    assert [finding.message.partition(":")[0] for finding in findings] == ["'written'", "'sql'"]


def test_transformations_that_are_left_out_say_why() -> None:
    given = [
        {"id": "seriesToColumns", "options": {"byField": "Time"}},
        {"id": "noop"},
        {"id": "rowsToFields"},
        {"id": "transpose", "disabled": True},
        {"id": "made up"},
        {"id": "filterByRefId", "filter": {"id": "byRefId", "options": "A"}},
    ]
    dashboard, findings = read(of_panels({"type": "table", "transformations": given}))
    found = dashboard.panels()[0].transformations
    assert [(one.id, bool(one.reason)) for one in found] == [
        ("joinByField", False), ("rowsToFields", True), ("transpose", True), ("made up", True),
        ("filterByRefId", False),
    ]  # fmt: skip
    assert found[-1].filter is not None
    assert len(findings) == 2
