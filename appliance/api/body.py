"""Request bodies: size limits, decompression and form parameters.

Servers run with `auto_decompress` off (see `http.make_runner`), so that bodies are decompressed
here: bounded, complete or refused, and in a worker thread when they are large.

Invariant: no more than `decompressed_bytes` of a body are ever in memory.
"""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from appliance.base.errors import BadInput, TooLarge
from appliance.base.tasks import run
from appliance.base.zstd import Decompressor, ZstdError

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP_WINDOW = 31
_INLINE_BYTES = 16 << 10
#: Pieces in which gzip is read: what follows a member is copied, so it has to be little.
_CHUNK_BYTES = 64 << 10
_MAX_MEMBERS = 10_000
#: A sender may pause this long, and has to be faster than this in the long run.
_PATIENCE_SECONDS = 30.0
_MIN_BYTES_PER_SECOND = 16 << 10
_CUT_OFF = "request body cannot be decompressed: it is cut off"
_FORM = "application/x-www-form-urlencoded"
_FORM_METHODS = {"POST", "PUT", "PATCH"}


async def read_body(
    request: web.Request,
    *,
    body_bytes: int,
    decompressed_bytes: int,
    raw: frozenset[str],
    hold: Callable[[int], None],
) -> bytes:
    """The body, decompressed.

    Args:
        body_bytes: Limit of what is sent.
        decompressed_bytes: Limit of what it becomes.
        raw: Encodings that the handler decodes itself, such as `snappy`.
        hold: Told of bytes before they are kept; raises when all bodies together are too much.

    Raises:
        TooLarge: One of the limits.
        BadInput: Not what `Content-Encoding` says, or cut off.
        web.HTTPUnsupportedMediaType: An encoding we do not know.
        web.HTTPRequestTimeout: It came too slowly, so that it would hold a slot for long.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    body = await _receive(request, body_bytes, hold)
    if encoding in {"", "identity"} or encoding in raw:
        return body
    decompress = _DECOMPRESSORS.get(encoding)
    if decompress is None:
        known = ", ".join(sorted({*_DECOMPRESSORS, *raw}))
        raise web.HTTPUnsupportedMediaType(
            text=f'Content-Encoding "{encoding}" not supported; use {known}'
        )
    is_large = len(body) >= _INLINE_BYTES
    found = await run(decompress, body, decompressed_bytes, offloaded=is_large)
    hold(len(found))
    return found


async def _receive(request: web.Request, limit: int, hold: Callable[[int], None]) -> bytes:
    if (request.content_length or 0) > limit:
        raise _too_large("request body", limit, "limits.body_bytes")
    chunks: list[bytes] = []
    size = 0
    now = asyncio.get_running_loop().time
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS) as patience:
            while chunk := await request.content.readany():
                size += len(chunk)
                if size > limit:
                    raise _too_large("request body", limit, "limits.body_bytes")
                hold(len(chunk))
                chunks.append(chunk)
                longer = (patience.when() or 0.0) + len(chunk) / _MIN_BYTES_PER_SECOND
                patience.reschedule(min(longer, now() + _PATIENCE_SECONDS))
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(
            text=f"request body came too slowly: {size} bytes so far"
        ) from error
    return b"".join(chunks)


def _too_large(what: str, limit: int, setting: str) -> TooLarge:
    return TooLarge(f"{what} is larger than the limit of {limit} bytes ({setting})", limit=setting)


def _gunzip(body: bytes, limit: int) -> bytes:
    """All members of a gzip file, zeros between them skipped."""
    parts: list[bytes] = []
    view = memoryview(body)
    at = size = members = 0
    while at < len(body) or not members:
        members += 1
        if members > _MAX_MEMBERS:
            raise BadInput(f"request body has more than {_MAX_MEMBERS} gzip members")
        stream = zlib.decompressobj(_GZIP_WINDOW)
        while not stream.eof:
            window = view[at : at + _CHUNK_BYTES]
            if not window:
                raise BadInput(_CUT_OFF)
            parts.append(_decompress(stream, window, limit - size, whole_limit=limit))
            size += len(parts[-1])
            at += len(window) - len(stream.unused_data)
        at = _without_zeros(body, at)
    return b"".join(parts)


def _without_zeros(body: bytes, at: int) -> int:
    """Where the zeros that start at `at` end."""
    while window := body[at : at + _CHUNK_BYTES]:
        rest = window.lstrip(b"\0")
        at += len(window) - len(rest)
        if rest:
            break
    return at


def _deflate(body: bytes, limit: int) -> bytes:
    """RFC 1950, or the bare stream that some clients send."""
    has_header = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
    stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    return _inflate(stream, body, limit)


def _inflate(stream: Any, body: bytes, limit: int) -> bytes:
    found = _decompress(stream, body, limit)
    if not stream.eof:
        raise BadInput(_CUT_OFF)
    return found


def _decompress(
    stream: Any, piece: bytes | memoryview, limit: int, *, whole_limit: int | None = None
) -> bytes:
    """Decompress one piece, of which `limit` may come; all pieces have `whole_limit` together."""
    try:
        found: bytes = stream.decompress(piece, limit + 1)
    except zlib.error as error:
        raise BadInput(f"request body cannot be decompressed: {error}") from error
    if len(found) > limit:
        told = limit if whole_limit is None else whole_limit
        raise _too_large("decompressed body", told, "limits.decompressed_bytes")
    return found


def _unzstd(body: bytes, limit: int) -> bytes:
    stream = Decompressor()
    try:
        found = stream.decompress(body, max_length=limit + 1)
    except ZstdError as error:
        raise BadInput(f"request body cannot be decompressed: {error}") from error
    if len(found) > limit:
        raise _too_large("decompressed body", limit, "limits.decompressed_bytes")
    if not stream.eof:
        raise BadInput(_CUT_OFF)
    return found


def _unlz4(body: bytes, limit: int) -> bytes:
    """One LZ4 frame."""
    from cramjam import DecompressionError, lz4  # noqa: PLC0415 - seldom

    # No byte of a frame becomes more than 255; the room that is not used takes no memory.
    room = bytearray(min(limit, 255 * len(body)))
    try:
        size = lz4.decompress_into(body, room)
    except DecompressionError as error:
        if "whole buffer" in str(error):
            raise _too_large("decompressed body", limit, "limits.decompressed_bytes") from error
        raise BadInput(f"request body cannot be decompressed: {error}") from error
    return bytes(memoryview(room)[:size])


_DECOMPRESSORS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "zstd": _unzstd,
    "lz4": _unlz4,
}


def is_form(request: web.Request) -> bool:
    """Whether parameters may be in the body."""
    return request.method in _FORM_METHODS and request.content_type == _FORM


def form_parameters(body: bytes, query: MultiDict[str]) -> MultiDict[str]:
    """Parameters of a form, then those of the URL (as Go's `FormValue`: the form wins).

    Raises:
        BadInput: Not a form.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
    except ValueError as error:
        raise BadInput(f"form cannot be read: {error}") from error
    found = MultiDict(pairs)
    found.extend(query)
    return found
