"""Tempo's HTTP API: search (Tempo 3, "Search"), by TraceQL or by tags."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from appliance.api.request import parameters_of, run_query
from appliance.api.tempo.answer import Form, answer, form_of
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.params import search_parameters
from appliance.api.tempo.queries import parse_search
from appliance.api.tempo.tag_query import tag_query
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.api.tempo.params import SearchParameters
    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard
    from appliance.traceql.ast import Query
    from appliance.traceql.search.run import SearchRequest

_SECOND = 10**9


async def search(request: web.Request) -> web.Response:
    """Traces that a query, or tags, find."""
    asked = search_parameters(await parameters_of(request))
    query, form = await offload(query_for, asked), form_of(request)
    work = partial(_encoded, source_of(request), asked, query, form)
    body = await run_query(request, work, label=asked.query)
    return answer(body, form if form is Form.PROTOBUF else Form.JSON)


def query_for(asked: SearchParameters) -> Query:
    """What a search asks for; the longest queries take half a second to read.

    Raises:
        BadInput: Not TraceQL, or not a search.
    """
    return parse_search(asked.query) if asked.query else tag_query(asked)


def request_for(asked: SearchParameters) -> SearchRequest:
    """The bounds of a search."""
    from appliance.traceql.search.run import SearchRequest  # noqa: PLC0415 - the engine

    return SearchRequest(asked.start_s * _SECOND, asked.end_s * _SECOND, asked.limit, asked.spans)


def _encoded(
    source: SpanSource, asked: SearchParameters, query: Query, form: Form, guard: QueryGuard
) -> bytes:
    from appliance.traceql.search.run import search  # noqa: PLC0415 - the engine
    from appliance.wire.tempo_search import search_json, search_protobuf  # noqa: PLC0415

    found = search(source, query, request_for(asked), guard)
    encode = search_protobuf if form is Form.PROTOBUF else search_json
    return encode(found, with_spans=bool(asked.query))
