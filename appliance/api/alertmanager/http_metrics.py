"""Alertmanager's own metrics about requests, by the names its dashboards know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from appliance.api.http import Handler, HttpDeps

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BYTES = tuple(float(100 * 10**power) for power in range(8))
_LABELS = ("handler", "method", "code")


def measured(http: HttpDeps) -> Any:
    """A middleware that measures what a listener serves.

    The paths that are known are the values of `handler`; other ones count as `unmatched`, so that
    clients cannot make up as many as they like.
    """
    telemetry = http.telemetry
    seconds = telemetry.histogram(
        "alertmanager_http_request_duration_seconds",
        "Histogram of latencies for HTTP requests.",
        _LABELS,
        _SECONDS,
    )
    size = telemetry.histogram(
        "alertmanager_http_response_size_bytes",
        "Histogram of response size for HTTP requests.",
        _LABELS,
        _BYTES,
    )
    running = telemetry.gauge(
        "alertmanager_http_requests_in_flight",
        "Current number of HTTP requests being processed.",
        ("method",),
    )
    telemetry.gauge(
        "alertmanager_cluster_enabled", "Indicates whether the clustering is enabled or not."
    ).set(0)

    @web.middleware
    async def measure(request: web.Request, handler: Handler) -> web.StreamResponse:
        method = request.method.lower() if request.method in _METHODS else "other"
        began = http.clock.monotonic()
        with running.labels(method).track_inprogress():
            response = await handler(request)
        resource = request.match_info.route.resource
        path = resource.canonical if resource is not None else "unmatched"
        labels = (path, method, str(response.status))
        seconds.labels(*labels).observe(http.clock.monotonic() - began)
        if isinstance(response, web.Response) and isinstance(response.body, bytes):
            size.labels(*labels).observe(len(response.body))
        return response

    return measure


_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}
