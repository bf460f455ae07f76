"""Items of the queue to requests for one server: relabelled, split into shards, encoded.

Samples of one series are always in the same shard, in the order in which they came.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.ingest.forward.item import ForwardItem
from appliance.ingest.scrape.remote_config import RemoteWriteConfig, WriteMessage
from appliance.model.labels import Labels
from appliance.relabel import relabel
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.encode import encode_labels
from appliance.wire.remote.send import RequestV2, encode_v1
from appliance.wire.remote.write_v1 import read_labels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.sample import MetricMetadata
    from appliance.store.forward.queue import QueueItem

_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What a request holds."""

    samples: int = 0
    histograms: int = 0
    exemplars: int = 0
    metadata: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request.

    Attributes:
        body: Compressed.
        newest_ms: Time of its newest sample.
    """

    body: bytes
    counts: Counts
    newest_ms: int


@dataclass(frozen=True, slots=True)
class Round:
    """What is sent together: requests of each shard, in order."""

    shards: Sequence[Sequence[Outgoing]]
    dropped: int = 0
    too_old: int = 0


@dataclass(slots=True)
class _Columns:
    """Samples of a round, concatenated."""

    labels: list[_Target] = field(default_factory=list)
    rows: list[NDArray[np.int64]] = field(default_factory=list)
    times: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    starts: list[NDArray[np.int64]] = field(default_factory=list)
    others: list[tuple[_Target, pb.TimeSeries]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Target:
    """A series as the other server gets it."""

    labels: Labels
    fields: bytes
    hash: int


class Batcher:
    """Makes requests for one server.

    Args:
        config: Where and what.
        external: Labels that are added to every series that does not have them.
        families: Metadata by name, for version 2.
    """

    def __init__(
        self,
        config: RemoteWriteConfig,
        external: Labels,
        families: Callable[[], Mapping[str, MetricMetadata]],
    ) -> None:
        self._config = config
        self._external = external
        self._families = families
        self._targets: dict[bytes, _Target | None] = {}

    def round_of(self, items: Sequence[QueueItem], now_ms: int) -> Round:
        """All requests for some items."""
        columns = _Columns()
        dropped = too_old = 0
        limit = int(self._config.queue_config.sample_age_limit)
        for item in items:
            if limit and item.at_ms < now_ms - limit:
                too_old += item.samples
            else:
                dropped += self._take(ForwardItem.unpack(item.data), columns)
        return Round(self._requests(columns), dropped, too_old)

    def _take(self, item: ForwardItem, columns: _Columns) -> int:
        """Add an item; how many samples relabelling dropped."""
        targets = [self._target(labels) for labels in item.labels]
        rows = item.rows.astype(np.int64)
        number = np.full(len(targets), -1, dtype=np.int64)
        for row, target in enumerate(targets):
            if target is not None:
                number[row] = len(columns.labels)
                columns.labels.append(target)
        mapped = number[rows] if targets else rows
        keep = mapped >= 0
        columns.rows.append(mapped[keep])
        columns.times.append(item.times[keep])
        columns.values.append(item.values[keep])
        starts = np.zeros(len(rows), dtype=np.int64) if item.starts is None else item.starts
        columns.starts.append(starts[keep])
        dropped = len(rows) - int(keep.sum())
        return dropped + (self._take_others(item.rest, columns) if item.rest else 0)

    def _take_others(self, rest: bytes, columns: _Columns) -> int:
        dropped = 0
        for series in pb.WriteRequest.FromString(rest).timeseries:
            fields = pb.TimeSeries(labels=series.labels).SerializeToString()
            if not self._config.send_native_histograms:
                dropped += len(series.histograms)
                series.ClearField("histograms")
            if not self._config.send_exemplars:
                series.ClearField("exemplars")
            target = self._target(fields)
            if target is None:
                dropped += len(series.histograms)
            elif series.histograms or series.exemplars:
                columns.others.append((target, series))
        return dropped

    def _target(self, fields: bytes) -> _Target | None:
        """A series relabelled; None when it is dropped."""
        if fields in self._targets:
            return self._targets[fields]
        if len(self._targets) >= _REMEMBERED:
            self._targets.clear()
        found = None
        try:
            own = read_labels(fields)
        except BadInput:  # forgotten by the store before it was written down
            own = None
        if own is not None:
            labels = relabel(Labels.of([*self._external, *own]), self._config.write_relabel_configs)
            if labels:
                encoded = encode_labels(labels)
                found = _Target(labels, encoded, zlib.crc32(encoded))
        self._targets[fields] = found
        return found

    # -- requests

    def _requests(self, columns: _Columns) -> list[list[Outgoing]]:
        queue = self._config.queue_config
        size = max(1, queue.max_samples_per_send)
        total = sum(map(len, columns.rows)) + len(columns.others)
        if not total:
            return []
        count = min(max(-(-total // size), queue.min_shards, 1), max(1, queue.max_shards))
        shard_of = np.array([target.hash for target in columns.labels], dtype=np.int64) % count
        rows = np.concatenate(columns.rows)
        times, values = np.concatenate(columns.times), np.concatenate(columns.values)
        starts = np.concatenate(columns.starts)
        shards = []
        for shard in range(count):
            mine = np.flatnonzero(shard_of[rows] == shard) if len(rows) else rows
            requests = []
            for at in range(0, len(mine), size):
                part = mine[at : at + size]
                picked = (rows[part], times[part], values[part], starts[part])
                requests.append(self._encode(columns.labels, picked))
            others = [other for other in columns.others if other[0].hash % count == shard]
            requests += [
                self._encode_others(others[at : at + size]) for at in range(0, len(others), size)
            ]
            shards.append(requests)
        return [requests for requests in shards if requests]

    def _encode(
        self,
        targets: Sequence[_Target],
        columns: tuple[
            NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]
        ],
    ) -> Outgoing:
        rows, times, values, starts = columns
        if self._config.protobuf_message is WriteMessage.V2:
            request = RequestV2(self._families())
            labels = [targets[row].labels for row in rows.tolist()]
            request.add_samples(labels, times.tolist(), values, starts.tolist())
            body = request.encode()
        else:
            used, numbers = np.unique(rows, return_inverse=True)
            fields = [targets[row].fields for row in used.tolist()]
            body = encode_v1(fields, numbers.astype(np.uint32), times, values)
        return Outgoing(snappy.compress(body), Counts(samples=len(rows)), int(times.max()))

    def _encode_others(self, others: Sequence[tuple[_Target, pb.TimeSeries]]) -> Outgoing:
        if self._config.protobuf_message is WriteMessage.V2:
            request = RequestV2(self._families())
            for target, series in others:
                request.add_others(target.labels, series)
            body = request.encode()
        else:
            message = pb.WriteRequest()
            for target, series in others:
                found = message.timeseries.add()
                found.MergeFromString(target.fields)
                found.histograms.extend(series.histograms)
                found.exemplars.extend(series.exemplars)
            body = message.SerializeToString()
        counts = Counts(
            histograms=sum(len(series.histograms) for _, series in others),
            exemplars=sum(len(series.exemplars) for _, series in others),
        )
        return Outgoing(snappy.compress(body), counts, max(_times(others)))


def _times(others: Sequence[tuple[_Target, pb.TimeSeries]]) -> Iterator[int]:
    for _, series in others:
        yield from (histogram.timestamp for histogram in series.histograms)
        yield from (exemplar.timestamp for exemplar in series.exemplars)
