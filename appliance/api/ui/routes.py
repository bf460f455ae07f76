"""The table of pages: method, path, and the handler below `appliance.api.ui` that answers.

Every page is also to be had as JSON: `?format=json`, or its path with `.json` behind it. Handlers
are imported at their first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.lazy import lazily

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Pages and what their forms send to; a path's `.json` twin is added by `page_routes`.
PAGES: tuple[tuple[str, str, str], ...] = (
    ("GET", "/", "home:home"),
    ("GET", "/connect", "home:connect"),
    ("GET", "/alerts", "alerts:alerts"),
    ("POST", "/alerts/ack", "alerts:ack"),
    ("GET", "/alerts/{fingerprint}", "alert_detail:alert"),
    ("POST", "/alerts/{fingerprint}", "alert_detail:replay"),
    ("GET", "/rules", "rules:redirect"),
    ("GET", "/silences", "silences:silences"),
    ("GET", "/silences/new", "silence_form:new"),
    ("POST", "/silences/new", "silence_form:create"),
    ("GET", "/silences/{id}", "silences:silence"),
    ("POST", "/silences/{id}", "silences:change"),
    ("GET", "/silences/{id}/edit", "silence_form:edit"),
    ("POST", "/silences/{id}/edit", "silence_form:save"),
    ("GET", "/dashboards", "dashboard_pages:dashboards"),
    ("GET", "/d/{uid}", "dashboard_pages:dashboard"),
    ("GET", "/d/{uid}/{slug}", "dashboard_pages:dashboard"),
    ("GET", "/d-solo/{uid}", "dashboard_pages:one_panel"),
    ("GET", "/d-solo/{uid}/{slug}", "dashboard_pages:one_panel"),
    ("GET", "/dashboard/db/{slug}", "dashboard_pages:by_slug"),
    ("GET", "/metrics.json", "metrics:metrics"),
    ("GET", "/metrics/cardinality", "metrics:cardinality"),
    ("GET", "/logs", "logs:logs"),
    ("GET", "/traces", "traces:traces"),
    ("GET", "/traces/compare", "traces:compare"),
    ("GET", "/traces/{trace_id}", "traces:trace"),
    ("GET", "/services", "services:services"),
    ("GET", "/services/{name}", "services:service"),
    ("GET", "/services/", "services:unnamed"),
    ("GET", "/map", "services:service_map"),
    ("GET", "/oncall", "oncall:oncall"),
    ("POST", "/oncall", "oncall:change"),
    ("GET", "/notifications", "notifications:notifications"),
    ("POST", "/notifications", "notifications:act"),
    ("GET", "/runbooks", "runbooks:runbooks"),
    ("GET", "/runbooks/{name}", "runbooks:runbook"),
    ("GET", "/targets", "system.targets:targets"),
    ("GET", "/tail", "system.tail:tail"),
    ("POST", "/tail", "system.tail:preview"),
    ("GET", "/ingest", "system.ingest:ingest"),
    ("GET", "/push", "system.push:push"),
    ("POST", "/push", "system.push:delete"),
    ("GET", "/storage", "system.storage:storage"),
    ("POST", "/storage/prune", "system.storage:prune"),
    ("GET", "/config", "system.config:config"),
    ("POST", "/config/reload", "system.config:reload"),
    ("GET", "/status", "system.status:status"),
    ("GET", "/status/badge/{service}", "system.status:status_badge"),
)
#: What islands ask for, without a page of its own.
DATA: tuple[tuple[str, str, str], ...] = (
    ("GET", "/api/ui/overview", "home:overview"),
    ("GET", "/api/ui/metrics", "metrics:metric_list"),
    ("GET", "/api/ui/parse", "parse:parse"),
    ("POST", "/api/ui/parse", "parse:parse"),
    ("GET", "/api/ui/metrics/explain", "metric_explain:explain"),
    ("POST", "/api/ui/metrics/explain", "metric_explain:explain"),
    ("GET", "/explore", "logs:explore"),
    ("GET", "/api/ui/logs/fields", "logs:fields"),
    ("POST", "/api/ui/logs/fields", "logs:fields"),
    ("GET", "/api/ui/logs/download", "logs:download"),
    ("GET", "/api/ui/dashboards", "dashboards:dashboards"),
    ("POST", "/api/ui/dashboards", "dashboards:put"),
    ("GET", "/api/ui/dashboards/{uid}", "dashboards:dashboard"),
    ("DELETE", "/api/ui/dashboards/{uid}", "dashboards:delete"),
    ("GET", "/api/ui/dashboards/{uid}/json", "dashboards:original"),
    ("GET", "/api/dashboards/uid/{uid}", "dashboards:by_uid"),
)


def page_routes(table: Iterable[tuple[str, str, str]] = PAGES) -> list[web.RouteDef]:
    """Routes of pages, with a twin in JSON for each path without a variable.

    Where a path ends in a variable the handler takes `.json` off (`rendering.variable`).
    """
    found: list[web.RouteDef] = []
    for method, path, handler in table:
        handle = lazily(f"ui.{handler}")
        found.append(web.route(method, path, handle))
        if method == "GET" and not path.endswith(("}", ".json")):
            found.append(web.get(f"{path}.json", handle))
    return found


def data_routes() -> list[web.RouteDef]:
    """Routes of what islands ask for."""
    return [web.route(method, path, lazily(f"ui.{name}")) for method, path, name in DATA]
