"""Search, traces by id, archive, transformation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.jaeger_app import NOW, SPANS, ListArchive, S, at, get, jaeger
from tests.spans import PlainSpan


async def found(**params: Any) -> list[int]:
    """Numbers of the traces of a search."""
    return [int(item["traceID"], 16) for item in (await get("/traces", **params))["data"]]


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


async def test_times_beside_an_id_narrow_nothing() -> None:
    assert (await get("/traces/1", start=5, end=6))["data"]


async def test_search_is_newest_first_within_the_lookback() -> None:
    assert await found(service="web") == [3, 2, 1, 4]
    assert await found(service="web", limit=2) == [3, 2]
    assert await found(service="web", lookback="1h") == [3, 2, 1]
    assert await found(service="web", lookback="4d") == [3, 2, 1, 4, 6]
    window = {"start": at(45) // 1000, "end": at(20) // 1000}
    assert await found(service="web", **window) == [2]
    assert await found(service="web", start=at(30) // 1000, end=at(30) // 1000) == [2]
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
        ({"tags": "null"}, [3, 2, 1, 4]),
        ({"tags": '{"code":"500","ok":"true"}'}, [4]),
        ({"tag": ["code:500", "ok:true"]}, [4]),
        ({"tag": "exception.type:Oops"}, [3]),
        ({"minDuration": "1s"}, [2, 1]),
        ({"maxDuration": "1ms"}, [3, 4]),
        ({"minDuration": "900ms", "maxDuration": "1.5s"}, [2]),
        ({"minDuration": "0", "maxDuration": "0s"}, [3, 2, 1, 4]),
        ({"operation": "GET /", "tag": "user:ann", "minDuration": "2s"}, []),
    ],
)
async def test_conditions_hold_for_one_span(params: dict[str, str], traces: list[int]) -> None:
    assert await found(service="web", **params) == traces


async def test_errors_are_a_tag() -> None:
    assert await found(service="db", tags='{"error":"true"}') == [1]
    assert await found(service="web", tags='{"error":"true"}') == []


async def test_several_ids_at_once() -> None:
    answer = await get("/traces", traceID=["3", "99", "2", "3"])
    assert [int(item["traceID"], 16) for item in answer["data"]] == [3, 2]
    assert answer["errors"] == [{"msg": "trace not found", "traceID": f"{0x99:016x}"}]


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("/traces/99", {}, 404, "trace not found"),
        ("/traces/xyz!", {}, 400, 'strconv.ParseUint: parsing "xyz!": invalid syntax'),
        ("/traces/" + "1" * 33, {}, 400, "TraceID cannot be longer than 32 hex characters"),
        ("/traces/1", {"raw": "maybe"}, 400, "unable to parse param 'raw': strconv.ParseBool"),
        ("/traces/1", {"start": "x"}, 400, "unable to parse param 'start': strconv.ParseInt"),
        ("/traces", {}, 400, "parameter 'service' is required"),
        ("/traces", {"traceID": "xyz"}, 400, "cannot parse traceID param: strconv.ParseUint"),
        ("/traces", {"service": "web", "start": "x"}, 400, 'parsing "x": invalid syntax'),
        ("/traces", {"service": "web", "start": 9, "end": 5}, 400, "start time must be before end"),
        ("/traces", {"service": "web", "end": "1" * 30}, 400, "value out of range"),
        ("/traces", {"service": "web", "limit": "0"}, 400, "limit must be greater than 0"),
        ("/traces", {"service": "web", "limit": "x"}, 400, 'strconv.ParseInt: parsing "x"'),
        ("/traces", {"service": "web", "minDuration": "5"}, 400, "time: missing unit in duration"),
        (
            "/traces",
            {"service": "web", "minDuration": "5s", "maxDuration": "1s"},
            400,
            "'maxDuration' should be greater than 'minDuration'",
        ),
        ("/traces", {"service": "web", "tags": "{"}, 400, "malformed 'tags' parameter"),
        ("/traces", {"service": "web", "tags": "[]"}, 400, "malformed 'tags' parameter"),
        ("/traces", {"service": "web", "tags": '{"a":1}'}, 400, "malformed 'tags' parameter"),
        ("/traces", {"service": "web", "tag": "x"}, 400, "malformed 'tag' parameter"),
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


async def test_answers_can_be_pretty() -> None:
    async with jaeger() as client:
        pretty = await client.get("/api/traces/1?prettyPrint=true")
        plain = await client.get("/api/traces/1?prettyPrint=false")
    assert b"\n" in pretty.body
    assert b"\n" not in plain.body
    assert pretty.json == plain.json


SKEWED = (
    PlainSpan(7, 1, "a", "web", start_ns=at(10), duration_ns=S, resource={"host.name": "x"}),
    PlainSpan(7, 2, "b", "db", 1, start_ns=at(12), duration_ns=S // 2, resource={"host.name": "y"}),
)


@pytest.mark.parametrize(
    ("query", "max_skew_ns", "moved", "warning"),
    [
        ("", 0, False, "clock skew adjustment disabled; not applying calculated delta of 2.25s"),
        ("", S, False, "max clock skew adjustment delta of 1s exceeded;"),
        ("", 3 * S, True, "This span's timestamps were adjusted by 2.25s"),
        ("?raw=true", 3 * S, False, None),
    ],
)
async def test_clocks_that_differ(
    query: str, max_skew_ns: int, *, moved: bool, warning: str | None
) -> None:
    async with jaeger(SKEWED, max_skew_ns=max_skew_ns) as client:
        [item] = (await client.get(f"/api/traces/7{query}")).json["data"]
    child = next(span for span in item["spans"] if span["operationName"] == "b")
    assert child["startTime"] == (at(12) + (9 * S // 4 if moved else 0)) // 1000
    if warning is None:
        assert child["warnings"] is None
    else:
        assert child["warnings"][0].startswith(warning)
    assert all("@jaeger" not in tag["key"] for tag in child["tags"])


async def test_an_archived_trace_is_found_when_it_is_gone_elsewhere() -> None:
    archive = ListArchive()
    async with jaeger(archive=archive) as client:
        answer = await client.post("/api/archive/1")
        assert (answer.status, answer.json["data"], answer.json["errors"]) == (200, [], [])
        assert (await client.post("/api/archive/99")).status == 404
        assert (await client.post("/api/archive/x!")).status == 400
        assert (await client.get("/api/archive/1")).status == 405
        foreign = await client.post("/api/archive/1", headers={"Origin": "https://evil.example"})
        assert foreign.status == 403
        whole = (await client.get("/api/traces/1")).json
    async with jaeger((), archive=archive) as client:
        assert (await client.get("/api/traces/1")).json == whole
        assert (await client.get("/api/traces/2")).status == 404


async def test_otlp_in_the_form_of_the_page() -> None:
    span = {
        "traceId": "0" * 31 + "9",
        "spanId": "0" * 15 + "1",
        "name": "work",
        "startTimeUnixNano": str(NOW),
        "endTimeUnixNano": str(NOW + 5000),
    }
    document = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [span]}]}]}
    async with jaeger() as client:
        answer = await client.post("/api/transform", data=json.dumps(document))
        [item] = answer.json["data"]
        assert (item["traceID"], item["spans"][0]["duration"]) == (f"{9:016x}", 5)
        assert (await client.post("/api/transform", data="{}")).json["data"] == []
        assert (await client.post("/api/transform", data="[")).status == 400
        assert (await client.get("/api/traces/9")).status == 404


async def test_other_tenants_see_nothing() -> None:
    assert SPANS
    async with jaeger() as client:
        answer = await client.get("/api/traces/1", headers={"X-Scope-OrgID": "other"})
    assert answer.status == 404
