"""Answers whose text comes in pieces: small ones at once, large ones as they are printed."""

from __future__ import annotations

import itertools
import zlib
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Larger answers are sent in pieces, so that no more than some pieces are in memory.
_AT_ONCE_BYTES = 4 << 20
_GZIP_LEVEL = 5


async def send(
    request: web.Request, parts: Iterator[bytes], content_type: str
) -> web.StreamResponse:
    """An answer of pieces, which are made in a worker thread.

    Args:
        content_type: As the header has it, parameters included.
    """
    body, is_whole = await offload(partial(_begin, parts))
    if is_whole:
        return web.Response(body=body, headers={"Content-Type": content_type})
    response = web.StreamResponse(headers={"Content-Type": content_type})
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
