"""Answers of Prometheus' API: small ones at once, large ones in pieces as they are printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api import streamed
from appliance.model.value import Annotations, QueryResult
from appliance.wire.api_json import success
from appliance.wire.api_stream import answer_parts

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """A result, and the statistics that were asked for."""

    result: QueryResult
    stats: dict[str, object] | None = None


def answer(body: bytes) -> web.Response:
    """A JSON answer that is encoded already."""
    return web.Response(body=body, content_type="application/json")


def truncated(items: Sequence[object], limit: int) -> web.Response:
    """A list, cut to `limit` with a warning; 0 means all."""
    if 0 < limit < len(items):
        warnings = Annotations(warnings=("results truncated due to limit",))
        return answer(success(items[:limit], warnings))
    return answer(success(items))


async def respond(request: web.Request, found: QueryAnswer) -> web.StreamResponse:
    """A query's answer, printed in a worker thread."""
    return await streamed.send(request, answer_parts(found.result, found.stats), "application/json")
