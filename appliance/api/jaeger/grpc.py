"""Jaeger's query services over gRPC: `jaeger.api_v2.QueryService`, `jaeger.api_v3.QueryService`."""

from __future__ import annotations

from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any

from appliance.api.grpc_server import GrpcListener, GrpcService
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from appliance.api.grpc_server import Call, Streaming, Unary
    from appliance.api.http import HttpDeps
    from appliance.api.jaeger.deps import JaegerDeps


class JaegerQueryGrpcServer(GrpcListener):
    """The server of the `jaeger_query_grpc` listener."""

    def __init__(self, common: HttpDeps, deps: JaegerDeps) -> None:
        two = _Methods("grpc_v2:VersionTwo", common, deps)
        three = _Methods("grpc_v3:VersionThree", common, deps)
        services = (
            GrpcService(
                "jaeger.api_v2.QueryService",
                unary={
                    "GetServices": two.unary("services"),
                    "GetOperations": two.unary("operations"),
                    "GetDependencies": two.unary("dependencies"),
                    "ArchiveTrace": two.unary("archive"),
                },
                streaming={
                    "GetTrace": two.streaming("trace"),
                    "FindTraces": two.streaming("find"),
                },
                writing=frozenset({"ArchiveTrace"}),
                files=_files_two,
            ),
            GrpcService(
                "jaeger.api_v3.QueryService",
                unary={
                    "GetServices": three.unary("services"),
                    "GetOperations": three.unary("operations"),
                    "GetDependencies": three.unary("dependencies"),
                },
                streaming={
                    "GetTrace": three.streaming("trace"),
                    "FindTraces": three.streaming("find"),
                },
                files=_files_three,
            ),
        )
        super().__init__("jaeger_query_grpc", common, services)


class _Methods:
    """The methods of a version, imported in a worker thread at the first call.

    Args:
        path: `module:class`, the module one of `appliance.api.jaeger`.
    """

    def __init__(self, path: str, common: HttpDeps, deps: JaegerDeps) -> None:
        self._module, _, self._name = path.partition(":")
        self._args = common, deps
        self._made: Any = None

    def unary(self, name: str) -> Unary:
        """The method of this name, which has one answer."""

        async def answer(body: bytes, call: Call) -> bytes:
            made = await self._get()
            found: bytes = await getattr(made, name)(body, call)
            return found

        return answer

    def streaming(self, name: str) -> Streaming:
        """The method of this name, which has a stream of answers."""

        async def answers(body: bytes, call: Call) -> AsyncIterator[bytes]:
            made = await self._get()
            async with aclosing(getattr(made, name)(body, call)) as found:
                async for message in found:
                    yield message

        return answers

    async def _get(self) -> Any:
        if self._made is None:
            module = await offload(import_module, f"appliance.api.jaeger.{self._module}")
            self._made = getattr(module, self._name)(*self._args)
        return self._made


def _files_two() -> Sequence[bytes]:
    from appliance.wire.jaeger.descriptions import files_two  # noqa: PLC0415 - protobuf

    return files_two()


def _files_three() -> Sequence[bytes]:
    from appliance.wire.jaeger.descriptions import files_three  # noqa: PLC0415 - protobuf

    return files_three()
