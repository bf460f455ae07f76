"""What all gRPC listeners share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest

from appliance.api import grpc_server
from appliance.api.grpc_server import Call, GrpcListener, GrpcService, code_of
from appliance.base.errors import (
    BadInput,
    Conflict,
    LimitExceeded,
    NotFound,
    QueryFailed,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)
from tests.api.grpc_calling import called, channel_to
from tests.api.receiving import counted
from tests.api.serving import http_deps


async def echo(body: bytes, call: Call) -> bytes:
    if body == b"bad":
        raise BadInput("no")
    return body + call.tenant.encode()


async def count(body: bytes, _call: Call) -> AsyncIterator[bytes]:
    for number in range(3):
        yield body + str(number).encode()
    if body == b"late":
        raise NotFound("gone")


def service(*, writes: bool = False) -> GrpcService:
    return GrpcService("test.Service", {"Echo": echo}, {"Count": count}, writes=writes)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BadInput("x"), "INVALID_ARGUMENT"),
        (QueryFailed("x"), "INVALID_ARGUMENT"),
        (NotFound("x"), "NOT_FOUND"),
        (Conflict("x"), "FAILED_PRECONDITION"),
        (LimitExceeded("x", limit="l"), "RESOURCE_EXHAUSTED"),
        (TooLarge("x", limit="l"), "RESOURCE_EXHAUSTED"),
        (StorageFull("x"), "RESOURCE_EXHAUSTED"),
        (Unavailable("x"), "UNAVAILABLE"),
        (TimedOut("x"), "DEADLINE_EXCEEDED"),
        (RuntimeError("x"), "INTERNAL"),
    ],
)
def test_every_kind_of_error_has_a_status(error: Exception, code: str) -> None:
    assert code_of(error) == code


async def test_calls_are_counted_by_their_code() -> None:
    common = http_deps()
    async with channel_to(GrpcListener("test", common, [service()])) as channel:
        assert (await called(channel, "/test.Service/Echo", b"x"))[1] == b"xanonymous"
        await called(channel, "/test.Service/Echo", b"bad")
    name = "appliance_api_requests_total"
    for code in ("OK", "INVALID_ARGUMENT"):
        assert counted(common.telemetry, name, listener="test", code=code) == 1


async def test_streams_end_with_what_went_wrong() -> None:
    async with channel_to(GrpcListener("test", http_deps(), [service()])) as channel:
        ask = channel.unary_stream(
            "/test.Service/Count", request_serializer=None, response_deserializer=None
        )
        assert [answer async for answer in ask(b"x")] == [b"x0", b"x1", b"x2"]
        found = []
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            found.extend([answer async for answer in ask(b"late")])
    assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.NOT_FOUND, "gone")


@pytest.mark.parametrize(
    ("is_open", "writes", "asks"),
    [(True, False, False), (True, True, True), (False, False, True), (False, True, True)],
)
async def test_the_token_is_asked_for_by_writes_and_where_others_connect(
    *, is_open: bool, writes: bool, asks: bool
) -> None:
    common = http_deps(token="s3cret", is_open=is_open)
    async with channel_to(GrpcListener("test", common, [service(writes=writes)])) as channel:
        code, _ = await called(channel, "/test.Service/Echo")
        assert (code is grpc.StatusCode.UNAUTHENTICATED) is asks
        assert (await called(channel, "/test.Service/Echo", x_otlp_token="s3cret"))[0] is (
            grpc.StatusCode.OK
        )


async def test_a_port_that_is_taken_is_an_error() -> None:
    first, second = (GrpcListener("test", http_deps(), [service()]) for _ in range(2))
    port = await first.start("127.0.0.1", 0)
    with pytest.raises(OSError, match=str(port)):
        await second.start("127.0.0.1", port)
    await first.stop(0)


async def test_unknown_methods_are_unimplemented() -> None:
    async with channel_to(GrpcListener("test", http_deps(), [service()])) as channel:
        assert (await called(channel, "/test.Service/Nope"))[0] is grpc.StatusCode.UNIMPLEMENTED


async def test_a_client_that_does_not_read_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_server, "STALLED_SECONDS", 0.2)
    left = asyncio.Event()

    async def flood(_body: bytes, _call: Call) -> AsyncIterator[bytes]:
        try:
            while True:
                yield bytes(1 << 20)
        finally:
            left.set()

    async def read_all(call: Any) -> None:
        while await call.read() is not grpc.aio.EOF:
            pass

    services = [GrpcService("test.Service", streaming={"Flood": flood})]
    async with channel_to(GrpcListener("test", http_deps(), services)) as channel:
        call = channel.unary_stream("/test.Service/Flood")(b"")
        assert len(await call.read()) == 1 << 20
        await asyncio.wait_for(left.wait(), 10)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await asyncio.wait_for(read_all(call), 10)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert "the client has not read" in (caught.value.details() or "")


async def test_a_client_that_leaves_ends_the_method() -> None:
    left = asyncio.Event()

    async def forever(_body: bytes, _call: Call) -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.Event().wait()
        finally:
            left.set()

    services = [GrpcService("test.Service", streaming={"Forever": forever})]
    async with channel_to(GrpcListener("test", http_deps(), services)) as channel:
        call = channel.unary_stream("/test.Service/Forever")(b"")
        assert await call.read() == b"first"
        call.cancel()
        await asyncio.wait_for(left.wait(), 10)
