"""The spans' own bytes in a sealed block: what the columns already say is left out.

Senders write fields in the order of their numbers (trace.proto, Span), so nearly every span begins
with ids, name, kind and times in one canonical form. Where it does, only the rest is kept, and a
read puts the beginning back from the columns; otherwise the span is kept whole. Exact either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.store.codec import decode_array, encode_array, encode_bytes
from appliance.store.traces.sealed.layout import FRAME_BYTES, join, split
from appliance.store.traces.table import Columns, offsets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Lengths:
    """Where spans lie in the frames.

    Attributes:
        offsets: int64[span + 1], positions in all frames joined.
        is_rest: bool[span], whether the canonical beginning was left out.
        frames: int64[span], which frame holds a span; a span is never split.
    """

    offsets: NDArray[np.int64]
    is_rest: NDArray[np.bool_]
    frames: NDArray[np.int64]


def canonical_beginnings(columns: Columns) -> list[bytes]:
    """The first fields of each span (trace_id to end_time_unix_nano) as most senders write them."""
    count = len(columns)
    numbers = columns.numbers
    ids = np.empty((count, 28), np.uint8)
    ids[:, :2], ids[:, 18:20] = (0x0A, 16), (0x12, 8)
    ids[:, 2:18] = columns.trace_ids
    ids[:, 20:] = _bytes_of(numbers["span_id"], ">u8")
    parents = np.empty((count, 10), np.uint8)
    parents[:, :2] = (0x22, 8)
    parents[:, 2:] = _bytes_of(numbers["parent_id"], ">u8")
    times = np.empty((count, 18), np.uint8)
    times[:, 0], times[:, 9] = 0x39, 0x41
    times[:, 1:9] = _bytes_of(numbers["start_ns"], "<i8")
    times[:, 10:] = _bytes_of(numbers["start_ns"] + numbers["duration_ns"], "<i8")
    names = columns.coded["name"]
    named = [*(_name_field(name) for name in names.values), b""]  # the last one: id -1, no name
    kinds = [b"", *(bytes([0x30, kind]) for kind in range(1, 256))]
    return [
        head + (parent if is_child else b"") + named[name] + kinds[kind] + time
        for head, parent, is_child, name, kind, time in zip(
            _rows(ids),
            _rows(parents),
            (numbers["parent_id"] != 0).tolist(),
            names.ids.tolist(),
            numbers["kind"].tolist(),
            _rows(times),
            strict=True,
        )
    ]


def encode_spans(columns: Columns, spans: Sequence[bytes]) -> tuple[bytes, list[bytes]]:
    """The spans of a block: (the lengths column, the frames)."""
    rests: list[bytes] = []
    is_rest: list[bool] = []
    for span, beginning in zip(spans, canonical_beginnings(columns), strict=True):
        fits = span.startswith(beginning)
        is_rest.append(fits)
        rests.append(span[len(beginning) :] if fits else span)
    lengths = np.fromiter(map(len, rests), np.uint32, len(rests))
    flags = np.array(is_rest, np.uint8)
    bounds = np.flatnonzero(np.diff(_frames(offsets_of(lengths)), prepend=-1)).tolist()
    frames = [
        encode_bytes(b"".join(rests[start:end]))
        for start, end in zip(bounds, [*bounds[1:], len(rests)], strict=True)
    ]
    return join([encode_array(lengths), encode_array(flags)]), frames


def decode_lengths(blob: bytes) -> Lengths:
    """See `encode_spans`."""
    lengths, flags = map(decode_array, split(blob, 2))
    offsets = offsets_of(lengths)
    return Lengths(offsets, flags.astype(np.bool_), _frames(offsets))


def _frames(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Frame of each span: those that begin in the same stretch of `FRAME_BYTES`."""
    stretches = offsets[:-1] // FRAME_BYTES
    changes = np.diff(stretches, prepend=stretches[:1]) != 0
    return np.cumsum(changes)


def _bytes_of(values: NDArray[Any], form: str) -> NDArray[np.uint8]:
    return values.astype(form).view(np.uint8).reshape(-1, 8)


def _rows(table: NDArray[np.uint8]) -> list[bytes]:
    width = table.shape[1]
    joined = table.tobytes()
    return [joined[start : start + width] for start in range(0, len(joined), width)]


def _name_field(name: object) -> bytes:
    raw = str(name).encode()
    if not raw:
        return b""
    length, size = b"", len(raw)
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return b"\x2a" + length + bytes([size]) + raw
