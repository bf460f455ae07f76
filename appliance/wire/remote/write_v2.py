"""Remote write 2: io.prometheus.write.v2.Request to columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.histograms import add_histogram
from appliance.wire.remote.labels import checked_labels, exemplar_labels
from appliance.wire.remote.metadata import metadata_of
from appliance.wire.remote.request import SampleColumns, WriteRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata

#: Keys start with this; those of version 1 start with the tag of a label.
_MARK = b"\x02"


def decode(body: bytes) -> WriteRequest:
    """Read a request.

    Args:
        body: Already decompressed.

    Raises:
        BadInput: Not such a message, or a reference to a symbol that is not there.
    """
    try:
        message = pb.Request2.FromString(body)
    except DecodeError as error:
        raise BadInput(f"proto: Request: {error}") from error
    symbols = list(message.symbols)
    columns = SampleColumns()
    keys: list[bytes] = []
    metadata: dict[str, MetricMetadata] = {}
    for row, series in enumerate(message.timeseries):
        pairs = _pairs(symbols, series.labels_refs)
        keys.append(_MARK + b"".join(_sized(part) for pair in pairs for part in pair))
        _read_samples(series, row, columns)
        for exemplar in series.exemplars:
            labels = exemplar_labels(_pairs(symbols, exemplar.labels_refs))
            found = Exemplar(labels, exemplar.value, exemplar.timestamp)
            columns.exemplars.append((row, found))
        if series.HasField("metadata"):
            _read_metadata(series.metadata, symbols, dict(pairs).get(b"__name__"), metadata)
    return columns.request(keys, read_labels, metadata)


def read_labels(key: bytes) -> Labels:
    """The labels of a key of this version.

    Raises:
        BadInput: They are invalid, or there is no metric name; names the series.
    """
    parts: list[bytes] = []
    at = len(_MARK)
    while at < len(key):
        end = at + 4 + int.from_bytes(key[at : at + 4], "little")
        parts.append(key[at + 4 : end])
        at = end
    return checked_labels(list(zip(parts[::2], parts[1::2], strict=True)), needs_name=True)


def _sized(part: bytes) -> bytes:
    return len(part).to_bytes(4, "little") + part


def _pairs(symbols: Sequence[bytes], refs: Sequence[int]) -> list[tuple[bytes, bytes]]:
    if len(refs) % 2:
        raise BadInput(f"invalid labelRefs length {len(refs)}")
    try:
        return [(symbols[a], symbols[b]) for a, b in zip(refs[::2], refs[1::2], strict=True)]
    except IndexError:
        worst = max(refs)
        message = f"labelRefs {worst} (name) points outside of symbols table (size {len(symbols)})"
        raise BadInput(message) from None


def _read_samples(series: pb.TimeSeries2, row: int, columns: SampleColumns) -> None:
    samples = series.samples
    created = series.created_timestamp
    if samples:
        times = np.array([sample.timestamp for sample in samples], dtype=np.int64)
        values = np.array([sample.value for sample in samples], dtype=np.float64)
        starts = np.array([sample.start_timestamp or created for sample in samples], dtype=np.int64)
        columns.add(row, times, values, starts if starts.any() else None)
    for histogram in series.histograms:
        if created and not histogram.start_timestamp:
            histogram.start_timestamp = created
        add_histogram(histogram, row, columns)


def _read_metadata(
    message: pb.Metadata2,
    symbols: Sequence[bytes],
    name: bytes | None,
    found: dict[str, MetricMetadata],
) -> None:
    try:
        help_text, unit = symbols[message.help_ref], symbols[message.unit_ref]
    except IndexError:
        raise BadInput(f"metadata points outside of symbols table (size {len(symbols)})") from None
    if name and (message.type or help_text or unit):
        found[name.decode("utf-8", "replace")] = metadata_of(message.type, help_text, unit)
