"""Remote read: requests, and answers of both types (Prometheus, storage/remote, prompb)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import is_absent, is_histogram
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.encode import encode_labels, encode_series, sized, varint
from appliance.wire.remote.xor_chunk import CHUNK_SAMPLES, encode_chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import SeriesGroup

_OPS = (MatchOp.EQUAL, MatchOp.NOT_EQUAL, MatchOp.REGEX, MatchOp.NOT_REGEX)
_XOR = 1
#: A frame has at most so many bytes of chunks; a checksum is taken of at most 64 KiB.
_FRAME_BYTES = 48 << 10


class ResponseType(IntEnum):
    """What a client may accept."""

    SAMPLES = 0
    STREAMED_XOR_CHUNKS = 1


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """One question; start and end are both included."""

    matchers: tuple[Matcher, ...]
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """Questions, and the type of the answer."""

    queries: Sequence[ReadQuery]
    response_type: ResponseType


@dataclass(frozen=True, slots=True)
class ReadSeries:
    """One series of an answer.

    Attributes:
        times: int64[sample], ascending.
        values: float64[sample], none absent; boxed indexes into `histograms`.
    """

    labels: Labels
    times: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram] = ()


def decode_request(body: bytes) -> ReadRequest:
    """Read a request.

    Samples are preferred to chunks where both are accepted: they can be histograms.

    Args:
        body: Already decompressed.

    Raises:
        BadInput: Not such a message, a broken matcher, or no type of answer that is known.
    """
    try:
        message = pb.ReadRequest.FromString(body)
    except DecodeError as error:
        raise BadInput(f"proto: ReadRequest: {error}") from error
    queries = [
        ReadQuery(
            tuple(_matcher(matcher) for matcher in query.matchers),
            query.start_timestamp_ms,
            query.end_timestamp_ms,
        )
        for query in message.queries
    ]
    accepted = list(message.accepted_response_types)
    for known in ResponseType:
        if known in accepted or not accepted:
            return ReadRequest(queries, known)
    raise BadInput(
        f"server does not support any of the requested response types: {accepted};"
        " supported: map[SAMPLES:{} STREAMED_XOR_CHUNKS:{}]"
    )


def _matcher(message: pb.LabelMatcher) -> Matcher:
    if not 0 <= message.type < len(_OPS):
        raise BadInput("invalid matcher type")
    try:
        name, value = message.name.decode(), message.value.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"matcher is not UTF-8: {error}") from error
    matcher = Matcher(name, _OPS[message.type], value)
    matcher.check()
    return matcher


def series_of(groups: Iterable[SeriesGroup], external: Labels) -> list[ReadSeries]:
    """The series of groups that have samples, sorted by labels, with external labels added."""
    found = []
    for group in groups:
        present = ~is_absent(group.values)
        for row, labels in enumerate(group.labels):
            mask = present[row]
            if not mask.any():
                continue
            whole = bool(mask.all())
            found.append(
                ReadSeries(
                    _with_external(labels, external),
                    group.timestamps_ms if whole else group.timestamps_ms[mask],
                    group.values[row] if whole else group.values[row][mask],
                    group.histograms,
                )
            )
    found.sort(key=lambda series: series.labels)
    return found


def _with_external(labels: Labels, external: Labels) -> Labels:
    return type(labels).of([*external, *labels]) if external else labels


def encode_samples_answer(results: Sequence[Sequence[ReadSeries]]) -> bytes:
    """A ReadResponse, before compression; results in the order of the queries."""
    return b"".join(
        sized(
            0x0A,
            b"".join(
                sized(
                    0x0A,
                    encode_series(
                        encode_labels(series.labels),
                        series.times,
                        series.values,
                        series.histograms,
                    ),
                )
                for series in result
            ),
        )
        for result in results
    )


def encode_chunks_answer(results: Sequence[Sequence[ReadSeries]]) -> Iterator[bytes]:
    """ChunkedReadResponse frames: size, checksum, message; series after series.

    Raises:
        BadInput: A series has histograms, which this type does not show here.
    """
    for number, result in enumerate(results):
        for series in result:
            yield from _frames(series, number)


def _frames(series: ReadSeries, query: int) -> Iterator[bytes]:
    if len(series.histograms) and is_histogram(series.values).any():
        raise BadInput("native histograms are answered with the response type SAMPLES alone")
    labels = encode_labels(series.labels)
    parts: list[bytes] = []
    size = 0
    for at in range(0, len(series.times), CHUNK_SAMPLES):
        times = series.times[at : at + CHUNK_SAMPLES]
        chunk = pb.Chunk(
            min_time_ms=int(times[0]),
            max_time_ms=int(times[-1]),
            type=_XOR,
            data=encode_chunk(times, series.values[at : at + CHUNK_SAMPLES]),
        )
        parts.append(sized(0x12, chunk.SerializeToString()))
        size += len(parts[-1])
        if size > _FRAME_BYTES:
            yield _frame(labels, parts, query)
            parts, size = [], 0
    if parts:
        yield _frame(labels, parts, query)


def _frame(labels: bytes, chunks: Sequence[bytes], query: int) -> bytes:
    message = sized(0x0A, labels + b"".join(chunks))
    if query:
        message += b"\x10" + varint(query)
    return varint(len(message)) + snappy.crc32c(message).to_bytes(4) + message
