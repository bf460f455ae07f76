"""The spans' own bytes in a block."""

from __future__ import annotations

from typing import Any

import numpy as np
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from appliance.store.codec import decode_bytes
from appliance.store.traces.sealed.layout import FRAME_BYTES
from appliance.store.traces.sealed.span_bytes import (
    canonical_beginnings,
    decode_lengths,
    encode_spans,
    rests_of,
)
from appliance.store.traces.table import Columns, pack


def restore(columns: Columns, blob: bytes, frames: list[bytes]) -> list[bytes]:
    lengths = decode_lengths(blob)
    joined = b"".join(map(decode_bytes, frames))
    pieces = [
        joined[start:end]
        for start, end in zip(lengths.offsets[:-1], lengths.offsets[1:], strict=True)
    ]
    beginnings = canonical_beginnings(columns)
    return [
        beginning + piece if is_rest else piece
        for beginning, piece, is_rest in zip(beginnings, pieces, lengths.is_rest, strict=True)
    ]


def test_usual_spans_are_kept_without_their_beginning(build: Any) -> None:
    spans = [
        build.span(1, 1, name="", kind=0),
        build.span(1, 2, parent=1, name="n" * 300, attributes={"k": "v"}),
        build.span(1, 3, parent=77, status=Status(code=Status.STATUS_CODE_ERROR), flags=256),
    ]
    table = pack(build.batch(spans))
    blob, frames = encode_spans(rests_of(table.columns, table, np.arange(len(table))))
    assert decode_lengths(blob).is_rest.tolist() == [True, True, True]
    assert restore(table.columns, blob, frames) == table.spans()


def test_unusual_spans_are_kept_whole(build: Any) -> None:
    usual = build.span(1, 1)
    swapped = usual.SerializeToString()
    spans = [
        usual,
        swapped[18:28] + swapped[:18] + swapped[28:],  # the span id before the trace id
        build.span(1, 2, trace_state="a=b"),
        build.span(1, 3, start_ns=0, duration_ns=5),  # a zero is not written
        build.span(1, 4, start_ns=50, duration_ns=-20),  # ends before it starts
    ]
    table = pack(build.batch(spans))
    blob, frames = encode_spans(rests_of(table.columns, table, np.arange(len(table))))
    assert decode_lengths(blob).is_rest.tolist() == [True, False, False, False, False]
    assert restore(table.columns, blob, frames) == table.spans()


def test_span_is_never_split_between_frames(build: Any) -> None:
    sizes = [10, FRAME_BYTES - 5, 20, 3 * FRAME_BYTES, 1, 1]
    spans = [build.span(1, n, attributes={"x": "y" * size}) for n, size in enumerate(sizes, 1)]
    table = pack(build.batch(spans))
    blob, frames = encode_spans(rests_of(table.columns, table, np.arange(len(table))))
    lengths = decode_lengths(blob)
    assert lengths.frames.tolist() == [0, 0, 1, 1, 2, 2]
    assert len(frames) == 3
    for number, frame in enumerate(frames):
        inside = lengths.frames == number
        size = (lengths.offsets[1:] - lengths.offsets[:-1])[inside].sum()
        assert len(decode_bytes(frame)) == size
    assert restore(table.columns, blob, frames) == table.spans()
