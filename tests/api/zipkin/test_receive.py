"""Zipkin's collector: every format, every error."""

from __future__ import annotations

import gzip
from typing import Any
from unittest.mock import Mock

import orjson
import pytest

from appliance.api.zipkin.deps import ZipkinDeps
from appliance.api.zipkin.routes import make_app
from appliance.base.errors import Unavailable
from appliance.wire.messages.zipkin_pb2 import ListOfSpans
from tests.api.receiving import Appender, counted, door
from tests.api.serving import http_deps, serving
from tests.thrift_writing import binary, fields, i64, listed, text

SPAN = {"traceId": "1", "id": "2", "name": "op", "timestamp": 5}
JSON = orjson.dumps([SPAN])
THRIFT = binary(listed(fields({1: i64(1), 3: text("op"), 4: i64(2)})))


def protobuf() -> bytes:
    message = ListOfSpans()
    message.spans.add(trace_id=b"\1" * 16, id=b"\2" * 8, name="op", timestamp=5)
    encoded: bytes = message.SerializeToString()
    return encoded


@pytest.mark.parametrize(
    ("path", "kind", "body", "protocol"),
    [
        ("/api/v2/spans", "application/json", JSON, "zipkin_v2_json"),
        ("/api/v2/spans", "application/json; charset=utf-8", JSON, "zipkin_v2_json"),
        ("/api/v2/spans", "text/plain", JSON, "zipkin_v2_json"),
        ("/zipkin/api/v2/spans", "application/json", JSON, "zipkin_v2_json"),
        ("/api/v2/spans", "application/x-protobuf", protobuf(), "zipkin_v2_protobuf"),
        ("/api/v1/spans", "application/json", JSON, "zipkin_v1_json"),
        ("/zipkin/api/v1/spans", "application/x-thrift", THRIFT, "zipkin_v1_thrift"),
    ],
)
async def test_spans_are_stored(path: str, kind: str, body: bytes, protocol: str) -> None:
    appender, common = Appender(), http_deps()
    app = make_app(common, ZipkinDeps(door(appender, common.telemetry), Mock()))
    async with serving(app) as client:
        answer = await client.post(path, data=body, headers={"Content-Type": kind})
    assert (answer.status, answer.body) == (202, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert appender.names() == ["op"]
    name = "appliance_ingest_translated_spans_total"
    assert counted(common.telemetry, name, protocol=protocol) == 1


async def post(body: bytes, *, appender: Appender | None = None, **options: Any) -> Any:
    deps = options.pop("deps", {})
    app = make_app(http_deps(**deps), ZipkinDeps(door(appender or Appender()), Mock()))
    async with serving(app) as client:
        return await client.post("/api/v2/spans", data=body, **options)


async def test_bodies_may_be_compressed_and_have_a_tenant() -> None:
    appender = Appender()
    headers = {"Content-Encoding": "gzip", "X-Scope-OrgID": "acme"}
    answer = await post(gzip.compress(JSON), appender=appender, headers=headers)
    assert answer.status == 202
    assert [tenant for tenant, _ in appender.batches] == ["acme"]


async def test_large_bodies_are_read_in_a_worker() -> None:
    appender = Appender()
    answer = await post(orjson.dumps([SPAN] * 500), appender=appender, deps={"limits": _limits()})
    assert (answer.status, len(appender.names())) == (202, 500)


def _limits() -> Any:
    from appliance.api.http import HttpLimits

    return HttpLimits(1 << 20, 1 << 20)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "body is not JSON"),
        (b"{}", "expected an array of spans"),
        (b'[{"traceId": "x"}]', "spans[0].traceId: expected hexadecimal digits"),
        (orjson.dumps([SPAN | {"traceId": "0"}]), "invalid trace_id"),
    ],
)
async def test_bad_bodies_are_told_in_plain_text(body: bytes, text: str) -> None:
    answer = await post(body)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert text in answer.text


async def test_what_cannot_be_kept_is_left_out_of_what_can() -> None:
    appender = Appender()
    answer = await post(orjson.dumps([SPAN, SPAN | {"id": "0"}]), appender=appender)
    assert (answer.status, appender.names()) == (202, ["op"])


async def test_an_empty_list_is_accepted() -> None:
    assert (await post(b"[]")).status == 202


async def test_the_token_is_asked_for() -> None:
    deps = {"token": "s3cret"}
    assert (await post(JSON, deps=deps)).status == 401
    headers = {"Authorization": "Bearer s3cret"}
    assert (await post(JSON, deps=deps, headers=headers)).status == 202


async def test_limits_and_a_store_that_is_busy_have_their_statuses() -> None:
    assert (await post(b" " * 5000)).status == 413
    assert (await post(JSON, headers={"Content-Encoding": "br"})).status == 415
    appender = Appender()
    appender.error = Unavailable("busy", retry_after_seconds=3)
    answer = await post(JSON, appender=appender)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")


async def test_browsers_may_send_from_other_origins() -> None:
    app = make_app(http_deps(), ZipkinDeps(door(Appender()), Mock()))
    async with serving(app) as client:
        answer = await client.request("OPTIONS", "/api/v2/spans")
        refused = await client.post("/api/v2/spans", data=b"[")
        assert (answer.status, refused.status) == (204, 400)
        for each in (answer, refused):
            assert each.headers["Access-Control-Allow-Headers"].startswith("*, Authorization, ")
        assert (await client.get("/api/v3/spans")).text == "404 page not found\n"
