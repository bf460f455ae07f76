"""Answers of Prometheus' API: small ones at once, large ones in pieces as they are printed."""

from __future__ import annotations

import itertools
import zlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.base.tasks import offload
from appliance.model.value import Annotations, QueryResult
from appliance.wire.api_json import success
from appliance.wire.api_stream import answer_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Larger answers are sent in pieces, so that no more than some pieces are in memory.
_AT_ONCE_BYTES = 4 << 20
_GZIP_LEVEL = 5


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
    parts = answer_parts(found.result, found.stats)
    body, is_whole = await offload(partial(_begin, parts))
    if is_whole:
        return answer(body)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    accepted = request.headers.get("Accept-Encoding", "")
    is_packed = "gzip" in [item.strip() for item in accepted.split(",")]
    pieces: Iterator[bytes] = itertools.chain([body], parts)
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        pieces = _gzipped(pieces)
    await response.prepare(request)
    while (piece := await offload(next, pieces, None)) is not None:
        if piece:
            await response.write(piece)
    await response.write_eof()
    return response


def _begin(parts: Iterator[bytes]) -> tuple[bytes, bool]:
    """The answer up to the bound, and whether that is all of it."""
    taken: list[bytes] = []
    size = 0
    for part in parts:
        taken.append(part)
        size += len(part)
        if size > _AT_ONCE_BYTES:
            return b"".join(taken), False
    return b"".join(taken), True


def _gzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, wbits=31)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
