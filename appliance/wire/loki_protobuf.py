"""logproto.PushRequest to streams (Loki, pkg/push/push.proto)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.log import MetadataColumn, PlainLines
from appliance.wire.loki_labels import parse_labels
from appliance.wire.loki_streams import PushedStreams
from appliance.wire.messages.loki_push_pb2 import PushRequest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.log import Metadata, StreamBatch

_MAX_NS = 2**63 - 1


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
        request = PushRequest.FromString(body)
    except DecodeError as error:
        raise BadInput(f"body is not a protobuf PushRequest: {error}") from error
    found = PushedStreams()
    for stream in request.streams:
        labels = parse_labels(stream.labels.decode("utf-8", "replace"))
        entries = list(stream.entries)
        metadata = None
        if any(entry.structured_metadata for entry in entries):
            metadata = MetadataColumn.of([_pairs(entry.structured_metadata) for entry in entries])
        lines = PlainLines.of(_repaired([entry.line for entry in entries]))
        found.add(labels, _times([entry.timestamp for entry in entries]), lines, metadata)
    return found.batches()


def _times(stamps: list[Any]) -> NDArray[np.int64]:
    """google.protobuf.Timestamp values as nanoseconds: int64[entry]."""
    seconds = np.array([stamp.seconds for stamp in stamps], dtype=np.int64)
    nanos = np.array([stamp.nanos for stamp in stamps], dtype=np.int64)
    limit = _MAX_NS // 10**9 - 3  # nanos, an int32, may add up to two seconds
    beyond = (seconds > limit) | (seconds < -limit)
    if beyond.any():
        raise BadInput(f"a timestamp of {seconds[beyond][0]} s is out of range")
    return seconds * 10**9 + nanos


def _repaired(lines: list[bytes]) -> list[bytes]:
    """Lines in valid UTF-8."""
    try:
        b"\n".join(lines).decode()
    except UnicodeDecodeError:
        return [line.decode("utf-8", "replace").encode() for line in lines]
    return lines


def _pairs(pairs: Any) -> Metadata:
    found = {
        pair.name.decode("utf-8", "replace"): pair.value.decode("utf-8", "replace")
        for pair in pairs
    }
    return tuple(sorted(found.items()))
