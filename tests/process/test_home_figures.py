"""What the home page says of services and the disk, on a real server."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.testing import Appliance
from tests.browser import shop


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Appliance(only=["ui"]) as server:
        yield server.urls["ui"]


def overview(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/api/ui/overview", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_services_are_told_with_their_errors_the_busiest_first(url: str) -> None:
    now_ns = time.time_ns()
    for n in range(3):
        shop.send_trace(url, now_ns, f"GET /{n}", service="storefront", ms=20)
    shop.send_trace(url, now_ns, "GET /", service="billing", error=True)
    until = time.monotonic() + 10
    while (found := overview(url))["services"]["total"] is None:
        assert time.monotonic() < until
    first, second = found["services"]["rows"]
    assert (first["service"], first["error_ratio"]) == ("storefront", 0)
    assert first["rate"] == pytest.approx(3 / 900)
    assert first["p95_ns"] == pytest.approx(20e6, rel=0.01)
    assert (sum(first["calls_over_time"]), first["errors_over_time"]) == (3, [])
    assert (second["service"], second["error_ratio"]) == ("billing", 1)
    assert sum(second["errors_over_time"]) == 1
    assert found["services"]["total"] == 2


def test_the_disk_has_a_budget(url: str) -> None:
    until = time.monotonic() + 10
    while (disk := overview(url)["disk"]) is None:
        assert time.monotonic() < until
    assert 0 < disk["used_bytes"] < disk["budget_bytes"]
