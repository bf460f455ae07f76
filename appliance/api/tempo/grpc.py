"""Tempo's API over gRPC: `tempopb.StreamingQuerier` as Grafana uses it, and `tempopb.Querier`.

A search streams what is new since the last message; its last message has all of it. Everything
else is one message.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from appliance.api.grpc_server import GrpcListener, GrpcService
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.api.tempo.deps import TempoDeps
    from appliance.api.tempo.grpc_calls import Calls

    Unary = Callable[[bytes, Call], Awaitable[bytes]]
    Streaming = Callable[[bytes, Call], AsyncIterator[bytes]]


class TempoGrpcServer(GrpcListener):
    """The server of Tempo's own gRPC port, and of gRPC on its HTTP port.

    Args:
        listener: For metrics.
    """

    def __init__(self, common: HttpDeps, deps: TempoDeps, *, listener: str = "tempo_grpc") -> None:
        calls = _LazyCalls(common, deps)
        unary: dict[str, Unary] = {
            "SearchTags": calls.unary("tags"),
            "SearchTagsV2": calls.unary("scoped_tags"),
            "SearchTagValues": calls.unary("values"),
            "SearchTagValuesV2": calls.unary("typed_values"),
        }
        metric_calls: dict[str, Unary] = {
            "MetricsQueryRange": calls.unary("query_range"),
            "MetricsQueryInstant": calls.unary("query_instant"),
        }
        streaming = {
            name: partial(_once, method) for name, method in (unary | metric_calls).items()
        }
        services = (
            GrpcService(
                "tempopb.StreamingQuerier",
                streaming={"Search": calls.streaming("search_stream"), **streaming},
                files=_files,
            ),
            GrpcService(
                "tempopb.Querier",
                unary={
                    "FindTraceByID": calls.unary("trace"),
                    "SearchRecent": calls.unary("search"),
                    **unary,
                },
                files=_files,
            ),
        )
        super().__init__(listener, common, services)


class _LazyCalls:
    """The methods, imported with the first call: a start does not wait for the language."""

    def __init__(self, common: HttpDeps, deps: TempoDeps) -> None:
        self._common = common
        self._deps = deps
        self._calls: Calls | None = None

    def unary(self, name: str) -> Unary:
        """The method of `Calls` with this name."""

        async def method(body: bytes, call: Call) -> bytes:
            found: bytes = await getattr(await self._loaded(), name)(body, call)
            return found

        return method

    def streaming(self, name: str) -> Streaming:
        """The same of one that answers in parts."""

        async def method(body: bytes, call: Call) -> AsyncIterator[bytes]:
            async for part in getattr(await self._loaded(), name)(body, call):
                yield part

        return method

    async def _loaded(self) -> Calls:
        if self._calls is None:
            module = await offload(import_module, "appliance.api.tempo.grpc_calls")
            self._calls = module.Calls(self._common, self._deps)
        return self._calls


async def _once(method: Unary, body: bytes, call: Call) -> AsyncIterator[bytes]:
    yield await method(body, call)


def _files() -> Sequence[bytes]:
    """The messages' descriptions, those first that others depend on."""
    from appliance.wire.messages.tempo_pb2 import DESCRIPTOR  # noqa: PLC0415 - protobuf

    found: dict[str, bytes] = {}

    def add(file: Any) -> None:
        for other in file.dependencies:
            add(other)
        found.setdefault(file.name, file.serialized_pb)

    add(DESCRIPTOR)
    return list(found.values())
