"""How the columns of a sealed block lie in their blobs: a pair of functions for each kind.

Every blob is made of `store/codec.py` blobs, which carry checksums. Rows are sorted by trace id,
then start.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.model.trace import Dictionary, Traces
from appliance.store.codec import (
    Damaged,
    decode_array,
    decode_bytes,
    decode_list,
    encode_array,
    encode_bytes,
    encode_list,
)
from appliance.store.traces.table import offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Ordinals of the fixed columns.
FIXED = {
    "trace_id": 0,
    "span_id": 1,
    "parent_id": 2,
    "start_ns": 3,
    "duration_ns": 4,
    "kind": 5,
    "status": 6,
    "name": 7,
    "service": 8,
    "resource": 9,
    "scope": 10,
    "lengths": 11,
    "other_keys": 12,
    # What follows is not there in blocks of the first release.
    "status_message": 13,
    "event": 14,
    "event_name": 15,
    "link": 16,
    "event_other_keys": 17,
    "link_other_keys": 18,
}
#: First ordinals of attribute columns; the frames with the spans' bytes come after them.
FIRST_ATTRIBUTE = {"span": 32, "event": 0x4000, "link": 0x8000}
FIRST_FRAME = 0xC000
#: Columns that list the keys without a column.
OTHER_KEYS = {"span": "other_keys", "event": "event_other_keys", "link": "link_other_keys"}
#: Most attribute columns of one kind.
MAX_COLUMNS = 0x4000 - 32
#: Bytes of spans in a frame, before compression.
FRAME_BYTES = 256 << 10

#: Marks in a parent column; other codes are distances in rows to the parent.
_ROOT, _ELSEWHERE = 2**31 - 1, 2**31 - 2


def column_id(block: int, ordinal: int) -> int:
    """The key of a column in `block_column`."""
    return block << 16 | ordinal


def traces_of(trace_ids: NDArray[np.uint8]) -> Traces:
    """The distinct traces of sorted ids, uint8[span, 16]."""
    is_first = np.ones(len(trace_ids), np.bool_)
    is_first[1:] = (trace_ids[1:] != trace_ids[:-1]).any(axis=1)
    starts = np.flatnonzero(is_first)
    return Traces(trace_ids[starts], np.append(starts, len(trace_ids)))


def encode_traces(traces: Traces) -> bytes:
    """The trace id column."""
    counts = np.diff(traces.offsets).astype(np.uint32)
    return join([encode_bytes(traces.ids.tobytes()), encode_array(counts)])


def decode_traces(blob: bytes) -> Traces:
    """See `encode_traces`."""
    ids, counts = split(blob, 2)
    unique = np.frombuffer(decode_bytes(ids), np.uint8).reshape(-1, 16)
    return Traces(unique, offsets_of(decode_array(counts)))


def encode_starts(starts: NDArray[np.int64], traces: Traces) -> bytes:
    """Start times: the first of each trace, then differences from span to span (modulo 2^64)."""
    firsts = traces.offsets[:-1]
    deltas = np.diff(starts, prepend=starts[:1])
    deltas[firsts] = 0
    return join([encode_array(starts[firsts]), encode_array(deltas)])


def decode_starts(blob: bytes, traces: Traces) -> NDArray[np.int64]:
    """See `encode_starts`."""
    bases, deltas = map(decode_array, split(blob, 2))
    sums = np.cumsum(deltas)
    shifted: NDArray[np.int64] = sums + traces.spread(bases - sums[traces.offsets[:-1]])
    return shifted


def encode_parents(parents: NDArray[np.uint64], span_ids: NDArray[np.uint64]) -> bytes:
    """Parent ids: most are in the block, so that a distance in rows tells them."""
    order = np.argsort(span_ids, kind="stable")
    places = np.searchsorted(span_ids[order], parents)
    rows = order[np.minimum(places, len(order) - 1)]
    codes = (np.arange(len(parents)) - rows).astype(np.int32)
    here = span_ids[rows] == parents
    codes[~here] = _ELSEWHERE
    codes[parents == 0] = _ROOT
    return join([encode_array(codes), encode_array(parents[codes == _ELSEWHERE])])


def decode_parents(blob: bytes, span_ids: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """See `encode_parents`."""
    codes, elsewhere = map(decode_array, split(blob, 2))
    rows = np.arange(len(codes)) - codes
    parents: NDArray[np.uint64] = span_ids[np.clip(rows, 0, len(codes) - 1)]
    parents[codes == _ROOT] = 0
    parents[codes == _ELSEWHERE] = elsewhere
    return parents


def encode_coded(column: Dictionary) -> bytes:
    """A dictionary-coded column of text or bytes; values nobody uses are left out."""
    used, ids = np.unique(column.ids, return_inverse=True)
    values = [column.values[number] for number in used.tolist() if number >= 0]
    raw = [value.encode() if isinstance(value, str) else value for value in values]
    shift = 0 if len(used) and used[0] < 0 else 1  # code 0 means none
    codes = encode_numbers(ids.reshape(-1) + shift)
    return join([codes, encode_list([one for one in raw if isinstance(one, bytes)])])


def decode_coded(blob: bytes, *, text: bool) -> Dictionary:
    """See `encode_coded`."""
    ids, values = split(blob, 2)
    items = decode_list(values)
    listed = [item.decode() for item in items] if text else items
    return Dictionary(decode_array(ids).astype(np.int32) - np.int32(1), listed)


def encode_numbers(numbers: NDArray[Any]) -> bytes:
    """Small non-negative numbers: the smaller of pcodec (for scattered ones) and zstd (repeats)."""
    scattered = encode_array(numbers.astype(np.uint32))
    if not len(numbers) or numbers.max() > 0xFFFF:
        return scattered
    narrow = np.uint8 if numbers.max() <= 0xFF else np.uint16
    repeats = encode_array(numbers.astype(narrow))
    return min(scattered, repeats, key=len)


def join(parts: Sequence[bytes]) -> bytes:
    """Some blobs as one."""
    lengths = struct.pack(f"<{len(parts)}I", *map(len, parts))
    return lengths + b"".join(parts)


def split(blob: bytes, count: int) -> list[bytes]:
    """The blobs that `join` made one.

    Raises:
        Damaged: They are not that long.
    """
    if len(blob) < 4 * count:
        raise Damaged(f"column of {len(blob)} bytes is too short")
    ends = offsets_of(np.frombuffer(blob, "<u4", count)) + 4 * count
    if ends[-1] != len(blob):
        raise Damaged(f"column has {len(blob)} bytes, not {ends[-1]}")
    return [blob[ends[number] : ends[number + 1]] for number in range(count)]
