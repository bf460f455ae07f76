"""OTLP over HTTP: both encodings, errors as google.rpc.Status, browsers, doubled paths."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from appliance.api.otlp_http import OtlpHttpDeps, make_app
from appliance.base.errors import ApplianceError, BadInput, LimitExceeded, StorageFull, TooLarge
from appliance.ingest.otlp import Signal
from appliance.model.accepted import Accepted, Reject
from tests.api.serving import http_deps, serving

PROTOBUF, JSON = "application/x-protobuf", "application/json"


class Door:
    """Remembers what comes in, or fails."""

    def __init__(self, error: Exception | None = None, refused: int = 0) -> None:
        self.error = error
        self.refused = refused
        self.given: list[tuple[Signal, str, bytes, bool]] = []

    async def accept(
        self, signal: Signal, tenant: str, body: bytes, *, is_json: bool = False, source: str
    ) -> Accepted:
        assert source.startswith("127.0.0.1 (Python/")
        self.given.append((signal, tenant, body, is_json))
        if self.error is not None:
            raise self.error
        return Accepted(1, self.refused, (Reject(0, "no id"),) if self.refused else ())


def app(door: Door, **changes: object) -> web.Application:
    return make_app(http_deps(**changes), OtlpHttpDeps(door))  # type: ignore[arg-type]  # stands in


async def test_the_answer_has_the_encoding_of_the_request() -> None:
    door = Door(refused=2)
    async with serving(app(door)) as client:
        headers = {"Content-Type": JSON, "X-Scope-OrgID": "acme"}
        as_json = await client.post("/v1/traces", data=b"{}", headers=headers)
        as_protobuf = await client.post("/v1/traces", data=b"", headers={"Content-Type": PROTOBUF})
    assert as_json.json["partialSuccess"]["rejectedSpans"] == "2"
    told = ExportTraceServiceResponse.FromString(as_protobuf.body).partial_success
    assert told.rejected_spans == 2
    assert door.given == [
        (Signal.TRACES, "acme", b"{}", True),
        (Signal.TRACES, "anonymous", b"", False),
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadInput("no"), 400, 3),
        (TooLarge("no", limit="x"), 413, 8),
        (LimitExceeded("no", limit="x", retryable=True), 429, 8),
        (StorageFull("no"), 503, 14),
    ],
)
async def test_errors_are_a_status_in_the_encoding_of_the_request(
    error: ApplianceError, status: int, code: int
) -> None:
    async with serving(app(Door(error))) as client:
        as_json = await client.post("/v1/logs", data=b"{}", headers={"Content-Type": JSON})
        packed = await client.post("/v1/logs", data=b"", headers={"Content-Type": PROTOBUF})
    assert (as_json.status, as_json.json) == (status, {"code": code, "message": "no"})
    found = Status.FromString(packed.body)
    assert (packed.status, found.code, found.message) == (status, code, "no")


async def test_other_types_and_methods_are_refused() -> None:
    async with serving(app(Door())) as client:
        text = await client.post("/v1/logs", data=b"x", headers={"Content-Type": "text/plain"})
        read = await client.get("/v1/logs")
    assert text.status == 415
    assert "supported: [application/json, application/x-protobuf]" in str(text.body)
    assert (read.status, read.headers["Allow"]) == (405, "OPTIONS,POST")


async def test_browsers_of_any_page_may_send() -> None:
    async with serving(app(Door())) as client:
        asked = await client.request("OPTIONS", "/v1/traces", headers={"Origin": "http://app.test"})
        headers = {"Content-Type": JSON, "Origin": "http://app.test"}
        sent = await client.post("/v1/traces", data=b"{}", headers=headers)
    assert (asked.status, asked.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert (sent.status, sent.headers["Access-Control-Allow-Origin"]) == (200, "*")


async def test_browsers_may_send_a_token_and_see_why_they_are_refused() -> None:
    async with serving(app(Door(BadInput("no")), token="s3cret", is_open=False)) as client:
        origin = {"Origin": "http://app.test"}
        asked = await client.request("OPTIONS", "/v1/traces", headers=origin)
        refused = await client.post("/v1/traces", data=b"{}", headers={"Content-Type": JSON})
        token = {"Content-Type": JSON, "Authorization": "Bearer s3cret"}
        wrong = await client.post("/v1/traces", data=b"[", headers=token)
        read = await client.get("/v1/traces", headers=token)
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert (asked.status, refused.status, wrong.status, read.status) == (204, 401, 400, 405)
    for answer in (asked, refused, wrong):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in read.headers


async def test_a_doubled_path_is_taken_counted_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    door = Door()
    async with serving(app(door)) as client:
        path, headers = "/v1/metrics/v1/metrics", {"Content-Type": JSON, "Host": "localhost:4318"}
        answer = await client.post(path, data=b"{}", headers=headers)
        await client.post(path, data=b"{}", headers=headers)
        metrics = (await client.get("/metrics")).text
    assert (answer.status, json.loads(answer.body)) == (200, {})
    assert door.given[0][0] is Signal.METRICS
    assert f'appliance_otlp_misrouted_total{{path="{path}"}} 2.0' in metrics
    (told,) = [one for one in caplog.messages if path in one]
    assert told.endswith("right is OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318")
