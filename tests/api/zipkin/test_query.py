"""Zipkin's queries about spans that came through its own door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.api.zipkin.deps import ZipkinDeps
from appliance.api.zipkin.routes import make_app
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.ingest.spans import TranslatedSpans
from appliance.ingest.traces import SpanDoor
from appliance.store.database import DatabaseOptions
from appliance.store.traces.store import SpanOptions, SpanStore
from tests.api.serving import Client, http_deps, serving

NOW_MS = ManualClock().now_ms()
NOW = NOW_MS * 1000
WEB = {"serviceName": "web", "ipv4": "10.0.0.1", "port": 80}
DB = {"serviceName": "db"}
CLIENT: dict[str, Any] = {
    "traceId": "00000000000000000000000000000001",
    "id": "0000000000000001",
    "name": "query",
    "kind": "CLIENT",
    "timestamp": NOW - 10_000_000,
    "duration": 5000,
    "localEndpoint": WEB,
    "remoteEndpoint": {"serviceName": "db", "ipv6": "::1", "port": 5432},
    "tags": {"sql": "select 1"},
    "annotations": [{"timestamp": NOW - 9_999_000, "value": "sent"}],
}
SERVER: dict[str, Any] = {
    **{key: CLIENT[key] for key in ("traceId", "id", "name")},
    "kind": "SERVER",
    "timestamp": NOW - 9_999_000,
    "duration": 1000,
    "localEndpoint": DB,
    "tags": {"error": "true"},
    "shared": True,
}
OTHER: dict[str, Any] = {
    "traceId": "00000000000000000000000000000002",
    "id": "0000000000000002",
    "name": "other",
    "timestamp": NOW - 1_000_000,
    "duration": 100_000,
    "localEndpoint": WEB,
    "tags": {},
}


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """An application over a real store that holds three spans."""
    telemetry, clock = Telemetry(), ManualClock()
    store = SpanStore(
        tmp_path / "traces.db",
        SpanOptions(),
        database=DatabaseOptions(),
        clock=clock,
        telemetry=telemetry,
    )
    door = TranslatedSpans(SpanDoor(store, telemetry), telemetry)
    try:
        async with serving(make_app(http_deps(), ZipkinDeps(door, store.source))) as found:
            body = orjson.dumps([CLIENT, SERVER, OTHER])
            assert (await found.post("/api/v2/spans", data=body)).status == 202
            yield found
    finally:
        store.close()


async def get(client: Client, path: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v2{path}", params=params)
    assert answer.status == 200, answer.text
    return answer.json


async def test_names(client: Client) -> None:
    assert await get(client, "/services") == ["db", "web"]
    assert await get(client, "/spans", serviceName="web") == ["other", "query"]
    assert await get(client, "/spans", serviceName="none") == []
    assert await get(client, "/remoteServices", serviceName="web") == ["db"]
    assert await get(client, "/remoteServices", serviceName="db") == []
    assert await get(client, "/autocompleteKeys") == []
    assert (await client.get("/zipkin/api/v2/services")).json == ["db", "web"]


async def test_a_trace_comes_back_as_it_was_sent(client: Client) -> None:
    found = await get(client, "/trace/1")
    assert sorted(found, key=lambda span: span["kind"]) == [CLIENT, SERVER | {"tags": _TAGS}]


#: The status says the same twice, as the collector's exporter does.
_TAGS = {"otel.status_code": "ERROR", "error": "true"}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [2, 1]),
        ({"limit": "1"}, [2]),
        ({"serviceName": "db"}, [1]),
        ({"serviceName": "web", "spanName": "query"}, [1]),
        ({"remoteServiceName": "db"}, [1]),
        ({"annotationQuery": "sql=select 1"}, [1]),
        ({"annotationQuery": "sql=select 1 and sent"}, [1]),
        ({"annotationQuery": "sql=select 2"}, []),
        ({"annotationQuery": "error"}, [1]),
        ({"minDuration": "100000"}, [2]),
        ({"maxDuration": "99999"}, [1]),
        ({"lookback": "5000"}, [2]),
        ({"endTs": str(NOW_MS - 5000)}, [1]),
        ({"endTs": str(NOW_MS - 1000), "lookback": "0"}, [2]),
    ],
)
async def test_traces_are_found(
    client: Client, params: dict[str, str], expected: list[int]
) -> None:
    found = await get(client, "/traces", **params)
    assert [int(spans[0]["traceId"], 16) for spans in found] == expected


async def test_many_traces(client: Client) -> None:
    found = await get(client, "/traceMany", traceIds="2,9,1,2")
    assert [len(spans) for spans in found] == [1, 2]


async def test_dependencies(client: Client) -> None:
    found = await get(client, "/dependencies", endTs=NOW_MS)
    assert found == [{"parent": "web", "child": "db", "callCount": 1, "errorCount": 1}]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/trace/9", 404, "9 not found"),
        ("/trace/xyz", 400, "traceId: expected hexadecimal digits"),
        ("/traceMany", 400, "traceIds parameter is empty"),
        ("/spans", 400, "serviceName is required"),
        ("/dependencies", 400, "endTs parameter is required"),
        ("/traces?limit=x", 400, "limit: expected a whole number"),
        ("/traces?limit=0", 400, "limit should be positive"),
        ("/traces?endTs=-5", 400, "endTs: expected a whole number"),
    ],
)
async def test_what_cannot_be_answered_is_told(
    client: Client, path: str, status: int, text: str
) -> None:
    answer = await client.get(f"/api/v2{path}")
    assert (answer.status, text in answer.text) == (status, True)


async def test_tenants_do_not_see_each_other(client: Client) -> None:
    answer = await client.get("/api/v2/services", headers={"X-Scope-OrgID": "other"})
    assert answer.json == []
