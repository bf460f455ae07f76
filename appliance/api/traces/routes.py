"""The paths below `/api/ui/` that are about traces."""

from __future__ import annotations

from aiohttp import web

from appliance.api.errors import plain
from appliance.api.http import with_contract
from appliance.api.traces import correlate, figures, files, paths


def routes() -> list[web.RouteDef]:
    """For the page's port and Jaeger's."""
    return with_contract(
        plain,
        [
            web.get("/api/ui/traces/{trace_id}/critical-path", paths.path),
            web.get("/api/ui/traces/{trace_id}/compare/{other_id}", paths.comparison),
            web.get("/api/ui/traces/{trace_id}/export", files.export),
            web.post("/api/ui/traces/import", files.import_),
            web.get("/api/ui/operations", figures.operations),
            web.get("/api/ui/service-map", figures.service_map),
            web.get("/api/ui/correlate/traces/{trace_id}/logs", correlate.logs_of_trace),
            web.post("/api/ui/correlate/log", correlate.traces_of_log),
            web.get("/api/ui/correlate/exemplars", correlate.exemplars),
            web.get("/api/ui/correlate/services/{service}", correlate.signals),
        ],
    )
