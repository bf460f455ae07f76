"""logproto.PushRequest to streams (Loki, pkg/push/push.proto).

An entry is a time, a line and, seldom, metadata, in this order. Where the fields of an entry begin
is computed for all entries of a request together; the few that are written in another way are left
to the protobuf library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.log import MetadataColumn, PlainLines, offsets_of
from appliance.wire.loki_labels import parse_labels
from appliance.wire.loki_streams import PushedStreams
from appliance.wire.messages.loki_push_pb2 import Entry, ShallowRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.log import Metadata, StreamBatch

_MAX_NS = 2**63 - 1
#: Seconds that times may have; nanos, an int32, may add up to two.
_MAX_SECONDS = _MAX_NS // 10**9 - 3
#: Tags of an entry's fields and of a timestamp's: a field's number and its kind.
_TIMESTAMP, _LINE, _METADATA, _SECONDS, _NANOS = 0x0A, 0x12, 0x1A, 0x08, 0x10
#: Bytes that the seconds take, from 2^28 (1978) until 2^35.
_SECOND_BYTES = 5
#: The most that an entry has before its line, and a reserve to look beyond the last one.
_HEAD_BYTES = 24


def decode_push_protobuf(body: bytes) -> list[StreamBatch]:
    """Read a logproto.PushRequest.

    Bytes of a line that are no UTF-8 become U+FFFD.

    Args:
        body: Already decompressed.

    Returns:
        One batch per set of labels; a stream without entries is a batch without any.

    Raises:
        BadInput: Not such a message, or labels that cannot be read.
    """
    try:
        request = ShallowRequest.FromString(body)
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf PushRequest: {error}") from error
    streams = [
        (parse_labels(stream.labels.decode("utf-8", "replace")), list(stream.entries))
        for stream in request.streams
    ]
    entries = _decode([entry for _, items in streams for entry in items])
    found = PushedStreams()
    start = 0
    for labels, items in streams:
        end = start + len(items)
        metadata = entries.metadata[start:end]
        found.add(
            labels,
            entries.times[start:end],
            PlainLines.of(_repaired(entries.lines[start:end])),
            MetadataColumn.of(metadata) if any(metadata) else None,
        )
        start = end
    return found.batches()


@dataclass(frozen=True, slots=True)
class _Entries:
    """Decoded entries: int64[entry], [entry], [entry]."""

    times: NDArray[np.int64]
    lines: list[bytes]
    metadata: list[Metadata]


@dataclass(frozen=True, slots=True)
class _Heads:
    """Where the parts of entries are, for those that are written in the usual way.

    Attributes:
        usual: bool[entry].
        times: int64[entry], nanoseconds.
        starts, ends: int64[entry], of the lines.
    """

    usual: NDArray[np.bool_]
    times: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


def _decode(encoded: list[bytes]) -> _Entries:
    if not encoded:
        return _Entries(np.empty(0, dtype=np.int64), [], [])
    text = b"".join([*encoded, bytes(_HEAD_BYTES)])
    bounds = offsets_of(np.fromiter(map(len, encoded), np.int64, len(encoded)))
    heads = _find(np.frombuffer(text, np.uint8), bounds)
    pairs = zip(heads.starts.tolist(), heads.ends.tolist(), strict=True)
    lines = [text[start:end] for start, end in pairs]
    metadata: list[Metadata] = [()] * len(lines)
    known: dict[bytes, Metadata] = {}
    for row in np.flatnonzero(heads.usual & (heads.ends < bounds[1:])).tolist():
        rest = text[int(heads.ends[row]) : int(bounds[row + 1])]
        pairs_of_rest = known.get(rest)
        if pairs_of_rest is None:
            pairs_of_rest = known[rest] = _pairs(_parsed(rest).structured_metadata)
        metadata[row] = pairs_of_rest
    for row in np.flatnonzero(~heads.usual).tolist():
        entry = _parsed(encoded[row])
        heads.times[row] = _time(entry.timestamp.seconds, entry.timestamp.nanos)
        lines[row], metadata[row] = entry.line, _pairs(entry.structured_metadata)
    return _Entries(heads.times, lines, metadata)


def _find(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> _Heads:
    """Find the parts of entries.

    Args:
        data: uint8[…]: entries one after another, and `_HEAD_BYTES` more.
        bounds: int64[entry + 1]: where each begins, and the end.
    """
    first, last = bounds[:-1], bounds[1:]
    # By byte and entry, so that one operation has the same byte of all entries side by side.
    head = data[first + np.arange(_HEAD_BYTES)[:, None]].astype(np.int64)
    nano_bytes = head[1] - (1 + _SECOND_BYTES)
    usual = (head[0] == _TIMESTAMP) & (head[2] == _SECONDS)
    usual &= (nano_bytes == 0) | ((nano_bytes > 1) & (nano_bytes <= 6) & (head[8] == _NANOS))
    seconds = _varint(head[3:8], _SECOND_BYTES, usual)
    nanos = _varint(head[9:14], nano_bytes - 1, usual)
    # Behind the timestamp: the line's tag, its length, itself.
    at = first + np.where(usual, 2 + head[1], 0)
    usual &= data[at] == _LINE
    size_head = data[at + np.arange(1, 5)[:, None]].astype(np.int64)
    size_bytes = 1 + np.argmin(size_head >= 0x80, axis=0)
    starts = at + 1 + size_bytes
    ends = starts + _varint(size_head, size_bytes, usual)
    usual &= ends <= last
    usual &= (ends == last) | (data[np.minimum(ends, len(data) - 1)] == _METADATA)
    return _Heads(
        usual, seconds * 10**9 + nanos, np.where(usual, starts, 0), np.where(usual, ends, 0)
    )


def _varint(
    columns: NDArray[np.int64], lengths: NDArray[np.int64] | int, usual: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Numbers of so many bytes, up to as many as there are columns: int64[row].

    Args:
        columns: int64[byte, row].
        lengths: int64[row], or the same for all.
        usual: bool[row]; becomes false where a number does not end where it should.
    """
    values = np.zeros(columns.shape[1], dtype=np.int64)
    for place, column in enumerate(columns):
        more = column >= 0x80
        outside = place >= lengths
        usual &= outside | (more == (place < lengths - 1))
        values += np.where(outside, 0, (column & 0x7F) << (7 * place))
    return values


def _parsed(encoded: bytes) -> Any:
    try:
        return Entry.FromString(encoded)
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf PushRequest: {error}") from error


def _time(seconds: int, nanos: int) -> int:
    """A google.protobuf.Timestamp as nanoseconds."""
    if not -_MAX_SECONDS <= seconds <= _MAX_SECONDS:
        raise BadInput(f"a timestamp of {seconds} s is out of range")
    return seconds * 10**9 + nanos


def _repaired(lines: list[bytes]) -> list[bytes]:
    """Lines in valid UTF-8."""
    try:
        b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return [line.decode("utf-8", "replace").encode() for line in lines]
    return lines


def _pairs(pairs: Sequence[Any]) -> Metadata:
    found = {
        pair.name.decode("utf-8", "replace"): pair.value.decode("utf-8", "replace")
        for pair in pairs
    }
    return tuple(sorted(found.items()))
