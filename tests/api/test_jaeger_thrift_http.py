"""Jaeger's collector over HTTP."""

from __future__ import annotations

import pytest

from appliance.api.jaeger_thrift_http import make_app
from appliance.api.receivers import ReceiverDeps
from tests.api.receiving import Appender, door
from tests.api.serving import Answer, http_deps, serving
from tests.thrift_writing import batch, binary, compact, i64, span

BATCH = batch(span())


async def post(
    body: bytes, kind: str | None, *, appender: Appender | None = None, token: str | None = None
) -> Answer:
    app = make_app(http_deps(token=token), ReceiverDeps(door(appender or Appender())))
    async with serving(app) as client:
        headers = {"Content-Type": kind} if kind else {}
        path = "/api/traces?format=jaeger.thrift"
        return await client.post(path, data=body, headers=headers)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-thrift", binary(BATCH)),
        ("application/vnd.apache.thrift.binary", binary(BATCH)),
        ("application/vnd.apache.thrift.compact", compact(BATCH)),
    ],
)
async def test_batches_are_stored(kind: str, body: bytes) -> None:
    appender = Appender()
    answer = await post(body, kind, appender=appender)
    assert (answer.status, answer.body, appender.names()) == (202, b"", ["GET /"])


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("application/json", b"{}", "Unsupported content type: application/json\n"),
        (
            "application/x-thrift",
            b"\x0b",
            "Unable to process request body: thrift: the body is cut off\n",
        ),
    ],
)
async def test_other_bodies_are_refused_as_jaeger_does(kind: str, body: bytes, text: str) -> None:
    answer = await post(body, kind)
    assert (answer.status, answer.text) == (400, text)


async def test_a_batch_of_which_nothing_can_be_kept_is_refused() -> None:
    answer = await post(binary(batch(span(f3=i64(0)))), "application/x-thrift")
    assert (answer.status, "invalid span_id" in answer.text) == (400, True)


async def test_the_token_is_asked_for() -> None:
    answer = await post(binary(BATCH), "application/x-thrift", token="s3cret")
    assert answer.status == 401


async def test_every_trace_is_to_be_sampled() -> None:
    app = make_app(http_deps(), ReceiverDeps(door(Appender())))
    async with serving(app) as client:
        answer = await client.get("/api/sampling?service=shop")
        assert answer.json == {
            "strategyType": "PROBABILISTIC",
            "probabilisticSampling": {"samplingRate": 1},
        }
        assert (await client.get("/api/sampling")).status == 400
