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
from appliance.store.traces.table import Columns, SpanTable, offsets_of

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


@dataclass(frozen=True, slots=True)
class Rests:
    """What of some spans is kept in frames.

    Attributes:
        spans: Each without the canonical beginning, where it has one.
        is_rest: bool[span], whether it was left out.
    """

    spans: Sequence[bytes]
    is_rest: NDArray[np.bool_]


def rests_of(columns: Columns, table: SpanTable, order: NDArray[np.int64]) -> Rests:
    """The spans of a table in some order, what columns already say left out.

    Args:
        columns: Those of the table in that order.
    """
    starts, ends = table.offsets[order], table.offsets[order + 1]
    lengths = _beginning_lengths(columns, table.data, starts, ends)
    data = table.data
    cut = zip((starts + lengths).tolist(), ends.tolist(), strict=True)
    return Rests([data[start:end] for start, end in cut], lengths > 0)


def _beginning_lengths(
    columns: Columns, data: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How long each span's canonical beginning is; 0 where it begins otherwise: int64[span]."""
    fields = _FixedFields.of(columns)
    name_lengths = fields.name_lengths[columns.coded["name"].ids]
    at_parent = np.full(len(columns), fields.ids.shape[1])
    at_name = at_parent + fields.parents.shape[1] * fields.is_child
    at_kind = at_name + name_lengths
    at_times = at_kind + 2 * fields.has_kind
    lengths = at_times + fields.times.shape[1]
    fits = ends - starts >= lengths

    def is_there(offsets: NDArray[Any], wanted: NDArray[np.uint8], rows: NDArray[np.bool_]) -> None:
        chosen = np.flatnonzero(fits & rows)
        if len(chosen):
            # Strings of a fixed width are equal when all of their bytes are.
            kind = np.dtype(f"S{wanted.shape[1]}")
            places = starts[chosen] + offsets[chosen]
            windows = np.ndarray((len(data) - kind.itemsize + 1,), kind, data, strides=(1,))
            fits[chosen] &= windows[places] == wanted.view(kind).reshape(-1)[chosen]

    everywhere = np.ones(len(columns), np.bool_)
    is_there(np.zeros(len(columns), np.int64), fields.ids, everywhere)
    is_there(at_parent, fields.parents, fields.is_child)
    is_there(at_kind, fields.kinds, fields.has_kind)
    is_there(at_times, fields.times, everywhere)
    chosen = np.flatnonzero(fits)
    begins, stops = (starts + at_name)[chosen].tolist(), (starts + at_kind)[chosen].tolist()
    names = columns.coded["name"].ids[chosen].tolist()
    cut = zip(begins, stops, names, strict=True)
    fits[chosen] = [data[begin:stop] == fields.names[name] for begin, stop, name in cut]
    return np.where(fits, lengths, 0)


@dataclass(frozen=True, slots=True)
class _FixedFields:
    """The first fields of spans in their canonical form.

    Attributes:
        ids, parents, kinds, times: uint8[span, width]; parents only where `is_child`, kinds only
            where `has_kind`.
        names: By number of the name; the last one is no name at all.
    """

    ids: NDArray[np.uint8]
    parents: NDArray[np.uint8]
    kinds: NDArray[np.uint8]
    times: NDArray[np.uint8]
    names: list[bytes]
    is_child: NDArray[np.bool_]
    has_kind: NDArray[np.bool_]

    @property
    def name_lengths(self) -> NDArray[np.int64]:
        return np.array(list(map(len, self.names)), np.int64)

    @classmethod
    def of(cls, columns: Columns) -> _FixedFields:
        count, numbers = len(columns), columns.numbers
        ids = np.empty((count, 28), np.uint8)
        ids[:, :2], ids[:, 18:20] = (0x0A, 16), (0x12, 8)
        ids[:, 2:18] = columns.trace_ids
        ids[:, 20:] = _bytes_of(numbers["span_id"], ">u8")
        parents = np.empty((count, 10), np.uint8)
        parents[:, :2] = (0x22, 8)
        parents[:, 2:] = _bytes_of(numbers["parent_id"], ">u8")
        kinds = np.empty((count, 2), np.uint8)
        kinds[:, 0], kinds[:, 1] = 0x30, numbers["kind"]
        times = np.empty((count, 18), np.uint8)
        times[:, 0], times[:, 9] = 0x39, 0x41
        times[:, 1:9] = _bytes_of(numbers["start_ns"], "<i8")
        times[:, 10:] = _bytes_of(numbers["start_ns"] + numbers["duration_ns"], "<i8")
        names = [*map(_name_field, columns.coded["name"].values), b""]
        is_child, has_kind = numbers["parent_id"] != 0, numbers["kind"] != 0
        return cls(ids, parents, kinds, times, names, is_child, has_kind)


def canonical_beginnings(columns: Columns) -> list[bytes]:
    """The first fields of each span (trace_id to end_time_unix_nano) as most senders write them."""
    fields = _FixedFields.of(columns)
    return [
        head
        + (parent if is_child else b"")
        + fields.names[name]
        + (kind if has_kind else b"")
        + time
        for head, parent, is_child, name, kind, has_kind, time in zip(
            _rows(fields.ids),
            _rows(fields.parents),
            fields.is_child.tolist(),
            columns.coded["name"].ids.tolist(),
            _rows(fields.kinds),
            fields.has_kind.tolist(),
            _rows(fields.times),
            strict=True,
        )
    ]


def encode_spans(rests: Rests) -> tuple[bytes, list[bytes]]:
    """The spans of a block: (the lengths column, the frames)."""
    spans = rests.spans
    lengths = np.fromiter(map(len, spans), np.uint32, len(spans))
    bounds = np.flatnonzero(np.diff(_frames(offsets_of(lengths)), prepend=-1)).tolist()
    frames = [
        encode_bytes(b"".join(spans[start:end]))
        for start, end in zip(bounds, [*bounds[1:], len(spans)], strict=True)
    ]
    flags = rests.is_rest.astype(np.uint8)
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
