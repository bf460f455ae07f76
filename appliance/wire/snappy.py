"""Snappy's raw block format, as remote write and Loki's push use it (not the framed format)."""

from __future__ import annotations

import functools

from cramjam import DecompressionError
from cramjam import snappy as codec

from appliance.base.errors import BadInput, TooLarge

#: The framed format: the most a chunk holds, where the first one's checksum is, how it is masked.
_FRAME_BYTES = 64 << 10
_CRC_AT = 14
_CRC_MASK = 0xA282EAD8


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


def crc32c(data: bytes) -> int:
    """The CRC-32 (Castagnoli) of some bytes.

    The framed format has one, masked, for each 64 KiB, computed at native speed.
    """
    if len(data) > _FRAME_BYTES:
        return _slow_crc32c(data)
    framed = bytes(codec.compress(data))
    masked = int.from_bytes(framed[_CRC_AT : _CRC_AT + 4], "little")
    rotated = (masked - _CRC_MASK) & 0xFFFFFFFF
    return ((rotated >> 17) | (rotated << 15)) & 0xFFFFFFFF if data else 0


def _slow_crc32c(data: bytes) -> int:
    found = 0xFFFFFFFF
    table = _crc_table()
    for byte in data:
        found = table[(found ^ byte) & 0xFF] ^ (found >> 8)
    return found ^ 0xFFFFFFFF


@functools.cache
def _crc_table() -> tuple[int, ...]:
    found = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        found.append(value)
    return tuple(found)
