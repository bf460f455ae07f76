"""Dashboards as people export them: each panel is shown, or listed with its reason."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.model import Dashboard, Finding, Panel, document
from appliance.dashboards.reading.document import read_dashboard
from tests.dashboards.real_exports import examine, files

FOLDER = Path(__file__).parent / "exports"
FILES = sorted(FOLDER.glob("*.json"))
README = FOLDER / "README.md"
REAL = os.environ.get("APPLIANCE_DASHBOARDS", "")
each = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
#: Types that stand for something that cannot be shown here; all else in the files can.
NOT_SHOWN = {
    "everything-today": 11, "probes": 1, "traces-and-friends": 1, "with-mistakes": 1,
}  # fmt: skip


def read(name: str) -> tuple[Dashboard, list[Finding]]:
    dashboard, findings = read_dashboard((FOLDER / f"{name}.json").read_bytes(), name=name)
    return dashboard, find_problems(dashboard, findings)


def panel(name: str, title: str) -> Panel:
    (found,) = (one for one in read(name)[0].panels() if one.title == title)
    return found


def raw_panels(value: Any) -> int:
    """Panels of a file, counted without the reader; clones and rows are none."""
    if isinstance(value, list):
        return sum(map(raw_panels, value))
    if not isinstance(value, dict):
        return 0
    inner: dict[str, Any] = value.get("dashboard") or value.get("spec") or value
    if "elements" in inner:
        return len(inner["elements"])
    below = raw_panels(inner.get("panels", [])) + raw_panels(inner.get("rows", []))
    is_panel = "gridPos" in inner or "span" in inner
    return below + (is_panel and inner.get("type") != "row")


@each
def test_every_panel_is_shown_or_listed(path: Path) -> None:
    dashboard, findings = read(path.stem)
    assert len(dashboard.panels()) == raw_panels(json.loads(path.read_bytes()))
    listed = {finding.panel_id for finding in findings}
    hidden = [one for one in dashboard.panels() if one.type == "unsupported"]
    assert {one.id for one in hidden} <= listed
    assert all(one.reason for one in hidden)
    assert len(hidden) == NOT_SHOWN.get(path.stem, 0)


@each
def test_every_query_that_is_not_asked_has_a_reason(path: Path) -> None:
    dashboard, findings = read(path.stem)
    listed = {finding.panel_id for finding in findings}
    for one in dashboard.panels():
        for target in one.targets:
            assert target.language or target.reason, one.title
            assert not target.reason or one.id in listed, one.title


@each
def test_the_document_is_json(path: Path) -> None:
    dashboard, _ = read(path.stem)
    assert json.loads(json.dumps(document(dashboard)))["uid"] == dashboard.uid


@each
def test_variables_know_where_their_values_come_from(path: Path) -> None:
    for variable in read(path.stem)[0].variables:
        if variable.kind == "query":
            assert variable.reason or (variable.query and variable.query.kind), variable.name


def test_the_readme_lists_every_file() -> None:
    text = README.read_text(encoding="utf-8")
    assert [path.name for path in FILES if f"`{path.name}`" not in text] == []


def test_rows_of_the_first_generation_are_read_with_their_panels() -> None:
    rows = read("host-2018")[0].rows
    assert [len(row.panels) for row in rows] == [5, 2, 2, 1]
    assert rows[-1].collapsed
    first = rows[0].panels[0]
    assert (first.type, first.grid.width) == ("gauge", 4)


def test_second_axes_and_negative_series_of_old_graphs() -> None:
    traffic = panel("host-2018", "Network")
    (override,) = traffic.field_config.overrides
    assert override.matcher.options == "/.*out/"
    assert ("custom.transform", "negative-Y") in {
        (one.id, one.value) for one in override.properties
    }


def test_numbers_of_variable_queries_of_the_newest_editor() -> None:
    queries = {one.name: one.query for one in read("everything-today")[0].variables if one.query}
    assert {name: query.kind for name, query in queries.items()} == {
        "metrics": "metrics",
        "names": "labelNames",
        "series": "series",
        "classic": "queryResult",
    }
    host = {one.name: one.query for one in read("host-today")[0].variables}
    assert host["nodename"] is not None
    assert (host["nodename"].kind, host["nodename"].label) == ("labelValues", "nodename")
    assert host["nodename"].selector == 'node_uname_info{job="$job"}'


def test_custom_variables_with_pairs_commas_and_json() -> None:
    variables = {one.name: one for one in read("deployments")[0].variables}
    pairs = [(one.text, one.value) for one in variables["sync_status"].options]
    assert pairs == [("In sync", "Synced"), ("Out of sync", "OutOfSync"), ("a,b", "a,b")]
    newest = {one.name: one for one in read("everything-today")[0].variables}
    assert [(one.text, one.value) for one in newest["jsonish"].options] == [("One", "1")]


def test_the_search_form_knows_what_is_no_attribute() -> None:
    (target,) = panel("traces-and-friends", "Search by form").targets
    assert target.expr == '{resource.service.name = "$service" && duration > 100ms}'


def test_library_panels_that_come_along_are_shown() -> None:
    shown = {one.title: one.type for one in read("everything-today")[0].panels()}
    assert shown["From the library"] == "gauge"
    assert shown["Model inside"] == "stat"


def test_mistakes_are_named() -> None:
    codes = {finding.code for finding in read("with-mistakes")[1]}
    assert {
        "promql", "logql", "traceql", "duplicate-id", "overlap", "unknown-variable", "no-unit",
        "panel-type", "rate-interval",
    } <= codes  # fmt: skip


def test_queries_of_others_are_refused_by_name() -> None:
    messages = [one.message for one in read("other-sources")[1] if one.code == "datasource"]
    for kind in ("mysql", "cloudwatch", "InfluxDB", "elasticsearch", "graphite", "postgres"):
        assert any(kind in message for message in messages), kind


@pytest.mark.skipif(not REAL, reason="APPLIANCE_DASHBOARDS names no folder of real dashboards")
def test_real_dashboards_are_read() -> None:
    failures = {str(one): examine(one).failure for one in files([Path(REAL)])}
    assert failures
    assert {path: why for path, why in failures.items() if why} == {}
