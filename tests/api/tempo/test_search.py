"""Tempo's HTTP API: search."""

from __future__ import annotations

import threading

import pytest

from appliance.api.http import HttpLimits
from appliance.traceql import lenient, parser
from appliance.traceql.ast import Query
from appliance.traceql.parser import read_query
from appliance.wire.messages.tempo_pb2 import SearchResponse
from tests.api.tempo_app import T0, tempo


async def ids(query: str) -> list[str]:
    async with tempo() as client:
        answer = await client.get(f"/api/search?{query}")
    assert answer.status == 200, answer.text
    return [trace["traceID"] for trace in answer.json["traces"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["ef", "cd", "ab"]),
        ("q={}", ["ef", "cd", "ab"]),
        ("q={}&limit=1", ["ef"]),
        ("q={ name = `job` }", ["cd"]),
        ("q={ kind = server } >> { status = error }", ["ab"]),
        (f"q={{}}&start={T0 + 30}&end={T0 + 70}", ["cd"]),
        (f"start={T0 + 30}&end={T0 + 70}", ["cd"]),
        ("tags=service.name=cro", ["cd"]),
        ("tags=service.name=shop db.system=sqlite", ["ab"]),
        ("tags=db.system=sql", []),
        ("tags=region=eu", ["cd"]),
        ("tags=root.name=GET", ["ab"]),
        ("tags=root.service.name=cron", ["cd"]),
        ("tags=name=orph", ["ef"]),
        ("tags=status.code=error", ["ab"]),
        ("tags=rows=3", []),
        ("minDuration=1s", ["ab"]),
        ("maxDuration=400ms", ["ef"]),
        ("minDuration=400ms&maxDuration=1s", ["cd"]),
        ("service.name=cron", ["cd"]),
    ],
)
async def test_what_is_found(query: str, expected: list[str]) -> None:
    assert await ids(query.replace("+", "%2B")) == expected


async def test_what_is_shown() -> None:
    async with tempo() as client:
        answer = await client.get("/api/search?q={ status = error }&spss=1")
        tagged = await client.get("/api/search?tags=name=job")
    (trace,) = answer.json["traces"]
    assert (trace["rootServiceName"], trace["rootTraceName"]) == ("shop", "GET /")
    assert trace["durationMs"] == 2000
    assert trace["spanSets"][0]["matched"] == 1
    assert trace["serviceStats"]["db"] == {"spanCount": 1, "errorCount": 1}
    assert answer.json["metrics"]["completedJobs"] == 1
    assert "spanSets" not in tagged.json["traces"][0]


async def test_forms_and_protobuf() -> None:
    async with tempo() as client:
        form = await client.post("/api/search", data={"q": "{ name = `job` }"})
        headers = {"Accept": "application/protobuf"}
        message = await client.get("/api/search?q={ name = `job` }", headers=headers)
    assert [trace["traceID"] for trace in form.json["traces"]] == ["cd"]
    assert message.headers["Content-Type"] == "application/protobuf"
    assert SearchResponse.FromString(message.body).traces[0].traceID == "cd"


async def test_tenants_see_their_own() -> None:
    async with tempo() as client:
        answer = await client.get("/api/search?q={}", headers={"X-Scope-OrgID": "acme"})
        wrong = await client.get("/api/search?q={}", headers={"X-Scope-OrgID": "a|b"})
    assert answer.json["traces"] == []
    assert wrong.status == 400


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q={", "invalid TraceQL query: parse error at line 1, col 2"),
        ("q={ name = 1 }", "invalid TraceQL query: "),
        ("q={} | rate()", "a metrics query gives series"),
        ("limit=x", "invalid limit: strconv.Atoi"),
    ],
)
async def test_errors(query: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(f"/api/search?{query}")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert message in answer.text


@pytest.mark.parametrize(
    "given",
    [
        {"tags": " ".join(f"a{number}=x" for number in range(500))},
        {f"a{number}": "x" for number in range(500)},
    ],
)
async def test_many_tags_are_looked_for(given: dict[str, str]) -> None:
    async with tempo(limits=HttpLimits(1 << 20, 1 << 20)) as client:
        answer = await client.post("/api/search", data=given)
    assert (answer.status, answer.json["traces"]) == (200, []), answer.text


async def test_more_tags_are_refused() -> None:
    given = {"tags": " ".join(f"a{number}=x" for number in range(501))}
    async with tempo(limits=HttpLimits(1 << 20, 1 << 20)) as client:
        answer = await client.post("/api/search", data=given)
    assert (answer.status, answer.text) == (400, "invalid tags: 501 are too many, at most 500\n")


QUERIES = [
    "/api/search?q={ .a = 1 }",
    "/api/metrics/query_range?q={ .a = 1 } | rate()",
    "/api/metrics/query?q={ .a = 1 } | rate()",
    "/api/metrics/summary?q={ .a = 1 }&groupBy=name",
    "/api/v2/search/tags?q={ .a = 1 }",
    "/api/v2/search/tag/.b/values?q={ .a = 1 }",
    "/api/v2/traces/ab?q={ .a = 1 }",
]


@pytest.mark.parametrize("path", QUERIES)
async def test_nobody_waits_while_a_query_is_read(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[str] = []

    def read(text: str) -> Query:
        readers.append(threading.current_thread().name)
        return read_query(text)

    for module in (parser, lenient):
        monkeypatch.setattr(module, "parse_query", read)
    async with tempo() as client:
        answer = await client.get(path.replace("+", "%2B"))
    assert answer.status == 200, answer.text
    assert readers
    assert threading.current_thread().name not in readers
