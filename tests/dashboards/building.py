"""Dashboards for tests: the JSON around what a test is about."""

from __future__ import annotations

from typing import Any

import orjson

from appliance.dashboards.checks.problems import find_problems
from appliance.dashboards.datasources import Sources
from appliance.dashboards.model import Dashboard, Finding, Panel
from appliance.dashboards.reading.document import read_dashboard


def read(
    document: dict[str, Any], sources: Sources | None = None
) -> tuple[Dashboard, list[Finding]]:
    """A dashboard and what was found while it was read."""
    reading = read_dashboard(orjson.dumps(document), name="test", sources=sources)
    return reading.dashboard, reading.findings


def judged(document: dict[str, Any]) -> list[Finding]:
    """All findings."""
    reading = read_dashboard(orjson.dumps(document), name="test")
    return find_problems(reading.dashboard, reading.findings)


def codes(document: dict[str, Any]) -> list[str]:
    return [finding.code for finding in judged(document)]


def of_panels(*panels: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A dashboard with panels, one below the other where they have no place."""
    placed = [
        {"id": i + 1, "gridPos": {"x": 0, "y": 8 * i, "w": 24, "h": 8}, **panel}
        for i, panel in enumerate(panels)
    ]
    return {"title": "T", "uid": "t", "panels": placed, **more}


def of_query(expr: str, **panel: Any) -> dict[str, Any]:
    """A dashboard with one query of Prometheus."""
    target = {"refId": "A", "expr": expr}
    source = {"type": "prometheus", "uid": "p"}
    usual = {"type": "timeseries", "datasource": source, "targets": [target]}
    return of_panels({**usual, "fieldConfig": {"defaults": {"unit": "s"}}, **panel})


def of_variables(*variables: dict[str, Any]) -> dict[str, Any]:
    return of_panels(templating={"list": list(variables)})


def one_panel(**panel: Any) -> Panel:
    """The only panel of a dashboard, read."""
    dashboard, _ = read(of_panels(panel))
    (found,) = dashboard.panels()
    return found
