"""Series to prompb.TimeSeries: what remote read answers and remote write 1 sends.

Samples with present-day times are laid out by numpy; other times go through protobuf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import is_histogram, unbox_histograms
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.histograms import histogram_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels

#: A sample field with a time whose varint has six bytes, and which times these are.
SAMPLE_BYTES = 18
_SIX_BYTES = (1 << 35, 1 << 42)
_SHIFTS = np.arange(6, dtype=np.int64) * 7
_MORE = np.array([0x80] * 5 + [0], dtype=np.int64)


def varint(value: int) -> bytes:
    """An unsigned number as protobuf has it."""
    found = bytearray()
    while value > 0x7F:
        found.append((value & 0x7F) | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def sized(tag: int, data: bytes) -> bytes:
    """A field of bytes: tag (below 128), length, content."""
    return bytes((tag,)) + varint(len(data)) + data


def encode_labels(labels: Labels) -> bytes:
    """The label fields of a series."""
    return b"".join(
        sized(0x0A, sized(0x0A, name.encode()) + sized(0x12, value.encode()))
        for name, value in labels
    )


def has_usual_times(times: NDArray[np.int64]) -> bool:
    """Whether each sample takes `SAMPLE_BYTES`."""
    return not len(times) or bool(times.min() >= _SIX_BYTES[0] and times.max() < _SIX_BYTES[1])


def encode_samples(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """The sample fields of a series; no value may stand for a histogram."""
    if not len(times):
        return b""
    if not has_usual_times(times):
        samples = [
            pb.Sample(value=value, timestamp=time)
            for time, value in zip(times.tolist(), values.tolist(), strict=True)
        ]
        data: bytes = pb.TimeSeries(samples=samples).SerializeToString()
        return data
    found = np.empty((len(times), SAMPLE_BYTES), dtype=np.uint8)
    found[:, 0], found[:, 1], found[:, 2], found[:, 11] = 0x12, 16, 0x09, 0x10
    found[:, 3:11] = np.ascontiguousarray(values).astype("<f8").view(np.uint8).reshape(-1, 8)
    found[:, 12:18] = ((times[:, None] >> _SHIFTS) & 0x7F) | _MORE
    return found.tobytes()


def encode_series(
    labels: bytes,
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    histograms: Sequence[Histogram] = (),
) -> bytes:
    """The content of one TimeSeries.

    Args:
        labels: From `encode_labels`.
        times: int64[sample]; every sample is present.
        values: float64[sample]; boxed indexes into `histograms` where samples are histograms.
    """
    boxed = is_histogram(values) if len(histograms) else np.zeros(len(values), dtype=bool)
    if not boxed.any():
        return labels + encode_samples(times, values)
    messages = [
        histogram_message(histograms[index], time)
        for index, time in zip(
            unbox_histograms(values[boxed]).tolist(), times[boxed].tolist(), strict=True
        )
    ]
    tail: bytes = pb.TimeSeries(histograms=messages).SerializeToString()
    return labels + encode_samples(times[~boxed], values[~boxed]) + tail


def exemplar_message(exemplar: Exemplar) -> pb.Exemplar:
    """An exemplar of version 1."""
    labels = [pb.Label(name=n.encode(), value=v.encode()) for n, v in exemplar.labels]
    return pb.Exemplar(labels=labels, value=exemplar.value, timestamp=exemplar.timestamp_ms)
