"""Snappy's raw block format, as remote write and Loki's push use it (not the framed format)."""

from __future__ import annotations

from cramjam import DecompressionError
from cramjam import snappy as codec

from appliance.base.errors import BadInput, TooLarge


def decompress(body: bytes, *, limit: int) -> bytes:
    """The decompressed body.

    Args:
        body: One raw block.
        limit: The largest acceptable decompressed size, in bytes; checked before decompressing.

    Raises:
        TooLarge: The block says that it is larger than the limit.
        BadInput: Not a snappy block, or a damaged one.
    """
    try:
        size = codec.decompress_raw_len(body)
        if size > limit:
            raise TooLarge(
                f"decompressed body of {size} bytes exceeds the limit of {limit} bytes"
                " (limits.decompressed_bytes)",
                limit="limits.decompressed_bytes",
            )
        return bytes(codec.decompress_raw(body))
    except DecompressionError as error:
        raise BadInput(f"body is not a raw snappy block: {error}") from error


def compress(data: bytes) -> bytes:
    """One raw block."""
    return bytes(codec.compress_raw(data))
