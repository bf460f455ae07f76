"""Tempo's HTTP API: one trace by its id (Tempo 3, "Query" and "Query V2")."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.request import parameters_of, run_query
from appliance.api.tempo.answer import Form, answer, form_of
from appliance.api.tempo.deps import source_of
from appliance.api.tempo.params import check_query
from appliance.api.tempo.trace_id import parse_trace_id
from appliance.base.digits import read_digits
from appliance.base.errors import BadInput, QueryFailed
from appliance.base.tasks import offload
from appliance.syntax.quoting import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.api.tempo.filtering import TraceFilter
    from appliance.model.sources import SpanSource
    from appliance.query.limits import QueryGuard

#: Larger traces are answered in part (max_bytes_per_trace of Tempo, ten times that).
MOST_TRACE_BYTES = 50_000_000
_MAX_INT64 = 2**63 - 1
_MODES = {"", "all", "blocks", "ingesters", "recent", "external"}


async def trace(request: web.Request) -> web.Response:
    """The first version: an unknown trace is 404, one that is too large an error."""
    trace_id = parse_trace_id(request.match_info["trace_id"])
    check_window(request.query)
    form = form_of(request)
    if form is not Form.PROTOBUF:
        form = Form.JSON
    body = await run_query(request, partial(_encoded, source_of(request), trace_id, form))
    return web.Response(status=404) if body is None else answer(body, form)


def _encoded(source: SpanSource, trace_id: bytes, form: Form, guard: QueryGuard) -> bytes | None:
    from appliance.wire.tempo import trace_json, trace_protobuf  # noqa: PLC0415 - protobuf

    spans = source.trace(trace_id, guard, max_bytes=MOST_TRACE_BYTES)
    if not spans:
        return None
    if spans.is_partial:
        raise QueryFailed(f"trace exceeds max size (max bytes: {MOST_TRACE_BYTES})")
    return trace_protobuf(spans) if form is Form.PROTOBUF else trace_json(spans)


async def trace_v2(request: web.Request) -> web.Response:
    """The second version: always 200; says when there is more than it shows; can be filtered."""
    trace_id = parse_trace_id(request.match_info["trace_id"])
    given = await parameters_of(request)
    check_window(given)
    wanted, form = await offload(filter_of, given), form_of(request)
    work = partial(_encoded_v2, source_of(request), trace_id, wanted, form)
    return answer(await run_query(request, work), form)


def _encoded_v2(
    source: SpanSource,
    trace_id: bytes,
    wanted: TraceFilter | None,
    form: Form,
    guard: QueryGuard,
) -> bytes:
    from appliance.wire import tempo as wire  # noqa: PLC0415 - protobuf
    from appliance.wire.tempo_brief import trace_brief  # noqa: PLC0415

    spans = source.trace(trace_id, guard, max_bytes=MOST_TRACE_BYTES)
    shown, partial_bytes = spans, MOST_TRACE_BYTES if spans.is_partial else 0
    if wanted is not None and spans:
        shown = wanted.apply(source, trace_id, spans, guard)
    if form is Form.BRIEF:
        return trace_brief(shown)
    encode = wire.trace_v2_protobuf if form is Form.PROTOBUF else wire.trace_v2_json
    return encode(shown, size_bytes=guard.bytes, partial_bytes=partial_bytes)


def filter_of(given: Mapping[str, str]) -> TraceFilter | None:
    """Which spans are wanted (`q`, `keep_hierarchy`); None: all of them.

    Raises:
        BadInput: Not one spanset filter.
    """
    text = given.get("q", "")
    if not text:
        return None
    check_query(text)
    from appliance.api.tempo.filtering import make_filter  # noqa: PLC0415 - seldom

    return make_filter(text, given)


def check_window(given: Mapping[str, str]) -> None:
    """`start`, `end` and `mode` only narrow where Tempo looks; we find a trace without them.

    Raises:
        BadInput: They are no times, or the wrong way round.
    """
    if given.get("mode", "") not in _MODES:
        raise BadInput(f"invalid value for mode {given['mode']}")
    start, end = _seconds(given, "start"), _seconds(given, "end")
    if start and end and end <= start:
        raise BadInput(f"http parameter start must be before end. received start={start} end={end}")


def _seconds(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    wrong = f"invalid {name}: strconv.ParseInt: parsing {quote(text)}: "
    if text and not re.fullmatch(r"[+-]?[0-9]+", text, re.ASCII):
        raise BadInput(f"{wrong}invalid syntax")
    found = read_digits(text or "0")
    if abs(found) > _MAX_INT64:
        raise BadInput(f"{wrong}value out of range")
    return found
