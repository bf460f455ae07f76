"""Tempo's HTTP API: traces by id."""

from __future__ import annotations

import base64
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from appliance.api.tempo import TempoDeps, make_app
from tests.api.serving import Client, http_deps, serving
from tests.spans import PlainSpan, PlainSpans

SPANS = PlainSpans(
    [
        PlainSpan(0xAB, 1, "GET /", start_ns=1_700_000_000_000_000_000),
        PlainSpan(0xAB, 2, "query", "db", parent=1, start_ns=1_700_000_000_000_000_500, status=2),
        PlainSpan(0xCD, 3),
    ]
)


def tempo(**changes: Any) -> AbstractAsyncContextManager[Client]:
    def spans(tenant: str) -> PlainSpans:
        return SPANS if tenant == "anonymous" else PlainSpans([])

    return serving(make_app(http_deps(**changes), TempoDeps(spans)))


def names(batches: list[dict[str, Any]]) -> list[str]:
    return [
        span["name"]
        for batch in batches
        for scope in batch["scopeSpans"]
        for span in scope["spans"]
    ]


@pytest.mark.parametrize("trace_id", ["ab", "AB", "0" * 30 + "ab"])
async def test_trace_by_id(trace_id: str) -> None:
    async with tempo() as client:
        answer = await client.get(f"/api/traces/{trace_id}")
        second = await client.get(f"/api/v2/traces/{trace_id}", headers={"Accept": "*/*"})
    assert names(answer.json["batches"]) == ["GET /", "query"]
    assert names(second.json["trace"]["resourceSpans"]) == ["GET /", "query"]
    span = answer.json["batches"][1]["scopeSpans"][0]["spans"][0]
    assert base64.b64decode(span["traceId"]) == bytes(15) + b"\xab"
    assert span["status"] == {"code": "STATUS_CODE_ERROR"}
    assert span["startTimeUnixNano"] == "1700000000000000500"


async def test_protobuf_for_those_who_ask() -> None:
    async with tempo() as client:
        headers = {"Accept": "application/protobuf"}
        answer = await client.get("/api/traces/ab", headers=dict(headers))
        second = await client.get("/api/v2/traces/ab", headers=dict(headers))
        nothing = await client.get("/api/v2/traces/99", headers=dict(headers))
    assert answer.headers["Content-Type"] == "application/protobuf"
    assert len(TracesData.FromString(answer.body).resource_spans) == 2
    assert second.body.endswith(answer.body)
    assert nothing.body == b"\x0a\x00"


async def test_unknown_traces() -> None:
    async with tempo() as client:
        assert (await client.get("/api/traces/99")).status == 404
        second = await client.get("/api/v2/traces/99")
        other = await client.get("/api/traces/ab", headers={"X-Scope-OrgID": "acme"})
    assert (second.status, second.json) == (200, {"trace": {}, "metrics": {}})
    assert other.status == 404


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/traces/xyz", "can only contain hex characters"),
        ("/api/traces/%20ab", "can only contain hex characters"),
        ("/api/v2/traces/" + "a" * 33, "can't be larger than 128 bits"),
        ("/api/traces/ab?start=9&end=5", "http parameter start must be before end"),
        ("/api/traces/ab?start=x", "invalid start"),
    ],
)
async def test_errors_are_plain_text(path: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(path)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert message in answer.text


async def test_small_paths() -> None:
    async with tempo() as client:
        assert (await client.get("/api/echo")).text == "echo"
        assert (await client.get("/ready")).text == "ready\n"
        assert "Running" in (await client.get("/status/services")).text
        assert "version" in (await client.get("/status/version")).text
        info = await client.get("/api/status/buildinfo")
        missing = await client.get("/api/nope")
    assert set(info.json) == {
        "version", "revision", "branch", "buildUser", "buildDate", "goVersion",
    }  # fmt: skip
    assert (missing.status, missing.text) == (404, "404 page not found\n")
