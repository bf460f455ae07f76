"""Alertmanager's own metrics about requests and itself, by the names its dashboards know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance import __version__

if TYPE_CHECKING:
    from prometheus_client import Counter

    from appliance.api.http import Handler, HttpDeps
    from appliance.base.telemetry import Telemetry

#: Clients look at it to see what the API can do: that of the Alertmanager this follows, then ours.
VERSION = f"0.34.0+appliance.{__version__}"

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BYTES = tuple(float(100 * 10**power) for power in range(8))
_LABELS = ("handler", "method", "code")


@dataclass(frozen=True, slots=True)
class Received:
    """Counts alerts that come in, by `status` (`firing`, `resolved`), and those that are wrong."""

    alerts: Counter
    invalid: Counter

    @classmethod
    def of(cls, telemetry: Telemetry) -> Received:
        """The counters of a server, with all their series."""
        name = "alertmanager_alerts"
        alerts = telemetry.counter(
            f"{name}_received_total", "The total number of received alerts.", ("status", "version")
        )
        invalid = telemetry.counter(
            f"{name}_invalid_total",
            "The total number of received alerts that were invalid.",
            ("version",),
        )
        for status in ("firing", "resolved"):
            alerts.labels(status, "v2")
        invalid.labels("v2")
        return cls(alerts, invalid)


def show_facts(telemetry: Telemetry) -> None:
    """Show what never changes."""
    facts = {"branch": "", "goarch": "", "goos": "", "goversion": "", "revision": "", "tags": ""}
    facts["version"] = VERSION
    telemetry.gauge(
        "alertmanager_build_info",
        "A metric with a constant '1' value, labeled by what is built.",
        tuple(facts),
    ).labels(*facts.values()).set(1)
    telemetry.gauge(
        "alertmanager_cluster_enabled", "Indicates whether the clustering is enabled or not."
    ).set(0)
    telemetry.counter(
        "alertmanager_http_concurrency_limit_exceeded_total",
        "Total number of times an HTTP request failed because the concurrency limit was reached.",
        ("method",),
    ).labels("get")


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
