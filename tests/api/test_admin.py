"""Health, readiness, reload and metrics on every listener."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.api.gate import Gate
from appliance.api.http import HttpDeps, base_app, make_app
from appliance.base.errors import BadInput
from tests.api.serving import http_deps, serving


def with_admin(**changes: object) -> HttpDeps:
    deps = http_deps()
    return replace(deps, admin=replace(deps.admin, **changes))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("listener", "text"),
    [
        ("prometheus", "Prometheus Server is Ready.\n"),
        ("alertmanager", "OK"),
        ("zipkin", "Appliance is Ready.\n"),
    ],
)
async def test_ready_in_the_words_of_the_original(listener: str, text: str) -> None:
    async with serving(make_app(http_deps(), name=listener)) as client:
        assert (await client.get("/-/ready")).text == text
        assert (await client.request("HEAD", "/-/ready")).status == 200
        assert (await client.get("/-/healthy")).text == text.replace("Ready", "Healthy")
        assert (await client.get("/ready")).text == "ready\n"
        assert (await client.get("/health")).json == {"status": "ok"}
        assert (await client.get("/health/ready")).json == {"status": "ready", "problems": []}


async def test_not_ready_says_why() -> None:
    deps = with_admin(is_ready=lambda: False, problems=lambda: ["logs: failed, disk"])
    async with serving(make_app(deps, name="loki")) as client:
        for path in ("/-/ready", "/ready", "/health/ready"):
            answer = await client.get(path)
            assert answer.status == 503, path
            assert "logs: failed, disk" in answer.text
        assert (await client.get("/-/healthy")).status == 200
        assert (await client.get("/health")).status == 200


async def test_reload_reports_success_and_failure() -> None:
    calls = []

    async def reload() -> None:
        calls.append(1)
        if len(calls) > 1:
            raise BadInput("prometheus.yml:1:1: unknown key")

    async with serving(make_app(with_admin(reload=reload), name="prometheus")) as client:
        assert (await client.post("/-/reload")).status == 200
        failed = await client.request("PUT", "/-/reload")
        assert failed.status == 500
        assert failed.text == "failed to reload config: prometheus.yml:1:1: unknown key\n"
        assert (await client.get("/-/reload")).status == 405


async def test_metrics_and_health_are_answered_under_overload() -> None:
    deps = http_deps(gate=Gate(0))
    async with serving(base_app("tempo", deps)) as client:
        assert (await client.get("/health")).status == 200
        metrics = await client.get("/metrics")
        refused = await client.get("/api/anything")
    assert metrics.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'appliance_api_requests_total{code="200",listener="tempo"}' in metrics.text
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "1"
    assert "limits.concurrent_requests" in refused.json["error"]
