"""Version 3 over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.api.jaeger.deps import JaegerDeps
from appliance.api.jaeger.routes import make_app
from appliance.model.sources import Guard
from appliance.model.trace import TraceSpans
from tests.api.jaeger_app import SPANS, ListArchive, at, jaeger
from tests.api.serving import http_deps, serving
from tests.spans import PlainSpans

DAY: dict[str, Any] = {
    "query.startTimeMin": "2023-11-14T00:00:00Z",
    "query.startTimeMax": "2023-11-15T00:00:00.5Z",
}


async def ask(path: str, *, status: int = 200, body: object = None, **params: Any) -> Any:
    async with jaeger() as client:
        if body is None:
            answer = await client.get(f"/api/v3{path}", params=params)
        else:
            answer = await client.post(f"/api/v3{path}", data=json.dumps(body))
    assert answer.status == status, answer.text
    return answer.json


def ids(found: Any) -> list[int]:
    groups = found["result"]["resourceSpans"]
    return [
        int(span["traceId"], 16)
        for group in groups
        for scoped in group["scopeSpans"]
        for span in scoped["spans"]
    ]


async def test_services_and_operations() -> None:
    assert await ask("/services") == {"services": ["db", "münchen ☕", "web"]}
    assert await ask("/operations", service="db") == {
        "operations": [{"name": "SELECT", "spanKind": "client"}]
    }
    for name in ("spanKind", "span_kind"):
        params: dict[str, Any] = {"service": "db", name: "server"}
        assert await ask("/operations", **params) == {"operations": []}


async def test_a_trace_is_otlp_json() -> None:
    found = await ask("/traces/1")
    first, second = found["result"]["resourceSpans"]
    span = second["scopeSpans"][0]["spans"][0]
    assert first["scopeSpans"][0]["spans"][0]["traceId"] == "0" * 31 + "1"
    assert (span["spanId"], span["parentSpanId"]) == ("0" * 15 + "2", "0" * 15 + "1")
    assert (span["startTimeUnixNano"], span["kind"], span["status"]) == (
        str(at(59)),
        3,
        {"code": 2},
    )


async def test_search() -> None:
    assert ids(await ask("/traces", **DAY)) == [5, 3, 2, 1, 1, 4]
    older: dict[str, Any] = {"query.start_time_min": "2023-11-14T00:00:00Z"}
    older["query.start_time_max"] = "2023-11-15T00:00:00Z"
    assert ids(await ask("/traces", **(older | {"query.service_name": "db"}))) == [1, 1]
    some: dict[str, Any] = {"query.attributes": '{"user":"ann"}', "query.operationName": "GET /"}
    assert ids(await ask("/traces", **DAY, **some)) == [2]
    long: dict[str, Any] = {
        "query.durationMin": "1.5s",
        "query.durationMax": "1m",
        "query.searchDepth": "1",
    }
    assert ids(await ask("/traces", **DAY, **long)) == [1, 1]
    assert ids(await ask("/traces", **(DAY | {"query.num_traces": "1"}))) == [5]


async def test_search_with_a_body() -> None:
    query = {
        "serviceName": "web",
        "startTimeMin": "2023-11-14T00:00:00Z",
        "startTimeMax": "2023-11-15T00:00:00Z",
        "searchDepth": 2,
        "attributes": {"user": "ann"},
        "rawTraces": True,
    }
    assert ids(await ask("/traces", body={"query": query})) == [2]


async def test_summaries() -> None:
    found = await ask("/trace-summaries", **(DAY | {"query.serviceName": "db"}))
    assert found == {
        "summaries": [
            {
                "traceId": "0" * 31 + "1",
                "rootServiceName": "web",
                "rootOperationName": "GET /",
                "minStartTimeUnixNano": str(at(60)),
                "maxEndTimeUnixNano": str(at(58)),
                "spanCount": 2,
                "errorSpanCount": 1,
                "orphanSpanCount": 0,
                "services": [
                    {"name": "db", "spanCount": 1, "errorSpanCount": 1},
                    {"name": "web", "spanCount": 1, "errorSpanCount": 0},
                ],
            }
        ]
    }


async def test_dependencies() -> None:
    times: dict[str, Any] = {"startTime": "2023-11-14T00:00:00Z", "endTime": "2023-11-15T00:00:00Z"}
    assert await ask("/dependencies", **times) == {
        "dependencies": [{"parent": "web", "child": "db", "callCount": "1"}]
    }


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("/traces/99", {}, 404, "No traces found"),
        ("/traces/zz", {}, 400, "malformed parameter trace_id: strconv.ParseUint"),
        ("/traces/1", {"startTime": "now"}, 400, "malformed parameter startTime: parsing time"),
        (
            "/traces/1",
            {"raw_traces": "x"},
            400,
            "malformed parameter raw_traces: strconv.ParseBool",
        ),
        ("/traces", {}, 400, "query.startTimeMin and query.startTimeMax are required"),
        ("/traces", DAY | {"query.serviceName": "none"}, 404, "No traces found"),
        ("/traces", DAY | {"query.searchDepth": "0"}, 400, "search depth must be greater than 0"),
        ("/traces", DAY | {"query.durationMin": "5"}, 400, "malformed parameter query.durationMin"),
        ("/traces", DAY | {"query.attributes": "["}, 400, "malformed parameter query.attributes"),
        (
            "/traces",
            DAY | {"query.startTimeMin": "2023-11-16T00:00:00Z"},
            400,
            "query.startTimeMin must be before query.startTimeMax",
        ),
        ("/dependencies", {}, 400, "missing required parameter: startTime"),
    ],
)
async def test_errors(path: str, params: dict[str, Any], status: int, message: str) -> None:
    found = await ask(path, status=status, **params)
    assert found["error"]["httpCode"] == status
    assert found["error"]["message"].startswith(message)


async def test_a_body_without_a_query() -> None:
    found = await ask("/traces", status=400, body={"x": 1})
    assert "query" in found["error"]["message"]


@pytest.mark.parametrize("value", ["[" * 500 + "]" * 500, '{"a":' * 500 + "1" + "}" * 500])
async def test_a_body_that_is_nested_deeply_is_refused(value: str) -> None:
    async with jaeger() as client:
        body = f'{{"query":{{"attributes":{value}}}}}'.encode()
        answer = await client.post("/api/v3/traces", data=body)
    assert answer.status == 400


async def test_traces_that_go_between_search_and_answer_are_left_out() -> None:
    class Fleeting(PlainSpans):
        def trace(
            self, trace_id: bytes, guard: Guard, *, max_bytes: int | None = None
        ) -> TraceSpans:
            found = super().trace(trace_id, guard, max_bytes=max_bytes)
            return TraceSpans() if trace_id[-1] == 1 else found

    deps = JaegerDeps(lambda _: Fleeting(SPANS), ListArchive())
    range_ = "query.startTimeMin=2000-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z"
    async with serving(make_app(http_deps(), deps)) as client:
        answer = await client.get(f"/api/v3/trace-summaries?{range_}&query.serviceName=web")
    assert answer.status == 200, answer.text
    numbers = {int(one["traceId"], 16) for one in answer.json["summaries"]}
    assert numbers == {2, 3, 4, 6}
