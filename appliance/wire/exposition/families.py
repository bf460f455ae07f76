"""Delimited protobuf: `io.prometheus.client.MetricFamily` messages, each behind its length.

Prometheus 3 (model/textparse, protobuf) is the model for which samples a message stands for. A
known metric is found by the bytes of its labels, so that labels are decoded once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import MetricMetadata, box_histograms
from appliance.wire.exposition.bounds import print_bound
from appliance.wire.exposition.custom_buckets import custom_histogram
from appliance.wire.exposition.family_values import (
    bucket_count,
    created_ms,
    exemplar_of,
    exemplars_of,
    is_native,
    native_histogram,
    observations,
)
from appliance.wire.exposition.result import Scrape, distinct_rows
from appliance.wire.messages.exposition_pb2 import LabelPair, MetricFamily
from appliance.wire.numbers import NAN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.model.histogram import Histogram
    from appliance.wire.exposition.line import ExposedExemplar
    from appliance.wire.exposition.result import ParseOptions, SeriesRows

_COUNTER, _GAUGE, _SUMMARY, _UNTYPED, _HISTOGRAM, _GAUGE_HISTOGRAM = range(6)
_TYPES = ("counter", "gauge", "summary", "unknown", "histogram", "gaugehistogram")
_MAX_LENGTH_BYTES = 10
_NAN = float(NAN)


@dataclass(slots=True)
class _Samples:
    """What one body brings, sample by sample."""

    rows: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stamped: list[tuple[int, int, float]] = field(default_factory=list)
    histograms: list[Histogram] = field(default_factory=list)
    exemplars: list[tuple[int, ExposedExemplar]] = field(default_factory=list)
    metadata: dict[str, MetricMetadata] = field(default_factory=dict)

    def add(self, row: int, value: float, stamp: int, start: int = 0) -> None:
        if value != value:  # noqa: PLR0124 - NaN, of whatever bits, becomes the ordinary one
            value = _NAN
        self._add(row, value, stamp, start)

    def _add(self, row: int, value: float, stamp: int, start: int) -> None:
        if stamp:
            self.stamped.append((row, stamp, value))
        else:
            self.rows.append(row)
            self.values.append(value)
            self.starts.append(start)

    def add_histogram(self, row: int, histogram: Histogram, stamp: int, start: int) -> None:
        cell = box_histograms(np.array([len(self.histograms)], dtype=np.int64))[0]
        self.histograms.append(histogram)
        self._add(row, float(cell), stamp, start)


class FamilyReader:
    """The memory of one target that answers in protobuf.

    Args:
        series: Gives row numbers.
        options: What becomes of histograms.
    """

    def __init__(self, series: SeriesRows, options: ParseOptions) -> None:
        self._series = series
        self._options = options
        self._rows: dict[tuple[bytes, str, bytes | float, tuple[bytes, ...]], int] = {}
        self._exemplars: dict[int, ExposedExemplar] = {}

    @property
    def known_count(self) -> int:
        """Remembered series."""
        return len(self._rows)

    def read(self, body: bytes) -> Scrape:
        """Read one body; metadata are complete and `new_labels` is left to the caller.

        Raises:
            BadInput: Not what it should be; nothing of it counts.
        """
        samples = _Samples()
        for message in split_messages(body):
            try:
                family = MetricFamily.FromString(message)
            except DecodeError as error:
                raise BadInput(f"proto: cannot decode a metric family: {error}") from error
            self._read_family(family, samples)
        values = np.array(samples.values, dtype=np.float64)
        rows, first = distinct_rows(np.array(samples.rows, dtype=np.int64))
        starts = np.array(samples.starts, dtype=np.int64)
        if first is not None:
            values, starts = values[first], starts[first]
        count = len(samples.rows) + len(samples.stamped)
        return Scrape(
            rows=rows,
            values=values,
            new_labels=(),
            stamped=samples.stamped,
            metadata=samples.metadata,
            sample_count=count,
            duplicates=count - len(rows) - len(samples.stamped),
            histograms=samples.histograms,
            starts_ms=starts if starts.any() else None,
            exemplars=self._changed(samples.exemplars),
        )

    def _read_family(self, family: Any, samples: _Samples) -> None:
        if not family.metric:
            return
        name = family.name
        text = _text(name, "metric name")
        if not text:
            raise BadInput("invalid metric name: ''")
        if not 0 <= family.type < len(_TYPES):
            raise BadInput(f"unknown metric type for metric {text!r}: {family.type}")
        help_text, unit = (
            _text(family.help, f"help for metric {text!r}"),
            _text(family.unit, "unit"),
        )
        _check_unit(text, unit, is_counter=family.type == _COUNTER)
        samples.metadata[text] = MetricMetadata(_TYPES[family.type], help_text, unit)
        if family.type == _COUNTER:
            self._read_counters(name, family.metric, samples)
        elif family.type == _SUMMARY:
            for metric in family.metric:
                self._read_summary(name, metric, samples)
        elif family.type in {_HISTOGRAM, _GAUGE_HISTOGRAM}:
            is_gauge = family.type == _GAUGE_HISTOGRAM
            for metric in family.metric:
                self._read_histogram(name, metric, samples, is_gauge=is_gauge)
        else:
            is_gauge = family.type == _GAUGE
            for metric in family.metric:
                row = self._row(name, "", b"", metric)
                value = metric.gauge.value if is_gauge else metric.untyped.value
                samples.add(row, value, metric.timestamp_ms)

    def _read_counters(self, name: bytes, metrics: Sequence[Any], samples: _Samples) -> None:
        for metric in metrics:
            counter = metric.counter
            row = self._row(name, "", b"", metric)
            samples.add(row, counter.value, metric.timestamp_ms, created_ms(counter))
            if counter.HasField("exemplar"):
                samples.exemplars.append((row, exemplar_of(counter.exemplar)))

    def _read_summary(self, name: bytes, metric: Any, samples: _Samples) -> None:
        summary, stamp = metric.summary, metric.timestamp_ms
        start = created_ms(summary)
        samples.add(self._row(name, "_count", b"", metric), float(summary.count), stamp, start)
        samples.add(self._row(name, "_sum", b"", metric), summary.sum, stamp, start)
        for quantile in summary.quantile:
            row = self._row(name, "", quantile.quantile, metric)
            samples.add(row, quantile.value, stamp, start)

    def _read_histogram(
        self, name: bytes, metric: Any, samples: _Samples, *, is_gauge: bool
    ) -> None:
        histogram, options = metric.histogram, self._options
        start, stamp = created_ms(histogram), metric.timestamp_ms
        native = None
        if options.native_histograms and is_native(histogram):
            native = native_histogram(histogram, is_gauge=is_gauge)
            is_kept = options.keep_classic and len(histogram.bucket) > 0
        else:
            is_kept = True
            if options.custom_buckets and not is_gauge:
                native = _custom(histogram)
                is_kept = options.keep_classic
        if native is not None:
            row = self._row(name, "", b"", metric)
            samples.add_histogram(row, native, stamp, start)
            found = exemplars_of(histogram)
            samples.exemplars += [(row, one) for one in found if one.timestamp_ms is not None]
        if is_kept:
            self._read_buckets(name, metric, samples, start=start)

    def _read_buckets(self, name: bytes, metric: Any, samples: _Samples, *, start: int) -> None:
        """A histogram as series of its buckets, its count and its sum."""
        histogram, stamp = metric.histogram, metric.timestamp_ms
        count = observations(histogram)
        samples.add(self._row(name, "_count", b"", metric), count, stamp, start)
        samples.add(self._row(name, "_sum", b"", metric), histogram.sum, stamp, start)
        bound = 0.0
        for bucket in histogram.bucket:
            bound = bucket.upper_bound
            row = self._row(name, "_bucket", bound, metric)
            samples.add(row, bucket_count(bucket), stamp, start)
            if bucket.HasField("exemplar"):
                samples.exemplars.append((row, exemplar_of(bucket.exemplar)))
        if bound != math.inf:
            samples.add(self._row(name, "_bucket", math.inf, metric), count, stamp, start)

    def _row(self, name: bytes, suffix: str, bound: bytes | float, metric: Any) -> int:
        """The row of one series of a metric; `bound` is that of a bucket or quantile."""
        key = (name, suffix, bound, tuple(metric.label))
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._series.row(_labels(key))
        return row

    def _changed(
        self, exemplars: Sequence[tuple[int, ExposedExemplar]]
    ) -> list[tuple[int, ExposedExemplar]]:
        """Exemplars that are not the ones their row had the last time."""
        new = []
        for row, exemplar in exemplars:
            if self._exemplars.get(row) != exemplar:
                self._exemplars[row] = exemplar
                new.append((row, exemplar))
        return new


def split_messages(body: bytes) -> Iterator[bytes]:
    """The messages of a body, each behind its length as a varint.

    Raises:
        BadInput: A length that is none, or that goes beyond the end.
    """
    at, size = 0, len(body)
    while at < size:
        length = shift = 0
        for byte in body[at : at + _MAX_LENGTH_BYTES]:
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        else:
            raise BadInput("proto: the length of a message is not a varint", position=at)
        if length > size - at:
            raise BadInput(f"proto: a message of {length} bytes is cut off", position=at)
        yield body[at : at + length]
        at += length


def _labels(key: tuple[bytes, str, bytes | float, tuple[bytes, ...]]) -> Labels:
    name, suffix, bound, encoded = key
    pairs = []
    for one in encoded:
        try:
            pair = LabelPair.FromString(one)
        except DecodeError as error:
            raise BadInput(f"proto: cannot decode a label: {error}") from error
        pairs.append((_text(pair.name, "label name"), _text(pair.value, "label value")))
    if isinstance(bound, float):
        pairs.append(("le" if suffix == "_bucket" else "quantile", print_bound(bound)))
    pairs.append(("__name__", _text(name, "metric name") + suffix))
    names = [label for label, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(label for label in names if names.count(label) > 1)
        raise BadInput(f"label name {twice!r} is not unique")
    return Labels.of(pairs)


def _text(data: bytes, what: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadInput(f"invalid UTF-8 in {what}: {data[:50]!r}") from error


def _check_unit(name: str, unit: str, *, is_counter: bool) -> None:
    if unit and not (name.removesuffix("_total") if is_counter else name).endswith("_" + unit):
        kind = "counter" if is_counter and name.endswith("_total") else "metric"
        raise BadInput(f"unit {unit!r} not a suffix of {kind} {name!r}")


def _custom(histogram: Any) -> Histogram | None:
    buckets = sorted((one.upper_bound, bucket_count(one)) for one in histogram.bucket)
    return custom_histogram(
        np.array([bound for bound, _ in buckets], dtype=np.float64),
        np.array([count for _, count in buckets], dtype=np.float64),
        count=observations(histogram),
        total=histogram.sum,
    )
