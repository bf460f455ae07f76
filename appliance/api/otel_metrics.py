"""The listener on 9464: metrics that came over OTLP, as OpenTelemetry's collector shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.admin import OTHER_METRICS
from appliance.api.http import base_app
from appliance.wire.exposition.print import OPENMETRICS, TEXT, print_families

if TYPE_CHECKING:
    from appliance.api.http import HttpDeps
    from appliance.ingest.last_values import LastValues

VALUES: web.AppKey[LastValues] = web.AppKey("last_values")


def make_app(http: HttpDeps, values: LastValues) -> web.Application:
    """The application of the `otel_metrics` listener."""
    app = base_app("otel_metrics", http)
    app[VALUES] = values
    app[OTHER_METRICS] = _metrics
    return app


async def _metrics(request: web.Request) -> web.Response:
    openmetrics = "application/openmetrics-text" in request.headers.get("Accept", "")
    body = print_families(request.app[VALUES].families(), openmetrics=openmetrics)
    return web.Response(body=body, headers={"Content-Type": OPENMETRICS if openmetrics else TEXT})
