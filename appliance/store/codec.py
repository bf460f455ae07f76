"""Arrays and bytes ↔ blobs: codec id, checksum, payload.

Layout of a blob: codec (u8), dtype (u8), count (u32 LE), CRC-32 of the payload (u32 LE), payload.
pcodec has no checksum and may decode damage into wrong numbers, hence the CRC.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.base import zstd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_HEADER = struct.Struct("<BBII")
_TYPE_NAMES = "int64 uint64 float64 int32 uint32 uint8 float32 int16 uint16"
_DTYPES = tuple(np.dtype(name) for name in _TYPE_NAMES.split())
_RAW, _ZSTD, _PCO, _CONSTANT = 0, 1, 2, 3
#: dtypes that pcodec takes.
_PCO_TYPES = frozenset(np.dtype(n) for n in ("int64", "uint64", "float64", "int32", "uint32"))


class Damaged(Exception):  # noqa: N818 - the house's form
    """A blob does not decode: its checksum or its form is wrong."""


def encode_array(values: NDArray[Any], *, level: int = 4) -> bytes:
    """A one-dimensional array as a blob; the smallest of constant, pcodec and zstd."""
    dtype = values.dtype
    if len(values) and (values.view(_bits(dtype)) == values.view(_bits(dtype))[0]).all():
        return _frame(_CONSTANT, dtype, len(values), values[:1].tobytes())
    if len(values) and dtype in _PCO_TYPES:
        from pcodec import ChunkConfig, standalone  # noqa: PLC0415 - lazy

        config = ChunkConfig(compression_level=level)
        payload = standalone.simple_compress(np.ascontiguousarray(values), config)
        return _frame(_PCO, dtype, len(values), payload)
    return _frame(_ZSTD, dtype, len(values), zstd.compress(values.tobytes(), 3))


def decode_array(blob: bytes, *, max_count: int | None = None) -> NDArray[Any]:
    """The array of a blob made by `encode_array`; may be read-only.

    Args:
        max_count: More values than this are damage: the count has no checksum.

    Raises:
        Damaged: Not such a blob.
    """
    codec, dtype, count, payload = _unframe(blob)
    if max_count is not None and count > max_count:
        raise Damaged(f"blob has {count} values, more than {max_count}")
    try:
        if codec == _CONSTANT:
            return np.repeat(np.frombuffer(payload, dtype), count)
        if codec == _PCO:
            from pcodec import standalone  # noqa: PLC0415 - lazy

            values = standalone.simple_decompress(payload)
        else:
            raw = _decompress(payload) if codec == _ZSTD else payload
            values = np.frombuffer(raw, dtype)
    except (ValueError, RuntimeError) as error:
        raise Damaged(f"blob does not decode: {error}") from error
    if values is None or len(values) != count:
        raise Damaged(f"blob has not the {count} values it should have")
    return np.asarray(values)


def encode_bytes(data: bytes, *, level: int = 3) -> bytes:
    """Bytes as a blob, compressed when that helps."""
    packed = zstd.compress(data, level)
    if len(packed) < len(data):
        return _frame(_ZSTD, np.dtype("uint8"), len(data), packed)
    return _frame(_RAW, np.dtype("uint8"), len(data), data)


def decode_bytes(blob: bytes) -> bytes:
    """The bytes of a blob made by `encode_bytes`.

    Raises:
        Damaged: Not such a blob.
    """
    codec, _, count, payload = _unframe(blob)
    try:
        data = _decompress(payload) if codec == _ZSTD else payload
    except ValueError as error:
        raise Damaged(f"blob does not decode: {error}") from error
    if len(data) != count:
        raise Damaged(f"blob has not the {count} bytes it should have")
    return data


def _decompress(payload: bytes) -> bytes:
    """What zstd packed; four times as fast as `base/zstd.py`, and without the interpreter's lock.

    Raises:
        ValueError: It does not decode.
    """
    import cramjam  # noqa: PLC0415 - a start without data does not need it

    try:
        return bytes(cramjam.zstd.decompress(payload))
    except cramjam.DecompressionError as error:
        raise ValueError(str(error)) from error


def encode_list(items: Sequence[bytes], *, level: int = 3) -> bytes:
    """A list of byte strings as a blob."""
    lengths = np.fromiter(map(len, items), dtype=np.uint32, count=len(items))
    head = struct.pack("<I", len(items)) + lengths.tobytes()
    return encode_bytes(head + b"".join(items), level=level)


def decode_list(blob: bytes) -> list[bytes]:
    """The list of a blob made by `encode_list`.

    Raises:
        Damaged: Not such a blob.
    """
    data = decode_bytes(blob)
    try:
        count = struct.unpack_from("<I", data)[0]
        lengths = np.frombuffer(data, np.uint32, count, 4)
    except (struct.error, ValueError) as error:
        raise Damaged(f"list does not decode: {error}") from error
    ends = (np.cumsum(lengths, dtype=np.int64) + 4 + 4 * count).tolist()
    starts = [4 + 4 * count, *ends[:-1]] if count else []
    return [data[start:end] for start, end in zip(starts, ends, strict=True)]


def _frame(codec: int, dtype: np.dtype[Any], count: int, payload: bytes) -> bytes:
    header = _HEADER.pack(codec, _DTYPES.index(dtype), count, zlib.crc32(payload))
    return header + payload


def _unframe(blob: bytes) -> tuple[int, np.dtype[Any], int, bytes]:
    if len(blob) < _HEADER.size:
        raise Damaged(f"blob of {len(blob)} bytes is too short")
    codec, kind, count, checksum = _HEADER.unpack_from(blob)
    payload = blob[_HEADER.size :]
    if zlib.crc32(payload) != checksum:
        raise Damaged("checksum mismatch")
    if kind >= len(_DTYPES) or codec > _CONSTANT:
        raise Damaged(f"unknown codec {codec} or type {kind}")
    return codec, _DTYPES[kind], count, payload


def _bits(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The unsigned type of the same width: equality of bits, so that NaN equals itself."""
    return np.dtype(f"u{dtype.itemsize}")
