"""Zstandard, from the standard library where it has it."""

from __future__ import annotations

import sys
import threading

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

compress = zstd.compress
decompress = zstd.decompress
Decompressor = zstd.ZstdDecompressor
ZstdError = zstd.ZstdError

__all__ = ["Decompressor", "ZstdError", "compress", "compress_small", "decompress"]

_local = threading.local()


def compress_small(data: bytes) -> bytes:
    """A frame of level 3; of small texts in half the time, for the thread's compressor is kept."""
    compressor = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstd.ZstdCompressor(3)
    found: bytes = compressor.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)
    return found
