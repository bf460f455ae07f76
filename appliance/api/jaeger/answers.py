"""How the API answers: work in a worker thread, then one of its envelopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from aiohttp import web

from appliance.api.request import run_query

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.sources import Guard

    #: Data, errors.
    Found = tuple[list[object], list[object] | None]

_JSON = "application/json"


def is_pretty(request: web.Request) -> bool:
    """Whether the answer shall have line breaks."""
    return request.query.get("prettyPrint", "") not in {"", "false"}


async def answer(
    request: web.Request, find: Callable[[Guard], list[object]], *, counted: bool = False
) -> web.Response:
    """An answer without errors.

    Args:
        counted: Whether `total` says how many items there are.
    """
    return await answer_found(request, lambda guard: (find(guard), None), counted=counted)


async def answer_found(
    request: web.Request, find: Callable[[Guard], Found], *, counted: bool = False
) -> web.Response:
    """The same where a part may be missing."""
    pretty = is_pretty(request)

    def encode(guard: Guard) -> bytes:
        from appliance.wire.jaeger import page_json  # noqa: PLC0415 - protobuf

        data, errors = find(guard)
        total = len(data) if counted else 0
        return page_json.encode(data, total=total, errors=errors, is_pretty=pretty)

    return await answer_bytes(request, encode)


def compact(part: object, guard: Guard, *, pretty: bool = False) -> orjson.Fragment:
    """A part of an answer as its JSON: as objects it takes many times as much memory.

    Raises:
        LimitExceeded: As the guard says, which counts it as what was read.
    """
    encoded = orjson.dumps(part, option=orjson.OPT_INDENT_2 if pretty else 0)
    guard.add_bytes(len(encoded))
    return orjson.Fragment(encoded)


async def answer_bytes(request: web.Request, encode: Callable[[Guard], bytes]) -> web.Response:
    """JSON that a worker thread makes."""
    return web.Response(body=await run_query(request, encode), content_type=_JSON)
