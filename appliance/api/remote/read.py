"""Remote read (Prometheus, "Remote read API"): raw samples of series, in either response type."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import text_response
from appliance.api.http import HTTP, tenant_of, with_contract
from appliance.api.remote.deps import REMOTE
from appliance.api.request import body_of, run_query
from appliance.model.matcher import Matcher, MatchOp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from appliance.api.errors import Failure
    from appliance.model.labels import Labels
    from appliance.model.sources import Guard, SeriesSource

_STREAMED = "application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse"


def routes() -> list[web.RouteDef]:
    """The one path; errors are plain text there."""
    return with_contract(_plain_text, [web.post("/api/v1/read", _read)])


def _plain_text(request: web.Request, failure: Failure) -> web.Response:
    del request
    return text_response(failure, failure.status)


async def _read(request: web.Request) -> web.Response:
    body = await body_of(request, raw=("snappy",))
    deps = request.app[REMOTE]
    work = partial(
        _answer,
        body,
        deps.series(tenant_of(request)),
        deps.external_labels(),
        request.app[HTTP].limits.decompressed_bytes,
    )
    return await run_query(request, work)


def _answer(
    body: bytes, source: SeriesSource, external: Labels, limit: int, guard: Guard
) -> web.Response:
    """The whole work, for a worker thread."""
    from appliance.wire import snappy  # noqa: PLC0415 - when first used
    from appliance.wire.remote import read  # noqa: PLC0415 - protobuf

    question = read.decode_request(snappy.decompress(body, limit=limit))
    results = []
    for query in question.queries:
        matchers = _local(query.matchers, external)
        groups = source.select(matchers, query.start_ms, query.end_ms, guard)
        results.append(read.series_of(groups, external))
    if question.response_type is read.ResponseType.STREAMED_XOR_CHUNKS:
        data = b"".join(read.encode_chunks_answer(results))
        return web.Response(body=data, headers={"Content-Type": _STREAMED})
    answer = snappy.compress(read.encode_samples_answer(results))
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    return web.Response(body=answer, headers=headers)


def _local(matchers: Iterable[Matcher], external: Labels) -> tuple[Matcher, ...]:
    """Matchers for what is stored: there, an external label is absent."""
    own = dict(external)
    return tuple(
        Matcher(matcher.name, MatchOp.EQUAL, "")
        if matcher.op is MatchOp.EQUAL and own.get(matcher.name) == matcher.value and matcher.value
        else matcher
        for matcher in matchers
    )
