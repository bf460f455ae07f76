"""What the Monitor page asks."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.traces.over_time import Points
from tests.api.jaeger_app import get, jaeger


async def ask(kind: str, **params: Any) -> dict[str, Any]:
    params = {"service": "web", "lookback": 60_000, "step": 30_000, "ratePer": 60_000} | params
    async with jaeger() as client:
        answer = await client.get(f"/api/metrics/{kind}", params=params)
    assert answer.status == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def points(metric: dict[str, Any]) -> list[tuple[str, float]]:
    return [
        (one["timestamp"][11:], one["gaugeValue"]["doubleValue"]) for one in metric["metricPoints"]
    ]


async def test_latencies_in_milliseconds() -> None:
    found = await ask("latencies", quantile="0.5")
    assert (found["name"], found["type"]) == ("service_latencies", "GAUGE")
    assert found["help"] == "0.50th quantile latency, grouped by service"
    [metric] = found["metrics"]
    assert metric["labels"] == [{"name": "service_name", "value": "web"}]
    assert points(metric) == [("22:12:20Z", 2000), ("22:12:50Z", 1500), ("22:13:20Z", 500.0005)]


async def test_calls_per_second_and_errors_per_call() -> None:
    [metric] = (await ask("calls"))["metrics"]
    assert [value for _, value in points(metric)] == pytest.approx([1 / 60, 2 / 60, 2 / 60])
    [metric] = (await ask("errors", service="db", spanKind="client"))["metrics"]
    assert points(metric) == [("22:12:50Z", 1.0), ("22:13:20Z", 1.0)]


async def test_lines_by_operation() -> None:
    found = await ask("calls", groupByOperation="true")
    assert (found["name"], found["help"]) == (
        "service_operation_call_rate",
        "calls/sec, grouped by service & operation",
    )
    assert [metric["labels"][0] for metric in found["metrics"]] == [
        {"name": "operation", "value": "GET /"},
        {"name": "operation", "value": "POST /"},
    ]


async def test_nothing_to_draw() -> None:
    assert (await ask("calls", service="none"))["metrics"] == []
    assert (await ask("calls", spanKind="producer"))["metrics"] == []


async def test_the_least_step() -> None:
    assert (await get("/metrics/minstep"))["data"] == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("calls", "unable to parse param 'service': please provide at least one service name"),
        ("calls?service=a&spanKind=x", "unsupported span kind: 'x'"),
        ("calls?service=a&groupByOperation=x", "unable to parse param 'groupByOperation'"),
        ("calls?service=a&step=0", "'step'"),
        ("calls?service=a&step=1&lookback=100000", "exceeded maximum resolution"),
        ("latencies?service=a", "unable to parse param 'quantile'"),
        ("latencies?service=a&quantile=2", "unable to parse param 'quantile'"),
    ],
)
async def test_refusals(path: str, message: str) -> None:
    [error] = (await get(f"/metrics/{path}", status=400))["errors"]
    assert message in error["msg"]


MOST = str(2**63 - 1)


@pytest.mark.parametrize(
    "params",
    [
        {"ratePer": MOST},
        {"step": MOST},
        {"endTs": MOST},
        {"endTs": str(-(2**63))},
        {"lookback": MOST, "step": MOST},
    ],
)
async def test_times_far_away_are_no_error(params: dict[str, str]) -> None:
    for kind in ("calls", "errors"):
        await ask(kind, **params)


def test_points_are_a_step_apart() -> None:
    points_ = Points(["a"], [2], False, 5, 2**63 - 1, 2**62, 1)  # noqa: FBT003 - its fields' order
    assert points_.times().tolist() == [5, 5 + 2**62]
