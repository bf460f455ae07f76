"""Remote write 1: prometheus.WriteRequest to columns.

What senders usually send - labels, then samples with a present-day timestamp - is read in bulk:
the last bytes of a series have one of two shapes then, and what is before them is its key. Keys
that are new are walked through: when they are anything but label fields, and for everything else
(histograms, exemplars, old times, many samples), a series goes through protobuf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.frames import Frames, read_varint, walk
from appliance.wire.remote.histograms import add_histogram
from appliance.wire.remote.labels import checked_labels, exemplar_labels
from appliance.wire.remote.metadata import metadata_of
from appliance.wire.remote.request import SampleColumns, WriteRequest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata

_SERIES, _METADATA, _LABEL = 0x0A, 0x1A, 0x0A
#: A sample with a value (tag, length, tag, 8 bytes, tag, 6 bytes of time); one whose value is 0.
_FULL, _ZERO = 18, 9
_TIME_BYTES = 6
#: Samples of a series that are looked for at its end; longer series go the other way.
_MAX_TAIL = 16
_SHIFTS = np.arange(_TIME_BYTES, dtype=np.int64) * 7
_BACK = np.arange(-_FULL, 0)
_MAX_VERIFIED = 500_000


def decode(body: bytes, verified: set[bytes]) -> WriteRequest:
    """Read a request.

    Args:
        body: Already decompressed.
        verified: Keys that are known to be label fields alone; gets the new ones.

    Raises:
        BadInput: Not such a message.
    """
    frames = walk(body, series=_SERIES, other=_METADATA, name="WriteRequest")
    columns = SampleColumns()
    key_ends, has_tail, tails = _read_tails(body, frames)
    keys = [body[start:end] for start, end in zip(frames.starts, key_ends, strict=True)]
    if len(verified) > _MAX_VERIFIED:
        verified.clear()
    odd = [row for row, key in enumerate(keys) if key not in verified or not has_tail[row]]
    is_odd = np.zeros(len(keys), dtype=bool)
    for row in odd:
        if has_tail[row] and _labels_end(keys[row]) == len(keys[row]):
            verified.add(keys[row])
            continue
        is_odd[row] = True
        keys[row] = _read_series(body[frames.starts[row] : frames.ends[row]], row, columns)
    for rows, times, values in reversed(tails):
        if is_odd.any():
            keep = ~is_odd[rows]
            columns.add(rows[keep], times[keep], values[keep])
        else:
            columns.add(rows, times, values)
    metadata = _read_metadata(frames.others)
    return columns.request(keys, read_labels, metadata, is_sorted=not is_odd.any())


def read_labels(key: bytes) -> Labels:
    """The labels of a key of this version.

    Raises:
        BadInput: They are invalid; names the series.
    """
    pairs = [(label.name, label.value) for label in _parse(key).labels]
    return checked_labels(pairs, needs_name=False)


# -- the usual


_Tail = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.float64]"]


def _read_tails(body: bytes, frames: Frames) -> tuple[list[int], NDArray[np.bool_], list[_Tail]]:
    """Samples at the ends of series, as far as they have a usual shape.

    Returns:
        Where the keys end; bool[row], whether there are samples in usual shapes alone (should the
        key prove to be one); rows, times and values, the last sample of each row first.
    """
    data = np.frombuffer(body, dtype=np.uint8)
    starts = np.array(frames.starts, dtype=np.int64)
    ends = np.array(frames.ends, dtype=np.int64)
    tails: list[_Tail] = []
    rows = np.flatnonzero(ends - starts >= _FULL)
    while len(rows) and len(tails) < _MAX_TAIL:
        last = data[ends[rows][:, None] + _BACK]
        timed = (last[:, 11] == 0x10) & (last[:, 12:17] > 0x7F).all(axis=1) & (last[:, 17] <= 0x7F)
        is_full = timed & (last[:, 0] == 0x12) & (last[:, 1] == 16) & (last[:, 2] == 9)
        is_zero = timed & ~is_full & (last[:, 9] == 0x12) & (last[:, 10] == 7)
        fits = is_full | is_zero
        rows, last, is_zero = rows[fits], last[fits], is_zero[fits]
        if not len(rows):
            break
        values = np.ascontiguousarray(last[:, 3:11]).view("<f8")[:, 0]
        values[is_zero] = 0.0
        times = ((last[:, 12:18].astype(np.int64) & 0x7F) << _SHIFTS).sum(axis=1)
        tails.append((rows, times, values))
        ends[rows] -= np.where(is_zero, _ZERO, _FULL)
        rows = rows[ends[rows] - starts[rows] >= _FULL]
    has_tail = ends < np.array(frames.ends, dtype=np.int64)
    has_tail[rows] = False  # there may be more
    return ends.tolist(), has_tail, tails


def _labels_end(data: bytes) -> int:
    """Where the label fields at the start of a series end."""
    at, size = 0, len(data)
    try:
        while at < size and data[at] == _LABEL:
            length, begin = read_varint(data, at + 1)
            if begin + length > size:
                break
            at = begin + length
    except IndexError:
        pass
    return at


# -- the unusual


def _parse(data: bytes) -> pb.TimeSeries:
    message = pb.TimeSeries()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise BadInput(f"proto: TimeSeries: {error}") from error
    return message


def _read_series(data: bytes, row: int, columns: SampleColumns) -> bytes:
    """Read one series of any kind; its key."""
    message = _parse(data)
    if message.samples:
        times = np.array([sample.timestamp for sample in message.samples], dtype=np.int64)
        values = np.array([sample.value for sample in message.samples], dtype=np.float64)
        columns.add(row, times, values)
    for histogram in message.histograms:
        add_histogram(histogram, row, columns)
    for exemplar in message.exemplars:
        labels = exemplar_labels((label.name, label.value) for label in exemplar.labels)
        found = Exemplar(labels, exemplar.value, exemplar.timestamp)
        columns.exemplars.append((row, found))
    key: bytes = pb.TimeSeries(labels=message.labels).SerializeToString()
    return key


def _read_metadata(messages: list[bytes]) -> dict[str, MetricMetadata]:
    found = {}
    for data in messages:
        try:
            message = pb.Metadata.FromString(data)
        except DecodeError as error:
            raise BadInput(f"proto: MetricMetadata: {error}") from error
        name = message.metric_family_name.decode("utf-8", "replace")
        if name:
            found[name] = metadata_of(message.type, message.help, message.unit)
    return found
