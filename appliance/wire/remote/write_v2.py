"""Remote write 2: io.prometheus.write.v2.Request to columns.

What senders usually send - references of labels, one sample with a present-day time, metadata - is
read in bulk (`usual.py`); every other series goes through protobuf. A key is made of the
process-wide numbers of the labels' strings (`symbols.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.exemplar import Exemplar
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.frames import walk
from appliance.wire.remote.histograms import add_histogram
from appliance.wire.remote.labels import checked_labels, exemplar_labels
from appliance.wire.remote.metadata import metadata_of
from appliance.wire.remote.request import SampleColumns, WriteRequest
from appliance.wire.remote.usual import read_usual

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.wire.remote.symbols import SymbolNumbers
    from appliance.wire.remote.usual import UsualSeries

_SYMBOL, _SERIES = 0x22, 0x2A
_NAME = b"__name__"


class _Table:
    """The strings of one request.

    Attributes:
        numbers: uint64[symbol], their numbers in keys.
        metadata: By name of the metric, as far as it has been read.
    """

    def __init__(self, symbols: Sequence[bytes], known: SymbolNumbers) -> None:
        self._symbols = symbols
        self.numbers = known.of(symbols)
        self.metadata: dict[str, MetricMetadata] = {}
        self._by_number: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._symbols)

    def symbol(self, ref: int) -> bytes:
        """One string.

        Raises:
            BadInput: The reference leads nowhere.
        """
        try:
            return self._symbols[ref]
        except IndexError:
            raise BadInput(
                f"labelRefs {ref} points outside of symbols table (size {len(self)})"
            ) from None

    def pairs(self, refs: Sequence[int]) -> list[tuple[bytes, bytes]]:
        """Names and values.

        Raises:
            BadInput: A reference leads nowhere, or one is left over.
        """
        if len(refs) % 2:
            raise BadInput(f"invalid labelRefs length {len(refs)}")
        parts = [self.symbol(ref) for ref in refs]
        return list(zip(parts[::2], parts[1::2], strict=True))

    def read_labels(self, key: bytes) -> Labels:
        """The labels of a key of this request.

        Raises:
            BadInput: They are invalid, or there is no metric name; names the series.
        """
        if not self._by_number:
            self._by_number = dict(zip(self.numbers.tolist(), self._symbols, strict=True))
        parts = [self._by_number[number] for number in np.frombuffer(key, np.uint64).tolist()]
        return checked_labels(list(zip(parts[::2], parts[1::2], strict=True)), needs_name=True)

    def note_metadata(self, name: bytes, message: pb.Metadata2) -> None:
        """Take over what is said of a metric; nothing is said by a message without content."""
        help_text, unit = self.symbol(message.help_ref), self.symbol(message.unit_ref)
        if name and (message.type or help_text or unit):
            shown = name.decode("utf-8", "replace")
            self.metadata[shown] = metadata_of(message.type, help_text, unit)


def decode(body: bytes, known: SymbolNumbers) -> WriteRequest:
    """Read a request.

    Args:
        body: Already decompressed.
        known: Numbers of strings, the same for all requests.

    Raises:
        BadInput: Not such a message, or a reference to a symbol that is not there.
    """
    frames = walk(body, series=_SERIES, other=_SYMBOL, name="Request")
    table = _Table(frames.others, known)
    columns = SampleColumns()
    keys = [b""] * len(frames.starts)
    is_odd = np.ones(len(keys), dtype=bool)
    usual = read_usual(body, frames, len(table))
    if usual is not None:
        packed = table.numbers[usual.refs].tobytes()
        ends = np.cumsum(usual.counts) * table.numbers.itemsize
        begins = ends - usual.counts * table.numbers.itemsize
        rows = usual.rows.tolist()
        for row, begin, end in zip(rows, begins.tolist(), ends.tolist(), strict=True):
            keys[row] = packed[begin:end]
        columns.add(usual.rows, usual.times, usual.values)
        is_odd[usual.rows] = False
        _read_usual_metadata(body, usual, table)
    for row in np.flatnonzero(is_odd).tolist():
        keys[row] = _read_series(body[frames.starts[row] : frames.ends[row]], row, columns, table)
    return columns.request(keys, table.read_labels, table.metadata, is_sorted=not is_odd.any())


def _read_usual_metadata(body: bytes, usual: UsualSeries, table: _Table) -> None:
    """Metadata of the first series of each metric."""
    firsts = np.cumsum(usual.counts) - usual.counts
    has_any = usual.metadata_starts < usual.ends
    values = usual.refs[firsts + 1]  # of the first label, which is nearly always the name
    _, chosen = np.unique(np.where(has_any, values, -1), return_index=True)
    for n in chosen.tolist():
        if not has_any[n]:
            continue
        refs = usual.refs[firsts[n] : firsts[n] + usual.counts[n]].tolist()
        name = dict(table.pairs(refs)).get(_NAME, b"")
        start, end = int(usual.metadata_starts[n]), int(usual.ends[n])
        try:
            message = pb.Metadata2.FromString(body[start + 2 : end])
        except DecodeError as error:
            raise BadInput(f"proto: Metadata: {error}") from error
        table.note_metadata(name, message)


def _read_series(data: bytes, row: int, columns: SampleColumns, table: _Table) -> bytes:
    """Read one series of any kind; its key."""
    try:
        series = pb.TimeSeries2.FromString(data)
    except DecodeError as error:
        raise BadInput(f"proto: TimeSeries: {error}") from error
    pairs = table.pairs(series.labels_refs)
    samples, created = series.samples, series.created_timestamp
    if samples:
        times = np.array([sample.timestamp for sample in samples], dtype=np.int64)
        values = np.array([sample.value for sample in samples], dtype=np.float64)
        starts = np.array([sample.start_timestamp or created for sample in samples], dtype=np.int64)
        columns.add(row, times, values, starts if starts.any() else None)
    for histogram in series.histograms:
        if created and not histogram.start_timestamp:
            histogram.start_timestamp = created
        add_histogram(histogram, row, columns)
    for exemplar in series.exemplars:
        labels = exemplar_labels(table.pairs(exemplar.labels_refs))
        columns.exemplars.append((row, Exemplar(labels, exemplar.value, exemplar.timestamp)))
    if series.HasField("metadata"):
        table.note_metadata(dict(pairs).get(_NAME, b""), series.metadata)
    return table.numbers[list(series.labels_refs)].tobytes()
