"""Zstandard, from the standard library where it has it."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

compress = zstd.compress
decompress = zstd.decompress
Decompressor = zstd.ZstdDecompressor
ZstdError = zstd.ZstdError

__all__ = ["Decompressor", "ZstdError", "compress", "decompress"]
