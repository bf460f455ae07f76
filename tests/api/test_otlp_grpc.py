"""OTLP over gRPC: accepted, refused with the right code, told what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse

from appliance.api.gate import Gate
from appliance.api.http import HttpLimits
from appliance.api.otlp_grpc import OtlpGrpcDeps, OtlpGrpcServer
from appliance.base.errors import (
    ApplianceError,
    BadInput,
    LimitExceeded,
    StorageFull,
    TooLarge,
    Unavailable,
)
from appliance.ingest.otlp import Signal
from appliance.model.accepted import Accepted, Reject
from tests.api.serving import http_deps

PATH = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
OK = grpc.StatusCode.OK


class Door:
    """Remembers what comes in, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.given: list[tuple[Signal, str, bytes]] = []
        self.source = ""

    async def accept(self, signal: Signal, tenant: str, body: bytes, *, source: str) -> Accepted:
        self.given.append((signal, tenant, body))
        self.source = source
        if self.error is not None:
            raise self.error
        return Accepted(1, 1, (Reject(1, "too long"),))


@asynccontextmanager
async def calling(door: Door, **changes: Any) -> AsyncIterator[Any]:
    """A function that exports logs and gives the code, the answer or details, and the trailer."""
    given = {"limits": HttpLimits(1000, 1000), "gate": Gate(4)} | changes
    server = OtlpGrpcServer(http_deps(**given), OtlpGrpcDeps(door))  # type: ignore[arg-type]  # stands in
    port = await server.start("127.0.0.1", 0)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        export = channel.unary_unary(PATH, request_serializer=None, response_deserializer=None)

        async def call(body: bytes = b"x", **metadata: str) -> tuple[Any, Any, dict[str, Any]]:
            pairs = tuple((name.replace("_", "-"), value) for name, value in metadata.items())
            try:
                return OK, await export(body, metadata=pairs), {}
            except grpc.aio.AioRpcError as error:
                return error.code(), error.details(), dict(error.trailing_metadata())

        yield call
    await server.stop(0)


async def test_what_is_refused_in_part_is_told() -> None:
    door = Door()
    async with calling(door) as call:
        code, answer, _ = await call(b"body", x_scope_orgid="acme")
        await call(b"body")
    told = ExportLogsServiceResponse.FromString(answer).partial_success
    assert (code, told.rejected_log_records, "too long" in told.error_message) == (OK, 1, True)
    assert door.given == [(Signal.LOGS, "acme", b"body"), (Signal.LOGS, "anonymous", b"body")]


@pytest.mark.parametrize("tenant", ["a/b", "..", "A" * 151])
async def test_bad_tenants_are_refused_as_over_http(tenant: str) -> None:
    door = Door()
    async with calling(door) as call:
        code, details, _ = await call(x_scope_orgid=tenant)
    assert (code, door.given) == (grpc.StatusCode.INVALID_ARGUMENT, [])
    assert "X-Scope-OrgID" in details


@pytest.mark.parametrize(
    ("metadata", "passes"),
    [
        ({}, False),
        ({"authorization": "Bearer wrong"}, False),
        ({"authorization": "Bearer s3cret"}, True),
        ({"x_otlp_token": "s3cret"}, True),
    ],
)
async def test_the_token_is_asked_for(metadata: dict[str, str], *, passes: bool) -> None:
    async with calling(Door(), token="s3cret") as call:
        code, _, _ = await call(**metadata)
    assert code is (OK if passes else grpc.StatusCode.UNAUTHENTICATED)


@pytest.mark.parametrize(
    ("error", "code", "is_retryable"),
    [
        (BadInput("no"), grpc.StatusCode.INVALID_ARGUMENT, False),
        (TooLarge("no", limit="x"), grpc.StatusCode.RESOURCE_EXHAUSTED, False),
        (LimitExceeded("no", limit="x"), grpc.StatusCode.RESOURCE_EXHAUSTED, False),
        (StorageFull("no"), grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        (Unavailable("no", retry_after_seconds=5), grpc.StatusCode.UNAVAILABLE, True),
    ],
)
async def test_errors_say_whether_to_try_again(
    error: ApplianceError, code: grpc.StatusCode, *, is_retryable: bool
) -> None:
    async with calling(Door(error)) as call:
        found, details, trailer = await call()
    assert (found, details) == (code, "no")
    assert ("grpc-status-details-bin" in trailer) is is_retryable
    if isinstance(error, Unavailable):
        status = status_pb2.Status.FromString(trailer["grpc-status-details-bin"])
        retry = error_details_pb2.RetryInfo()
        assert status.details[0].Unpack(retry)
        assert retry.retry_delay.ToSeconds() == error.retry_after_seconds


async def test_bugs_are_told_apart_and_large_messages_refused() -> None:
    async with calling(Door(RuntimeError("secret detail"))) as call:
        code, details, _ = await call()
        too_large, _, _ = await call(b"x" * 1001)
    assert (code, "secret" in details) == (grpc.StatusCode.INTERNAL, False)
    assert too_large is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_messages_are_bounded_together_with_other_bodies() -> None:
    gate = Gate(4, max_bytes=100)
    async with calling(Door(), gate=gate) as call:
        assert (await call(b"x" * 100))[0] is OK
        gate.hold(1)
        assert (await call(b"x" * 100))[0] is grpc.StatusCode.UNAVAILABLE
        gate.release(1)
        assert (await call(b"x" * 100))[0] is OK


async def test_the_sender_is_named_without_its_port() -> None:
    door = Door()
    async with calling(door) as call:
        await call()
    assert door.source.startswith("127.0.0.1 (grpc-python-asyncio/")
