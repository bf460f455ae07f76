"""Tempo's HTTP API: summaries of spans."""

from __future__ import annotations

import pytest

from tests.api.tempo_app import T0, S, tempo
from tests.spans import PlainSpan

SPANS = [
    PlainSpan(n, n, service="ab"[n % 2], duration_ns=n, status=2 * (n == 4), start_ns=T0 * S)
    for n in range(1, 101)
]


async def test_a_row_for_each_group() -> None:
    async with tempo(SPANS) as client:
        query = "groupBy=resource.service.name,status&q={ duration > 1ns }&limit=2"
        answer = await client.get(f"/api/metrics/summary?{query}")
        every = await client.get("/api/metrics/summary?groupBy=resource.service.name,status")
    assert answer.json["summaries"] == [
        {
            "spanCount": "49",
            "series": [
                {"key": "resource.service.name", "value": {"type": 5, "s": service}},
                {"key": "status", "value": {"type": 8, "status": 2}},
            ],
            "p99": str(slowest),
            "p95": str(p95),
            "p90": str(p90),
            "p50": str(p50),
        }
        for service, slowest, p95, p90, p50 in (("a", 100, 96, 92, 52), ("b", 99, 95, 91, 51))
    ]
    assert [row.get("errorSpanCount") for row in every.json["summaries"]] == [None, None, "1"]


async def test_only_a_time() -> None:
    async with tempo(SPANS) as client:
        path = f"/api/metrics/summary?groupBy=name&start={T0 + 1}&end={T0 + 2}"
        assert (await client.get(path)).json == {"summaries": []}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "groupBy is required"),
        ("groupBy=nope", "please provide a valid tagName"),
        ("groupBy=.a,.b,.c,.d,.e,.f", "cannot group by more than 5 fields"),
        ("groupBy=.a&q={", "invalid TraceQL query"),
        ("groupBy=.a&start=5", "start must be before end"),
    ],
)
async def test_errors(query: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(f"/api/metrics/summary?{query}")
    assert answer.status == 400
    assert message in answer.text
