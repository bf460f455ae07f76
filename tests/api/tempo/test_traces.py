"""Tempo's HTTP API: traces by id."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from appliance.api.tempo import traces
from appliance.wire.messages.tempo_pb2 import TraceByIDResponse
from tests.api.tempo_app import tempo

PROTOBUF = {"Accept": "application/protobuf"}


def names(groups: list[dict[str, Any]]) -> list[str]:
    return [
        span["name"] for group in groups for scope in group["scopeSpans"] for span in scope["spans"]
    ]


@pytest.mark.parametrize("trace_id", ["ab", "AB", "0" * 30 + "ab"])
async def test_trace_by_id(trace_id: str) -> None:
    async with tempo() as client:
        answer = await client.get(f"/api/traces/{trace_id}")
        second = await client.get(f"/api/v2/traces/{trace_id}", headers={"Accept": "*/*"})
    assert names(answer.json["batches"]) == ["GET /", "query"]
    assert names(second.json["trace"]["resourceSpans"]) == ["GET /", "query"]
    assert "status" not in second.json
    span = answer.json["batches"][1]["scopeSpans"][0]["spans"][0]
    assert base64.b64decode(span["traceId"]) == bytes(15) + b"\xab"
    assert span["status"] == {"message": "no such table", "code": "STATUS_CODE_ERROR"}
    assert span["startTimeUnixNano"] == "1700000000000000500"


async def test_protobuf_for_those_who_ask() -> None:
    async with tempo() as client:
        answer = await client.get("/api/traces/ab", headers=dict(PROTOBUF))
        second = await client.get("/api/v2/traces/ab", headers=dict(PROTOBUF))
        nothing = await client.get("/api/v2/traces/99", headers=dict(PROTOBUF))
    assert answer.headers["Content-Type"] == "application/protobuf"
    assert len(TracesData.FromString(answer.body).resource_spans) == 2
    assert len(TraceByIDResponse.FromString(second.body).trace.resourceSpans) == 2
    assert TraceByIDResponse.FromString(nothing.body).HasField("trace")


async def test_few_words_for_language_models() -> None:
    async with tempo() as client:
        headers = {"Accept": "application/vnd.grafana.llm"}
        answer = await client.get("/api/v2/traces/ab", headers=headers)
    assert answer.headers["Content-Type"] == "application/vnd.grafana.llm"
    assert b'"serviceName":"db"' in answer.body
    assert b'"parentSpanId":"0000000000000001"' in answer.body


async def test_unknown_traces() -> None:
    async with tempo() as client:
        assert (await client.get("/api/traces/99")).status == 404
        second = await client.get("/api/v2/traces/99")
        other = await client.get("/api/traces/ab", headers={"X-Scope-OrgID": "acme"})
    assert (second.status, second.json) == (200, {"trace": {}, "metrics": {}})
    assert other.status == 404


async def test_a_large_trace_is_partial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MOST_TRACE_BYTES", 10)
    async with tempo() as client:
        first = await client.get("/api/traces/ab")
        second = await client.get("/api/v2/traces/ab")
        message = await client.get("/api/v2/traces/ab", headers=dict(PROTOBUF))
    assert (first.status, first.text) == (422, "trace exceeds max size (max bytes: 10)\n")
    assert second.json["status"] == "PARTIAL"
    assert "maximum size of 10 bytes" in second.json["message"]
    assert names(second.json["trace"]["resourceSpans"]) == ["GET /"]
    assert TraceByIDResponse.FromString(message.body).status == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ status = error }", ["GET /", "query"]),
        ("{ status = error }&keep_hierarchy=false", ["query"]),
        ("{ status = error }&ancestor_depth=0", ["query"]),
        ("{ nestedSetParent < 0 }", ["GET /"]),
        ("{ nestedSetParent < 0 }&match_depth=-1", ["GET /", "query"]),
        ("{ }", ["GET /", "query"]),
        ("{ name = `nothing` }", []),
    ],
)
async def test_only_some_spans(query: str, expected: list[str]) -> None:
    async with tempo() as client:
        answer = await client.get(f"/api/v2/traces/ab?q={query}")
    assert names(answer.json["trace"].get("resourceSpans", [])) == expected


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/traces/xyz", "can only contain hex characters: invalid character 'x' at position 1"),
        ("/api/traces/%20ab", "can only contain hex characters"),
        ("/api/v2/traces/" + "a" * 33, "can't be larger than 128 bits"),
        ("/api/traces/ab?start=9&end=5", "http parameter start must be before end"),
        ("/api/traces/ab?start=x", 'invalid start: strconv.ParseInt: parsing "x": invalid syntax'),
        ("/api/traces/ab?end=99999999999999999999", "value out of range"),
        ("/api/v2/traces/ab?mode=sideways", "invalid value for mode sideways"),
        ("/api/v2/traces/ab?q={", "invalid q filter: failed to parse"),
        ("/api/v2/traces/ab?q={}>>{}", "only a single TraceQL spanset filter is supported"),
        ("/api/v2/traces/ab?q={}&keep_hierarchy=maybe", "invalid value for keep_hierarchy"),
        ("/api/v2/traces/ab?q={}&match_depth=-2", "invalid value for match_depth"),
    ],
)
async def test_errors_are_plain_text(path: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(path)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert message in answer.text
