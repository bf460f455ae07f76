"""What the methods of tempopb do (grafana/tempo, pkg/tempopb/tempo.proto)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from appliance.api.request import run_guarded, stream_guarded
from appliance.api.tempo import metrics, search, tags
from appliance.api.tempo.answer import Form
from appliance.api.tempo.params import (
    USUAL_LIMIT,
    USUAL_SPANS,
    MetricsParameters,
    SearchParameters,
    check_query,
    check_search,
)
from appliance.api.tempo.queries import parse_metrics, parse_tag
from appliance.api.tempo.traces import MOST_TRACE_BYTES
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.traces.window import bounded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator

    from appliance.api.grpc_server import Call
    from appliance.api.http import HttpDeps
    from appliance.api.tempo.deps import TempoDeps
    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.results import SearchResult
    from appliance.traceql.tags import TagRequest

    Unary = Callable[[bytes, Call], Awaitable[bytes]]

T = TypeVar("T")
_TRACE_ID_BYTES = 16


def _read(name: str, body: bytes) -> Any:
    """A message of tempopb.

    Raises:
        BadInput: The bytes are none.
    """
    from appliance.wire.messages import tempo_pb2  # noqa: PLC0415 - protobuf
    from appliance.wire.otlp.message import parse  # noqa: PLC0415 - protobuf

    return parse(getattr(tempo_pb2, name), body)


class Calls:
    """What each method does."""

    def __init__(self, common: HttpDeps, deps: TempoDeps) -> None:
        self._common = common
        self._deps = deps

    async def _run(self, call: Call, work: Callable[[SpanSource, QueryGuard], T]) -> T:
        return await run_guarded(self._common, partial(work, self._deps.spans(call.tenant)))

    # -- traces

    async def trace(self, body: bytes, call: Call) -> bytes:
        """FindTraceByID."""
        trace_id = _read("TraceByIDRequest", body).traceID
        if len(trace_id) > _TRACE_ID_BYTES:
            raise BadInput("trace IDs can't be larger than 128 bits")

        def find(source: SpanSource, guard: QueryGuard) -> bytes:
            from appliance.wire.tempo import trace_v2_protobuf  # noqa: PLC0415 - protobuf

            found = source.trace(
                trace_id.rjust(_TRACE_ID_BYTES, b"\0"), guard, max_bytes=MOST_TRACE_BYTES
            )
            partial_bytes = MOST_TRACE_BYTES if found.is_partial else 0
            return trace_v2_protobuf(found, size_bytes=guard.bytes, partial_bytes=partial_bytes)

        return await self._run(call, find)

    # -- searches

    async def search(self, body: bytes, call: Call) -> bytes:
        """SearchRecent: everything in one message."""
        last = b""
        async for message in self.search_stream(body, call):
            last = message
        return last

    async def search_stream(self, body: bytes, call: Call) -> AsyncIterator[bytes]:
        """Search: what is new, again and again, then all of it."""
        asked = _search_parameters(_read("SearchRequest", body))
        query = await offload(search.query_for, asked)
        source = self._deps.spans(call.tenant)

        def make(guard: QueryGuard) -> Generator[bytes]:
            from appliance.traceql.search.run import search_stream  # noqa: PLC0415 - the engine

            found = search_stream(source, query, search.request_for(asked), guard)
            return _messages(found, with_spans=bool(asked.query))

        async for message in stream_guarded(self._common, make, label=asked.query):
            yield message

    # -- metrics

    async def query_range(self, body: bytes, call: Call) -> bytes:
        """MetricsQueryRange."""
        asked = _read("QueryRangeRequest", body)
        step, exemplars = bounded(asked.step), asked.exemplars
        wanted = MetricsParameters(
            asked.query, bounded(asked.start), bounded(asked.end), step, exemplars
        )
        return await self._metrics(wanted, call, is_range=True)

    async def query_instant(self, body: bytes, call: Call) -> bytes:
        """MetricsQueryInstant."""
        asked = _read("QueryInstantRequest", body)
        wanted = MetricsParameters(asked.query, bounded(asked.start), bounded(asked.end))
        return await self._metrics(wanted, call, is_range=False)

    async def _metrics(self, asked: MetricsParameters, call: Call, *, is_range: bool) -> bytes:
        check_query(asked.query)
        query = await offload(parse_metrics, asked.query)
        work = partial(
            metrics.encoded,
            self._deps.spans(call.tenant),
            asked,
            query,
            is_range=is_range,
            form=Form.PROTOBUF,
        )
        return await run_guarded(self._common, work, label=asked.query)

    # -- tags

    async def tags(self, body: bytes, call: Call) -> bytes:
        """SearchTags."""
        asked = _read("SearchTagsRequest", body)
        scopes, request = tags.scopes_of(asked.scope), await offload(_tag_names_request, asked)
        request = replace(request, filter=None)

        def find(source: SpanSource, guard: QueryGuard) -> bytes:
            from appliance.wire.tempo_tags import names_protobuf  # noqa: PLC0415 - protobuf

            found = tags.find_all_names(source, scopes, request, guard)
            return names_protobuf(found, guard.bytes)

        return await self._run(call, find)

    async def scoped_tags(self, body: bytes, call: Call) -> bytes:
        """SearchTagsV2."""
        asked = _read("SearchTagsRequest", body)
        scopes, request = tags.scopes_of(asked.scope), await offload(_tag_names_request, asked)

        def find(source: SpanSource, guard: QueryGuard) -> bytes:
            from appliance.wire.tempo_tags import scopes_protobuf  # noqa: PLC0415 - protobuf

            return scopes_protobuf(tags.find_names(source, scopes, request, guard), guard.bytes)

        return await self._run(call, find)

    async def values(self, body: bytes, call: Call) -> bytes:
        """SearchTagValues."""
        asked = _read("SearchTagValuesRequest", body)
        request = replace(await offload(_tag_values_request, asked), filter=None)

        def find(source: SpanSource, guard: QueryGuard) -> bytes:
            from appliance.wire.tempo_tags import values_protobuf  # noqa: PLC0415 - protobuf

            found = tags.find_values(source, asked.tagName, request, guard)
            return values_protobuf(found, guard.bytes)

        return await self._run(call, find)

    async def typed_values(self, body: bytes, call: Call) -> bytes:
        """SearchTagValuesV2."""
        asked = _read("SearchTagValuesRequest", body)
        field = await offload(parse_tag, asked.tagName)
        request = await offload(_tag_values_request, asked)

        def find(source: SpanSource, guard: QueryGuard) -> bytes:
            from appliance.wire.tempo_tags import typed_protobuf  # noqa: PLC0415 - protobuf

            return typed_protobuf(
                tags.find_typed_values(source, field, request, guard), guard.bytes
            )

        return await self._run(call, find)


def _search_parameters(asked: Any) -> SearchParameters:
    found = SearchParameters(
        asked.Query,
        {} if asked.Query else dict(asked.Tags),
        asked.MinDurationMs,
        asked.MaxDurationMs,
        asked.start,
        asked.end,
        asked.Limit or USUAL_LIMIT,
        asked.SpansPerSpanSet or USUAL_SPANS,
    )
    check_query(found.query)
    check_search(found)
    return found


def _tag_names_request(asked: Any) -> TagRequest:
    return tags.tag_request(
        asked.start,
        asked.end,
        asked.query,
        limit=asked.maxTagsPerScope,
        max_stale=asked.staleValuesThreshold,
    )


def _tag_values_request(asked: Any) -> TagRequest:
    return tags.tag_request(
        asked.start,
        asked.end,
        asked.query,
        limit=asked.maxTagValues,
        max_stale=asked.staleValueThreshold,
    )


def _messages(found: Iterator[SearchResult], *, with_spans: bool) -> Generator[bytes]:
    """Growing results as messages: of all but the last one what differs from the one before."""
    from appliance.wire.tempo_search import search_protobuf  # noqa: PLC0415 - protobuf

    known: dict[bytes, object] = {}
    last: SearchResult | None = None
    for result in found:
        if last is not None:
            news = [trace for trace in last.traces if known.get(trace.trace_id) != trace]
            known = {trace.trace_id: trace for trace in last.traces}
            yield search_protobuf(replace(last, traces=news), with_spans=with_spans)
        last = result
    if last is not None:
        yield search_protobuf(last, with_spans=with_spans)
