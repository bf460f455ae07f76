"""Health and reflection, asked by gRPC's own clients."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest

from appliance.api.admin import AdminDeps
from appliance.api.grpc_server import GrpcListener, GrpcService
from appliance.api.otlp_grpc import OtlpGrpcDeps, OtlpGrpcServer
from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.wire.messages.grpc_status_pb2 import (
    HealthCheckRequest,
    HealthCheckResponse,
    HealthListResponse,
    ReflectionRequest,
    ReflectionResponse,
)
from tests.api.grpc_calling import called, channel_to
from tests.api.serving import http_deps, no_reload

CHECK, WATCH = "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"
INFO = "/grpc.reflection.{}.ServerReflection/ServerReflectionInfo"


class Readiness:
    """Whether the process works, and a listener that says so."""

    def __init__(self, **changes: Any) -> None:
        self.is_ready = True
        self.clock = ManualClock()
        admin = AdminDeps(Telemetry(), lambda: self.is_ready, list, no_reload, lambda: None)
        common = http_deps(admin=admin, clock=self.clock, **changes)
        self.listener = GrpcListener("test", common, [GrpcService("test.Service")])


def asking(name: str) -> bytes:
    encoded: bytes = HealthCheckRequest(service=name).SerializeToString()
    return encoded


@pytest.mark.parametrize("name", ["", "test.Service", "grpc.health.v1.Health"])
async def test_every_service_is_as_healthy_as_the_process(name: str) -> None:
    ready = Readiness()
    async with channel_to(ready.listener) as channel:
        for is_ready, status in ((True, "SERVING"), (False, "NOT_SERVING")):
            ready.is_ready = is_ready
            code, answer = await called(channel, CHECK, asking(name))
            assert code is grpc.StatusCode.OK
            assert answer == HealthCheckResponse(status=status).SerializeToString()


async def test_unknown_services_and_bad_messages_are_told() -> None:
    async with channel_to(Readiness().listener) as channel:
        assert await called(channel, CHECK, asking("x")) == (
            grpc.StatusCode.NOT_FOUND,
            "unknown service",
        )
        assert (await called(channel, CHECK, b"\x0a\xff"))[0] is grpc.StatusCode.INVALID_ARGUMENT


async def test_all_services_are_listed() -> None:
    async with channel_to(Readiness().listener) as channel:
        _, answer = await called(channel, "/grpc.health.v1.Health/List")
    found = HealthListResponse.FromString(answer).statuses
    assert {name: found[name].status for name in found} == {
        "": 1,
        "test.Service": 1,
        "grpc.health.v1.Health": 1,
    }


async def test_health_needs_no_token() -> None:
    async with channel_to(Readiness(token="s3cret", is_open=False).listener) as channel:
        assert (await called(channel, CHECK, asking("")))[0] is grpc.StatusCode.OK


async def test_who_watches_is_told_of_changes() -> None:
    ready = Readiness()
    async with channel_to(ready.listener) as channel:
        watch = channel.unary_stream(WATCH, request_serializer=None, response_deserializer=None)
        call = watch(asking("test.Service"))
        assert await call.read() == HealthCheckResponse(status="SERVING").SerializeToString()
        ready.is_ready = False
        reading = asyncio.ensure_future(call.read())
        await ready.clock.advance(1.0)
        assert (
            await asyncio.wait_for(reading, 5)
            == HealthCheckResponse(status="NOT_SERVING").SerializeToString()
        )
        call.cancel()
        unknown = watch(asking("x"))
        status = HealthCheckResponse.FromString(await unknown.read()).status
        assert status == HealthCheckResponse.SERVICE_UNKNOWN
        unknown.cancel()


async def test_watchers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.api.grpc_status._MAX_WATCHERS", 1)
    async with channel_to(Readiness().listener) as channel:
        watch = channel.unary_stream(WATCH, request_serializer=None, response_deserializer=None)
        first = watch(asking(""))
        await first.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await watch(asking("")).read()
        first.cancel()
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_describes_what_is_served(version: str) -> None:
    server = OtlpGrpcServer(http_deps(), OtlpGrpcDeps(object()))  # type: ignore[arg-type]  # not called
    requests = [
        ReflectionRequest(list_services=""),
        ReflectionRequest(
            file_containing_symbol="opentelemetry.proto.collector.logs.v1.LogsService"
        ),
    ]
    async with channel_to(server) as channel:
        info = channel.stream_stream(
            INFO.format(version), request_serializer=None, response_deserializer=None
        )
        sent = iter([request.SerializeToString() for request in requests])
        listed, file = [ReflectionResponse.FromString(item) async for item in info(sent)]
    names = [service.name for service in listed.list_services_response.service]
    assert f"grpc.reflection.{version}.ServerReflection" in names
    assert "opentelemetry.proto.collector.trace.v1.TraceService" in names
    assert len(file.file_descriptor_response.file_descriptor_proto) > 1


async def test_reflection_refuses_other_messages() -> None:
    async with channel_to(Readiness().listener) as channel:
        info = channel.stream_stream(
            INFO.format("v1"), request_serializer=None, response_deserializer=None
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await info(iter([b"\x0a\xff"])).read()
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
