"""Encoding of Loki's push requests (Loki 3, `logproto.PushRequest`), to be sent to another Loki."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.wire.loki_labels import print_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.log import StreamBatch

_NS = 10**9


def encode_push(streams: Sequence[StreamBatch]) -> bytes:
    """A request in protobuf, not yet compressed."""
    from appliance.wire.messages import loki_push_pb2 as pb  # noqa: PLC0415 - protobuf

    request = pb.PushRequest()
    for batch in streams:
        stream = request.streams.add(labels=print_labels(batch.labels).encode())
        times = batch.timestamps_ns.tolist()
        metadata = batch.metadata or [()] * len(times)
        for time_ns, line, pairs in zip(times, batch.lines, metadata, strict=True):
            entry = stream.entries.add(line=line)
            entry.timestamp.seconds, entry.timestamp.nanos = divmod(time_ns, _NS)
            for name, value in pairs:
                entry.structured_metadata.add(name=name.encode(), value=value.encode())
    body: bytes = request.SerializeToString()
    return body
