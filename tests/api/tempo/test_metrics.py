"""Tempo's HTTP API: TraceQL metrics."""

from __future__ import annotations

import pytest

from appliance.wire.messages import tempo_pb2 as pb
from tests.api.tempo_app import T0, tempo

WINDOW = f"start={T0 - 60}&end={T0 + 120}"


async def test_a_range() -> None:
    query = "{ } | count_over_time() by (resource.service.name)"
    async with tempo() as client:
        answer = await client.get(f"/api/metrics/query_range?q={query}&{WINDOW}&step=60")
        same = await client.get(f"/api/metrics/query_range?query={query}&{WINDOW}&step=1m")
        form = {"q": query, "start": str(T0 - 60), "end": str(T0 + 120), "step": "60"}
        posted = await client.post("/api/metrics/query_range", data=form)
        headers = {"Accept": "application/protobuf"}
        path = f"/api/metrics/query_range?q={query}&{WINDOW}&step=60"
        message = await client.get(path, headers=headers)
    totals = {
        series["labels"][0]["value"]["stringValue"]: sum(
            sample.get("value", 0) for sample in series["samples"]
        )
        for series in answer.json["series"]
    }
    assert totals == {"shop": 1, "db": 2, "cron": 1}
    assert same.json["series"] == answer.json["series"] == posted.json["series"]
    assert len(pb.QueryRangeResponse.FromString(message.body).series) == 3


async def test_an_instant() -> None:
    async with tempo() as client:
        path = f"/api/metrics/query?q={{ }} | count_over_time()&{WINDOW}"
        answer = await client.get(path)
        message = await client.get(path, headers={"Accept": "application/protobuf"})
    (series,) = answer.json["series"]
    assert series["value"] == 4
    assert series["promLabels"] == '{__name__="count_over_time"}'
    assert pb.QueryInstantResponse.FromString(message.body).series[0].value == 4


@pytest.mark.parametrize("path", ["/api/metrics/query", "/api/metrics/query_range"])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "invalid TraceQL query"),
        ("q={}", "not a metrics query"),
        ("q={}|rate(", "invalid TraceQL query: parse error"),
        ("q={}|rate()&start=20&end=10", "end must be greater than start"),
        ("q={}|rate()&start=x", "could not parse 'start' parameter"),
    ],
)
async def test_errors(path: str, query: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(f"{path}?{query}")
    assert answer.status == 400
    assert message in answer.text
