"""Remote read from the asking side: questions, and answers of the type SAMPLES."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.matcher import MatchOp
from appliance.model.sample import box_histograms
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.encode import SAMPLE_BYTES
from appliance.wire.remote.frames import read_varint, walk
from appliance.wire.remote.histograms import read_histogram
from appliance.wire.remote.read import ReadSeries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.matcher import Matcher

_OPS = (MatchOp.EQUAL, MatchOp.NOT_EQUAL, MatchOp.REGEX, MatchOp.NOT_REGEX)
_FIRST, _NONE, _LABEL = 0x0A, 0x7A, 0x0A
_SHIFTS = np.arange(6, dtype=np.int64) * 7


def encode_question(matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> bytes:
    """A ReadRequest of one query, before compression; start and end are both included."""
    query = pb.Query(start_timestamp_ms=start_ms, end_timestamp_ms=end_ms)
    for matcher in matchers:
        query.matchers.add(
            type=_OPS.index(matcher.op), name=matcher.name.encode(), value=matcher.value.encode()
        )
    data: bytes = pb.ReadRequest(queries=[query]).SerializeToString()
    return data


def decode_answer(body: bytes) -> list[ReadSeries]:
    """The series of a ReadResponse to one query.

    Args:
        body: Already decompressed.

    Raises:
        BadInput: Not such a message.
    """
    found = []
    results = walk(body, series=_FIRST, other=_NONE, name="ReadResponse")
    for start, end in zip(results.starts, results.ends, strict=True):
        result = body[start:end]
        series = walk(result, series=_FIRST, other=_NONE, name="QueryResult")
        found += [_series(result[at:to]) for at, to in zip(series.starts, series.ends, strict=True)]
    return found


def _series(data: bytes) -> ReadSeries:
    end = _labels_end(data)
    columns = _usual_samples(data[end:])
    try:
        message = pb.TimeSeries.FromString(data if columns is None else data[:end])
        labels = Labels.of((one.name.decode(), one.value.decode()) for one in message.labels)
    except (DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"proto: TimeSeries: {error}") from error
    if columns is not None:
        return ReadSeries(labels, *columns)
    return _unusual(labels, message)


def _labels_end(data: bytes) -> int:
    at = 0
    while at < len(data) and data[at] == _LABEL:
        length, begin = read_varint(data, at + 1)
        at = begin + length
    return at


def _usual_samples(data: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Samples with present-day times and values; None when there is anything else."""
    if len(data) % SAMPLE_BYTES:
        return None
    cells = np.frombuffer(data, dtype=np.uint8).reshape(-1, SAMPLE_BYTES)
    heads = cells[:, [0, 1, 2, 11]] == np.array([0x12, 16, 0x09, 0x10], dtype=np.uint8)
    if not heads.all() or (cells[:, 12:17] <= 0x7F).any() or (cells[:, 17] > 0x7F).any():
        return None
    times = ((cells[:, 12:18].astype(np.int64) & 0x7F) << _SHIFTS).sum(axis=1)
    return times, np.ascontiguousarray(cells[:, 3:11]).view("<f8")[:, 0]


def _unusual(labels: Labels, message: pb.TimeSeries) -> ReadSeries:
    times = [sample.timestamp for sample in message.samples]
    values = np.array([sample.value for sample in message.samples], dtype=np.float64)
    histograms: list[Histogram] = []
    for one in message.histograms:
        times.append(one.timestamp)
        histograms.append(read_histogram(one))
    cells = box_histograms(np.arange(len(histograms), dtype=np.int64))
    all_times = np.array(times, dtype=np.int64)
    order = np.argsort(all_times, kind="stable")
    all_values = np.concatenate([values, cells])[order]
    return ReadSeries(labels, all_times[order], all_values, histograms)
