"""The paths below `/api/ui/` that are about traces."""

from __future__ import annotations

from aiohttp import web

from appliance.api.errors import plain
from appliance.api.http import with_contract
from appliance.api.lazy import lazily

#: Method, path and handler, by the form of errors.
TABLE = {
    plain: (
        ("GET", "/api/ui/traces/{trace_id}/critical-path", "traces.paths:path"),
        ("GET", "/api/ui/traces/{trace_id}/compare/{other_id}", "traces.paths:comparison"),
        ("GET", "/api/ui/traces/{trace_id}/export", "traces.files:export"),
        ("GET", "/api/ui/traces/{trace_id}/spans/{span_id}", "traces.spans:span"),
        ("GET", "/api/ui/traces/{trace_id}/find", "traces.spans:find"),
        ("POST", "/api/ui/traces/import", "traces.files:import_"),
        ("GET", "/api/ui/operations", "traces.figures:operations"),
        ("GET", "/api/ui/service-map", "traces.figures:service_map"),
        ("GET", "/api/ui/correlate/traces/{trace_id}/logs", "traces.correlate:logs_of_trace"),
        ("POST", "/api/ui/correlate/log", "traces.correlate:traces_of_log"),
        ("GET", "/api/ui/correlate/exemplars", "traces.correlate:exemplars"),
        ("GET", "/api/ui/correlate/services/{service}", "traces.correlate:signals"),
    )
}


def routes() -> list[web.RouteDef]:
    """For the page's port and Jaeger's."""
    makers = {"GET": web.get, "POST": web.post}
    return [
        route
        for contract, rows in TABLE.items()
        for route in with_contract(
            contract, [makers[method](path, lazily(name)) for method, path, name in rows]
        )
    ]
