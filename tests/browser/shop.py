"""Data that make the pages look alive, as OTLP/JSON for any server."""

from __future__ import annotations

import json
import math
import random
import urllib.request
from typing import Any

SERVICES = ("storefront", "checkout", "billing")
_LINES = (
    ("info", '{"level":30,"msg":"order placed","orderId":"A-10%d","total":%d.5,"customer":"c-77"}'),
    (
        "info",
        '{"level":30,"msg":"request completed","method":"GET","route":"/products/%d","ms":%d}',
    ),
    ("warn", '{"level":40,"msg":"retrying payment","attempt":%d,"delayMs":%d,"provider":"stripe"}'),
    ("error", '{"level":50,"msg":"payment refused","code":"card_declined","try":%d,"total":%d}'),
    ("debug", "cache miss for key product:%d:v%d, loading from database"),
)
_NAMES = ("GET /products/:id", "POST /orders", "POST /billing/run", "GET /cart", "SELECT invoices")


def post(url: str, signal: str, body: dict[str, Any]) -> None:
    """Send one OTLP/JSON request."""
    request = urllib.request.Request(
        f"{url}/v1/{signal}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        assert response.status == 200


def resource(service: str) -> dict[str, Any]:
    return {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}


def send_line(
    url: str, now_ns: int, text: str, service: str = "shell", level: str = "INFO"
) -> None:
    record = {
        "timeUnixNano": str(now_ns),
        "severityText": level,
        "body": {"stringValue": text},
    }
    scopes = [{"scope": {"name": "test"}, "logRecords": [record]}]
    group = {"resource": resource(service), "scopeLogs": scopes}
    post(url, "logs", {"resourceLogs": [group]})


def send_trace(
    url: str, now_ns: int, name: str, *, service: str = "shell", ms: float = 12, error: bool = False
) -> None:
    span = {
        "traceId": random.randbytes(16).hex(),
        "spanId": random.randbytes(8).hex(),
        "name": name,
        "kind": 2,
        "startTimeUnixNano": str(now_ns - int(ms * 1e6)),
        "endTimeUnixNano": str(now_ns),
        "status": {"code": 2 if error else 1},
    }
    group = {"resource": resource(service), "scopeSpans": [{"scope": {}, "spans": [span]}]}
    post(url, "traces", {"resourceSpans": [group]})


def send_values(
    url: str, name: str, points: list[tuple[int, float]], service: str = "shell"
) -> None:
    """Values of a gauge: (time in nanoseconds, value)."""
    metric = {
        "name": name,
        "gauge": {"dataPoints": [{"timeUnixNano": str(at), "asDouble": v} for at, v in points]},
    }
    group = {"resource": resource(service), "scopeMetrics": [{"scope": {}, "metrics": [metric]}]}
    post(url, "metrics", {"resourceMetrics": [group]})


def send_shop(url: str, now_ns: int) -> None:
    """A quarter of an hour of a shop's life."""
    chance = random.Random(7)
    for i, service in enumerate(SERVICES):
        total, requests, memory = 0.0, [], []
        for back in range(900, -1, -10):
            at = now_ns - back * 1_000_000_000
            total += max(0.0, chance.gauss(40 - 9 * i, 6) + 15 * math.sin(back / 90 + i))
            requests.append((at, total))
            memory.append((at, 40e6 + 9e6 * i + 6e6 * math.sin(back / 50 + i)))
        send_values(url, "http_requests_total", requests, service)
        send_values(url, "nodejs_heap_used_bytes", memory, service)
    for i in range(26):
        level, text = _LINES[i * 7 % 5]
        line = text % (i * 31 % 97, i * 17 % 89)
        send_line(url, now_ns - i * 370_000_000, line, SERVICES[i % 3], level)
    for i in range(14):
        send_trace(
            url,
            now_ns - i * 1_700_000_000,
            _NAMES[i * 3 % 5],
            service=SERVICES[i % 3],
            ms=chance.lognormvariate(3.5, 1.1),
            error=i % 5 == 2,
        )
