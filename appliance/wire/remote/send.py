"""Requests of remote write 1 and 2 from columns, as a sender makes them: one sample a series."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.encode import (
    SAMPLE_BYTES,
    encode_samples,
    has_usual_times,
    sized,
    varint,
)
from appliance.wire.remote.metadata import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata

_SERIES, _REFS, _SAMPLE, _METADATA = 0x0A, 0x0A, 0x12, 0x2A
_SERIES2, _SYMBOL = 0x2A, 0x22


def encode_v1(
    labels: Sequence[bytes],
    rows: NDArray[np.uint32],
    times: NDArray[np.int64],
    values: NDArray[np.float64],
) -> bytes:
    """A WriteRequest, before compression.

    Args:
        labels: [row], label fields.
        rows: uint32[sample], into `labels`.
        times: int64[sample]. values: float64[sample], no histograms.
    """
    if not has_usual_times(times):
        return b"".join(
            sized(_SERIES, labels[row] + encode_samples(times[n : n + 1], values[n : n + 1]))
            for n, row in enumerate(rows.tolist())
        )
    data = encode_samples(times, values)
    starts = [_start(fields) for fields in labels]
    samples = (data[at : at + SAMPLE_BYTES] for at in range(0, len(data), SAMPLE_BYTES))
    heads = [starts[row] for row in rows.tolist()]
    return b"".join(chain.from_iterable(zip(heads, samples, strict=True)))


def _start(labels: bytes) -> bytes:
    """A series up to its one sample."""
    return b"\x0a" + varint(len(labels) + SAMPLE_BYTES) + labels


def encode_metadata(families: Mapping[str, MetricMetadata]) -> bytes:
    """A WriteRequest that has metadata alone, before compression."""
    request = pb.WriteRequest()
    for name, known in families.items():
        request.metadata.add(
            type=_type(known),
            metric_family_name=name.encode(),
            help=known.help.encode(),
            unit=known.unit.encode(),
        )
    data: bytes = request.SerializeToString()
    return data


def _type(known: MetricMetadata) -> int:
    return TYPES.index(known.type) if known.type in TYPES else 0


class Symbols:
    """The strings of one request of version 2; the first is empty."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        """The number of a string, a new one when it is new."""
        return self._numbers.setdefault(text, len(self._numbers))

    def refs(self, labels: Labels) -> list[int]:
        """Names and values of labels by their numbers."""
        return [self.number(text) for text in chain.from_iterable(labels)]

    def fields(self) -> bytes:
        """The table."""
        return b"".join(sized(_SYMBOL, text.encode()) for text in self._numbers)


class RequestV2:
    """Builds one request of version 2.

    Args:
        families: Metadata by the names of metrics.
    """

    def __init__(self, families: Mapping[str, MetricMetadata]) -> None:
        self._symbols = Symbols()
        self._families = families
        self._series: list[bytes] = []
        self._heads: dict[Labels, tuple[bytes, bytes]] = {}

    def add_samples(
        self,
        labels: Sequence[Labels],
        times: Iterable[int],
        values: NDArray[np.float64],
        starts: Iterable[int],
    ) -> None:
        """Samples, each with its labels, time and start time (0: unknown)."""
        raw = np.ascontiguousarray(values).astype("<f8").tobytes()
        for n, (of, time_ms, start_ms) in enumerate(zip(labels, times, starts, strict=True)):
            head, tail = self._around(of)
            sample = b"\x09" + raw[8 * n : 8 * n + 8] + b"\x10" + _signed(time_ms)
            if start_ms:
                sample += b"\x18" + _signed(start_ms)
            self._series.append(sized(_SERIES2, head + sized(_SAMPLE, sample) + tail))

    def add_others(self, labels: Labels, series: pb.TimeSeries) -> None:
        """Histograms and exemplars of one series."""
        found = pb.TimeSeries2(labels_refs=self._symbols.refs(labels))
        found.histograms.extend(series.histograms)
        for exemplar in series.exemplars:
            refs = [
                self._symbols.number(part.decode("utf-8", "replace"))
                for label in exemplar.labels
                for part in (label.name, label.value)
            ]
            found.exemplars.add(
                labels_refs=refs, value=exemplar.value, timestamp=exemplar.timestamp
            )
        self._series.append(
            sized(_SERIES2, found.SerializeToString() + self._metadata(labels.get("__name__")))
        )

    def encode(self) -> bytes:
        """The request, before compression."""
        return self._symbols.fields() + b"".join(self._series)

    def _around(self, labels: Labels) -> tuple[bytes, bytes]:
        """What comes before and after a series' samples."""
        found = self._heads.get(labels)
        if found is None:
            refs = b"".join(varint(number) for number in self._symbols.refs(labels))
            found = sized(_REFS, refs), self._metadata(labels.get("__name__"))
            self._heads[labels] = found
        return found

    def _metadata(self, name: str) -> bytes:
        known = self._families.get(name)
        if known is None:
            return b""
        message = pb.Metadata2(
            type=_type(known),
            help_ref=self._symbols.number(known.help),
            unit_ref=self._symbols.number(known.unit),
        )
        return sized(_METADATA, message.SerializeToString())


def _signed(number: int) -> bytes:
    return varint(number & 0xFFFF_FFFF_FFFF_FFFF)
