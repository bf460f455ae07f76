"""`jaeger.api_v2.QueryService` (jaeger-idl, proto/api_v2/query.proto): spans in Jaeger's model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from appliance.api.jaeger.grpc_calls import GrpcTraces, read
from appliance.base.errors import BadInput, NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.api.jaeger.deps import JaegerDeps

#: Spans of one message: clients read messages of up to 4 MiB by default.
_CHUNK_SPANS, _CHUNK_BYTES = 500, 2 << 20


class VersionTwo:
    """The methods."""

    def __init__(self, common: HttpDeps, deps: JaegerDeps) -> None:
        self._traces = GrpcTraces(common, deps, _encode)
        self._archive = deps.archive

    async def services(self, _body: bytes, call: Call) -> bytes:
        """GetServices."""
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        return await self._traces.services(call, pb.GetServicesResponse())

    async def operations(self, body: bytes, call: Call) -> bytes:
        """GetOperations."""
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        asked, answer = read(pb.GetOperationsRequest, body), pb.GetOperationsResponse()
        await self._traces.operations(call, asked, answer)
        answer.operationNames.extend(sorted({one.name for one in answer.operations}))
        return bytes(answer.SerializeToString())

    async def dependencies(self, body: bytes, call: Call) -> bytes:
        """GetDependencies."""
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        asked, answer = read(pb.GetDependenciesRequest, body), pb.GetDependenciesResponse()
        return await self._traces.dependencies(call, asked, answer)

    async def archive(self, body: bytes, call: Call) -> bytes:
        """ArchiveTrace.

        Raises:
            NotFound: The trace is not here.
        """
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        trace_id = _trace_id(read(pb.ArchiveTraceRequest, body))
        spans = await self._traces.run(lambda guard: self._traces.of(call).spans(trace_id, guard))
        if not spans:
            raise NotFound("trace not found")
        done = await self._traces.run(lambda _: self._archive.keep(call.tenant, trace_id, spans))
        await asyncio.wrap_future(done)
        return b""

    async def trace(self, body: bytes, call: Call) -> AsyncIterator[bytes]:
        """GetTrace."""
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        asked = read(pb.GetTraceRequest, body)
        async for message in self._traces.one(call, _trace_id(asked), raw=asked.raw_traces):
            yield message

    async def find(self, body: bytes, call: Call) -> AsyncIterator[bytes]:
        """FindTraces."""
        from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

        request = read(pb.FindTracesRequest, body)
        if not request.HasField("query"):
            raise BadInput("missing query")
        query = request.query
        async for message in self._traces.find(call, query, dict(query.tags)):
            yield message


def _trace_id(request: Any) -> bytes:
    """The trace id of a request: 16 bytes, or the lower 8.

    Raises:
        BadInput: There is none.
    """
    given: bytes = request.trace_id
    if len(given) not in {8, 16} or not any(given):
        raise BadInput("uninitialized TraceID is not allowed")
    return given.rjust(16, b"\0")


def _encode(groups: Sequence[Any]) -> list[bytes]:
    """SpansResponseChunk messages of a trace."""
    from appliance.wire.jaeger.model_proto import spans_of  # noqa: PLC0415 - protobuf
    from appliance.wire.messages import jaeger_v2_pb2 as pb  # noqa: PLC0415 - protobuf

    found: list[bytes] = []
    chunk = pb.SpansResponseChunk()
    size = 0
    for span in spans_of(groups):
        chunk.spans.append(span)
        size += span.ByteSize()
        if len(chunk.spans) >= _CHUNK_SPANS or size >= _CHUNK_BYTES:
            found.append(chunk.SerializeToString())
            chunk, size = pb.SpansResponseChunk(), 0
    if chunk.spans:
        found.append(chunk.SerializeToString())
    return found
