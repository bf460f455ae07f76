"""Jaeger's collector over gRPC."""

from __future__ import annotations

import grpc

from appliance.api.jaeger_grpc import JaegerGrpcServer
from appliance.api.receivers import ReceiverDeps
from appliance.wire.messages.jaeger_collector_pb2 import (
    PostSpansRequest,
    SamplingStrategyResponse,
)
from tests.api.grpc_calling import called, channel_to
from tests.api.receiving import Appender, door
from tests.api.serving import http_deps

POST = "/jaeger.api_v2.CollectorService/PostSpans"
SAMPLING = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"


def request(span_id: bytes = b"\1" * 8) -> bytes:
    message = PostSpansRequest()
    message.batch.spans.add(trace_id=b"\2" * 16, span_id=span_id, operation_name="op")
    encoded: bytes = message.SerializeToString()
    return encoded


async def test_spans_are_stored_for_their_tenant() -> None:
    appender = Appender()
    async with channel_to(JaegerGrpcServer(http_deps(), ReceiverDeps(door(appender)))) as channel:
        found = await called(channel, POST, request(), x_scope_orgid="acme")
    assert found == (grpc.StatusCode.OK, b"")
    assert ([tenant for tenant, _ in appender.batches], appender.names()) == (["acme"], ["op"])


async def test_bad_messages_have_their_status() -> None:
    async with channel_to(JaegerGrpcServer(http_deps(), ReceiverDeps(door(Appender())))) as channel:
        for body in (b"\x0a\xff", request(b"1"), request(bytes(8))):
            code, details = await called(channel, POST, body)
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert details


async def test_the_token_is_asked_for_when_something_is_written() -> None:
    deps = ReceiverDeps(door(Appender()))
    async with channel_to(JaegerGrpcServer(http_deps(token="s3cret"), deps)) as channel:
        assert (await called(channel, POST, request()))[0] is grpc.StatusCode.UNAUTHENTICATED
        passed = await called(channel, POST, request(), authorization="Bearer s3cret")
        assert passed[0] is grpc.StatusCode.OK
        code, answer = await called(channel, SAMPLING)
    assert code is grpc.StatusCode.OK
    assert SamplingStrategyResponse.FromString(answer).probabilisticSampling.samplingRate == 1.0
