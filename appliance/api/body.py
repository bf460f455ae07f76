"""Request bodies: size limits, decompression and form parameters.

Servers run with `auto_decompress` off (see `http.make_runner`), so that bodies are decompressed
here: bounded, complete or refused, and in a worker thread when they are large.

Invariant: no more than `decompressed_bytes` of a body are ever in memory.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from appliance.base.errors import BadInput, TooLarge
from appliance.base.tasks import offload
from appliance.base.zstd import Decompressor, ZstdError

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP_WINDOW = 31
_INLINE_BYTES = 16 << 10
_CHUNK_BYTES = 1 << 20
_FORM = "application/x-www-form-urlencoded"
_FORM_METHODS = {"POST", "PUT", "PATCH"}


async def read_body(
    request: web.Request, *, body_bytes: int, decompressed_bytes: int, raw: frozenset[str]
) -> bytes:
    """The body, decompressed.

    Args:
        body_bytes: Limit of what is sent.
        decompressed_bytes: Limit of what it becomes.
        raw: Encodings that the handler decodes itself, such as `snappy`.

    Raises:
        TooLarge: One of the limits.
        BadInput: Not what `Content-Encoding` says, or cut off.
        web.HTTPUnsupportedMediaType: An encoding we do not know.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    body = await _receive(request, body_bytes)
    if encoding in {"", "identity"} or encoding in raw:
        return body
    decompress = _DECOMPRESSORS.get(encoding)
    if decompress is None:
        known = ", ".join(sorted({*_DECOMPRESSORS, *raw}))
        raise web.HTTPUnsupportedMediaType(
            text=f'Content-Encoding "{encoding}" not supported; use {known}'
        )
    if len(body) < _INLINE_BYTES:
        return decompress(body, decompressed_bytes)
    return await offload(decompress, body, decompressed_bytes)


async def _receive(request: web.Request, limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        raise _too_large("request body", limit, "limits.body_bytes")
    chunks: list[bytes] = []
    size = 0
    while chunk := await request.content.readany():
        size += len(chunk)
        if size > limit:
            raise _too_large("request body", limit, "limits.body_bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(what: str, limit: int, setting: str) -> TooLarge:
    return TooLarge(f"{what} is larger than the limit of {limit} bytes ({setting})", limit=setting)


def _gunzip(body: bytes, limit: int) -> bytes:
    """All members of a gzip file."""
    parts: list[bytes] = []
    rest = body
    while rest or not parts:
        stream = zlib.decompressobj(_GZIP_WINDOW)
        parts.append(_inflate(stream, rest, limit - sum(map(len, parts))))
        rest = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _deflate(body: bytes, limit: int) -> bytes:
    """RFC 1950, or the bare stream that some clients send."""
    has_header = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
    stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    return _inflate(stream, body, limit)


def _inflate(stream: Any, body: bytes, limit: int) -> bytes:
    try:
        found: bytes = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadInput(f"request body cannot be decompressed: {error}") from error
    if len(found) > limit:
        raise _too_large("decompressed body", limit, "limits.decompressed_bytes")
    if not stream.eof:
        raise BadInput("request body cannot be decompressed: it is cut off")
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
        raise BadInput("request body cannot be decompressed: it is cut off")
    return found


_DECOMPRESSORS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "zstd": _unzstd,
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
