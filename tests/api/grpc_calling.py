"""A running gRPC server and calls to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc.aio

from appliance.api.grpc_server import GrpcListener


@asynccontextmanager
async def channel_to(server: GrpcListener) -> AsyncIterator[Any]:
    """A channel to a server that runs as long as the block does."""
    port = await server.start("127.0.0.1", 0)
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(0)


async def called(channel: Any, path: str, body: bytes = b"", **metadata: str) -> tuple[Any, Any]:
    """The code, and the answer or what was wrong."""
    call = channel.unary_unary(path, request_serializer=None, response_deserializer=None)
    pairs = tuple((name.replace("_", "-"), value) for name, value in metadata.items())
    try:
        return grpc.StatusCode.OK, await call(body, metadata=pairs)
    except grpc.aio.AioRpcError as error:
        return error.code(), error.details()
