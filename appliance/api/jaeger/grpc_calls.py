"""What both versions of the query service over gRPC share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from appliance.api.jaeger.deps import TenantTraces
from appliance.api.jaeger.names import operations_with_kinds
from appliance.api.request import run_guarded
from appliance.base.errors import BadInput, NotFound
from appliance.traces.criteria import SpanCriteria
from appliance.traces.edges import dependencies
from appliance.traces.find import TraceSearch, find_traces
from appliance.traces.window import LATEST_NS, Window, bounded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.api.jaeger.deps import JaegerDeps
    from appliance.model.sources import Guard

T = TypeVar("T")
#: Traces are read and sent so many at a time.
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class GrpcTraces:
    """Reads for one version of the service.

    Args:
        encode: A trace's ResourceSpans messages as messages of the stream.
    """

    common: HttpDeps
    deps: JaegerDeps
    encode: Callable[[Sequence[Any]], list[bytes]]

    def of(self, call: Call) -> TenantTraces:
        """The traces that a call may see."""
        return TenantTraces(self.deps, call.tenant)

    async def run(self, function: Callable[[Guard], T]) -> T:
        """Call `function` in a worker thread, under the limits of queries."""
        return await run_guarded(self.common, function)

    async def services(self, call: Call, answer: Any) -> bytes:
        """A GetServicesResponse, filled."""
        answer.services.extend(await self.run(lambda _: self.of(call).source.services()))
        return bytes(answer.SerializeToString())

    async def operations(self, call: Call, asked: Any, answer: Any) -> bytes:
        """A GetOperationsResponse, filled with what a request asks for."""
        source = self.of(call).source
        found = await self.run(
            lambda _: operations_with_kinds(source, asked.service, asked.span_kind)
        )
        for name, kind in found:
            answer.operations.add(name=name, span_kind=kind)
        return bytes(answer.SerializeToString())

    async def dependencies(self, call: Call, asked: Any, answer: Any) -> bytes:
        """The same of a GetDependenciesRequest.

        Raises:
            BadInput: A time is missing, or they are the wrong way round.
        """
        window, source = range_of(asked), self.of(call).source
        for parent, child, calls in await self.run(
            lambda guard: dependencies(source, window, guard)
        ):
            answer.dependencies.add(parent=parent, child=child, call_count=calls)
        return bytes(answer.SerializeToString())

    async def stream(self, call: Call, ids: Sequence[bytes], *, raw: bool) -> AsyncIterator[bytes]:
        """Messages of the traces that are known."""
        traces = self.of(call)
        for at in range(0, len(ids), _AT_ONCE):
            some = ids[at : at + _AT_ONCE]

            def load(guard: Guard, some: Sequence[bytes] = some) -> list[bytes]:
                loaded = traces.load(some, guard, raw=raw)
                return [message for groups in loaded for message in self.encode(groups)]

            for message in await self.run(load):
                yield message

    async def one(self, call: Call, trace_id: bytes, *, raw: bool) -> AsyncIterator[bytes]:
        """Messages of one trace.

        Raises:
            NotFound: It is not here.
        """
        is_known = False
        async for message in self.stream(call, [trace_id], raw=raw):
            is_known = True
            yield message
        if not is_known:
            raise NotFound("trace not found")

    async def find(self, call: Call, query: Any, tags: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Messages of the traces that a TraceQueryParameters message finds."""
        search = search_of(query, tags)
        source = self.of(call).source
        ids = await self.run(lambda guard: find_traces(source, search, guard))
        async for message in self.stream(call, ids, raw=query.raw_traces):
            yield message


def search_of(query: Any, tags: Mapping[str, str]) -> TraceSearch:
    """A TraceQueryParameters message as a search; times that are not set bound nothing.

    Raises:
        BadInput: It makes no sense.
    """
    start = _ns(query.start_time_min)
    end = _ns(query.start_time_max) if query.HasField("start_time_max") else LATEST_NS
    if start > end:
        raise BadInput("start_time_min must be before start_time_max")
    if query.search_depth <= 0:
        raise BadInput("search depth must be greater than 0")
    criteria = SpanCriteria(
        service=query.service_name or None,
        operation=query.operation_name or None,
        tags=tags,
        min_duration_ns=_ns(query.duration_min) or None,
        max_duration_ns=_ns(query.duration_max) or None,
    )
    return TraceSearch(criteria, Window.of(start, end + 1), query.search_depth)


def _ns(message: Any) -> int:
    """A Timestamp or a Duration in nanoseconds, as far as 64 bits go.

    Raises:
        BadInput: It is not one that protobuf allows.
    """
    try:
        return bounded(message.ToNanoseconds())
    except ValueError as error:
        raise BadInput(str(error)) from error


def read(message_type: Any, body: bytes) -> Any:
    """A request.

    Raises:
        BadInput: It is none.
    """
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - protobuf

    try:
        return message_type.FromString(body)
    except DecodeError as error:
        raise BadInput(f"not a {message_type.__name__}: {error}") from error


def range_of(request: Any) -> Window:
    """The time range of a GetDependenciesRequest.

    Raises:
        BadInput: A time is missing, or they are the wrong way round.
    """
    if not request.HasField("start_time") or not request.HasField("end_time"):
        raise BadInput("StartTime and EndTime must be initialized.")
    start, end = _ns(request.start_time), _ns(request.end_time)
    if end < start:
        raise BadInput("end_time must be after start_time")
    return Window.of(start, end + 1)
