"""`jaeger.api_v3.QueryService` (jaeger-idl, proto/api_v3/query_service.proto): spans as OTLP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from appliance.api.jaeger.grpc_calls import GrpcTraces, read
from appliance.base.errors import BadInput
from appliance.wire.jaeger.ids import parse_trace_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.api.jaeger.deps import JaegerDeps

#: Larger traces are sent in pieces: clients read messages of up to 4 MiB by default.
_MESSAGE_BYTES = 2 << 20


class VersionThree:
    """The methods."""

    def __init__(self, common: HttpDeps, deps: JaegerDeps) -> None:
        self._traces = GrpcTraces(common, deps, _encode)

    async def services(self, _body: bytes, call: Call) -> bytes:
        """GetServices."""
        from appliance.wire.messages import jaeger_v3_pb2 as pb  # noqa: PLC0415 - protobuf

        return await self._traces.services(call, pb.GetServicesResponse())

    async def operations(self, body: bytes, call: Call) -> bytes:
        """GetOperations."""
        from appliance.wire.messages import jaeger_v3_pb2 as pb  # noqa: PLC0415 - protobuf

        asked = read(pb.GetOperationsRequest, body)
        return await self._traces.operations(call, asked, pb.GetOperationsResponse())

    async def dependencies(self, body: bytes, call: Call) -> bytes:
        """GetDependencies."""
        from appliance.wire.messages import jaeger_v3_pb2 as pb  # noqa: PLC0415 - protobuf

        asked = read(pb.GetDependenciesRequest, body)
        return await self._traces.dependencies(call, asked, pb.DependenciesResponse())

    async def trace(self, body: bytes, call: Call) -> AsyncIterator[bytes]:
        """GetTrace."""
        from appliance.wire.messages import jaeger_v3_pb2 as pb  # noqa: PLC0415 - protobuf

        asked = read(pb.GetTraceRequest, body)
        try:
            trace_id = parse_trace_id(asked.trace_id)
        except BadInput as error:
            raise BadInput(f"malform trace ID: {error.message}") from error
        async for message in self._traces.one(call, trace_id, raw=asked.raw_traces):
            yield message

    async def find(self, body: bytes, call: Call) -> AsyncIterator[bytes]:
        """FindTraces."""
        from appliance.wire.messages import jaeger_v3_pb2 as pb  # noqa: PLC0415 - protobuf

        request = read(pb.FindTracesRequest, body)
        if not request.HasField("query"):
            raise BadInput("missing query")
        query = request.query
        if not query.HasField("start_time_min") or not query.HasField("start_time_max"):
            raise BadInput("start time min and max are required parameters")
        async for message in self._traces.find(call, query, dict(query.attributes)):
            yield message


def _encode(groups: Sequence[Any]) -> list[bytes]:
    """TracesData messages of a trace: one, when it is not too large."""
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData  # noqa: PLC0415 - protobuf

    whole: bytes = TracesData(resource_spans=groups).SerializeToString()
    if len(whole) <= _MESSAGE_BYTES:
        return [whole]
    parts = (part for group in groups for part in _parts(group))
    return [TracesData(resource_spans=[part]).SerializeToString() for part in parts]


def _parts(group: Any) -> Iterator[Any]:
    """A ResourceSpans message as some that are not too large, unless a single span is."""
    if group.ByteSize() <= _MESSAGE_BYTES:
        yield group
        return
    for scoped in group.scope_spans:
        some: list[Any] = []
        size = 0
        for span in scoped.spans:
            some.append(span)
            size += span.ByteSize()
            if size >= _MESSAGE_BYTES:
                yield _part(group, scoped, some)
                some, size = [], 0
        if some:
            yield _part(group, scoped, some)


def _part(group: Any, scoped: Any, spans: Sequence[Any]) -> Any:
    """Some spans of a scope with their scope and resource."""
    from opentelemetry.proto.trace.v1 import trace_pb2 as pb  # noqa: PLC0415 - protobuf

    inner = pb.ScopeSpans(scope=scoped.scope, spans=spans, schema_url=scoped.schema_url)
    return pb.ResourceSpans(
        resource=group.resource, scope_spans=[inner], schema_url=group.schema_url
    )
