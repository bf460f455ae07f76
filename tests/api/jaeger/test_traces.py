"""Jaeger's query API: services, operations, search, traces by id."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.api.jaeger import JaegerDeps, make_app
from tests.api.serving import http_deps, serving
from tests.spans import PlainSpan, PlainSpans

S = 10**9
NOW = 1_700_000_000 * S  # what the manual clock shows


def at(seconds: float) -> int:
    return NOW - int(seconds * S)


SPANS = PlainSpans(
    [
        PlainSpan(1, 1, "GET /", "web", start_ns=at(60), duration_ns=2 * S),
        PlainSpan(1, 2, "SELECT", "db", parent=1, start_ns=at(59), kind=3, status=2),
        PlainSpan(2, 3, "GET /", "web", start_ns=at(30), duration_ns=S, attributes={"user": "ann"}),
        PlainSpan(3, 4, "POST /", "web", start_ns=at(10), resource={"zone": "eu"}),
        PlainSpan(4, 5, "GET /", "web", start_ns=at(7200), attributes={"code": 500, "ok": True}),
        PlainSpan(5, 6, "GET /größe", "münchen ☕", start_ns=at(5)),
    ]
)


async def get(path: str, *, status: int = 200, **params: Any) -> dict[str, Any]:
    async with serving(make_app(http_deps(), JaegerDeps(lambda _: SPANS))) as client:
        answer = await client.get("/api" + path, params=params)
    assert answer.status == status, answer.text
    found: dict[str, Any] = answer.json
    assert set(found) == {"data", "total", "limit", "offset", "errors"}
    return found


async def found(**params: Any) -> list[int]:
    """Numbers of the traces of a search."""
    return [int(item["traceID"], 16) for item in (await get("/traces", **params))["data"]]


async def test_services_and_operations() -> None:
    services = await get("/services")
    assert services["data"] == ["db", "münchen ☕", "web"]
    assert services["total"] == 3
    assert services["errors"] is None
    assert (await get("/services/web/operations"))["data"] == ["GET /", "POST /"]
    assert (await get("/services/münchen ☕/operations"))["data"] == ["GET /größe"]
    assert (await get("/operations", service="db"))["data"] == [
        {"name": "SELECT", "spanKind": "client"}
    ]
    assert (await get("/operations", service="db", spanKind="server"))["data"] == []


async def test_trace_by_id() -> None:
    for trace_id in ("1", "0" * 31 + "1"):
        [item] = (await get(f"/traces/{trace_id}"))["data"]
        assert item["traceID"] == "0000000000000001"
        first, second = item["spans"]
        assert first["operationName"] == "GET /"
        assert (first["startTime"], first["duration"]) == (at(60) // 1000, 2_000_000)
        assert second["references"][0]["refType"] == "CHILD_OF"
        services = {process["serviceName"] for process in item["processes"].values()}
        assert services == {"web", "db"}


async def test_search_is_newest_first_within_the_lookback() -> None:
    assert await found(service="web") == [3, 2, 1]
    assert await found(service="web", limit=2) == [3, 2]
    assert await found(service="web", lookback="3h") == [3, 2, 1, 4]
    window = {"start": at(45) // 1000, "end": at(20) // 1000}
    assert await found(service="web", **window) == [2]
    assert await found(service="db") == [1]
    assert await found(service="nothing") == []


@pytest.mark.parametrize(
    ("params", "traces"),
    [
        ({"operation": "POST /"}, [3]),
        ({"tags": '{"user":"ann"}'}, [2]),
        ({"tag": "user:ann"}, [2]),
        ({"tags": '{"zone":"eu"}'}, [3]),
        ({"tags": '{"user":"bob"}'}, []),
        ({"tags": '{"code":"500","ok":"true"}', "lookback": "3h"}, [4]),
        ({"minDuration": "1s"}, [2, 1]),
        ({"maxDuration": "1ms"}, [3]),
        ({"minDuration": "900ms", "maxDuration": "1.5s"}, [2]),
        ({"operation": "GET /", "tag": "user:ann", "minDuration": "2s"}, []),
    ],
)
async def test_conditions_hold_for_one_span(params: dict[str, str], traces: list[int]) -> None:
    assert await found(service="web", **params) == traces


async def test_errors_are_a_tag() -> None:
    assert await found(service="db", tags='{"error":"true"}') == [1]
    assert await found(service="web", tags='{"error":"true"}') == []


async def test_several_ids_at_once() -> None:
    assert await found(traceID=["3", "99", "2"]) == [3, 2]


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("/traces/99", {}, 404, "trace not found"),
        ("/traces/xyz!", {}, 400, "hex"),
        ("/traces", {}, 400, "parameter 'service' is required"),
        ("/traces", {"service": "web", "start": "x"}, 400, "'start'"),
        ("/traces", {"service": "web", "limit": "0"}, 400, "'limit'"),
        ("/traces", {"service": "web", "minDuration": "5"}, 400, "'minDuration'"),
        (
            "/traces",
            {"service": "web", "minDuration": "5s", "maxDuration": "1s"},
            400,
            "maxDuration",
        ),
        ("/traces", {"service": "web", "tags": "{"}, 400, "malformed 'tags' parameter"),
        ("/traces", {"service": "web", "tags": "[]"}, 400, "malformed 'tags' parameter"),
        ("/traces", {"service": "web", "tag": "x"}, 400, "malformed 'tag' parameter"),
        ("/operations", {}, 400, "parameter 'service' is required"),
    ],
)
async def test_errors_are_in_the_envelope(
    path: str, params: dict[str, str], status: int, message: str
) -> None:
    answer = await get(path, status=status, **params)
    assert answer["data"] is None
    [error] = answer["errors"]
    assert error["code"] == status
    assert message in error["msg"]
