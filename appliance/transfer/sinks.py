"""Where imported samples go: a running server by remote write, or a data directory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.base.errors import Unavailable
from appliance.base.telemetry import Telemetry
from appliance.model.sample import SampleBatch
from appliance.store.database import DatabaseOptions
from appliance.store.directory import DataDirectory
from appliance.store.metrics.options import MetricStoreOptions
from appliance.store.metrics.store import MetricStore
from appliance.wire import snappy
from appliance.wire.messages import remote_pb2 as pb
from appliance.wire.remote.encode import (
    SAMPLE_BYTES,
    encode_labels,
    encode_samples,
    exemplar_message,
    has_usual_times,
    sized,
    varint,
)
from appliance.wire.remote.send import encode_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.model.labels import Labels
    from appliance.model.sample import MetricMetadata
    from appliance.transfer.reader import Batch
    from appliance.transfer.session import Session

#: Samples of a series in one message: what receivers read in bulk.
_RUN = 15
_HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}


class Sink(Protocol):
    """Takes batches in order; `finish` returns when all of them are on disk."""

    def add(self, labels: Sequence[Labels], batch: Batch) -> None:
        """Take a batch; `labels` are all rows so far."""
        ...

    def finish(self, metadata: Mapping[str, MetricMetadata]) -> None:
        """Take metadata and wait for everything."""
        ...

    def close(self) -> None:
        """Release what is held, also after a failure."""
        ...


class RemoteSink:
    """Sends batches one after the other while the next one is read."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._labels: list[bytes] = []
        self._pool = ThreadPoolExecutor(1)
        self._sending: Future[bytes] | None = None

    def add(self, labels: Sequence[Labels], batch: Batch) -> None:
        """See `Sink.add`; raises what sending an earlier batch raised."""
        self._labels += [encode_labels(item) for item in labels[len(self._labels) :]]
        self._send(encode_batch(self._labels, batch))

    def finish(self, metadata: Mapping[str, MetricMetadata]) -> None:
        """See `Sink.finish`."""
        if metadata:
            self._send(encode_metadata(metadata))
        if self._sending is not None:
            self._sending.result()

    def close(self) -> None:
        """See `Sink.close`."""
        self._pool.shutdown()

    def _send(self, message: bytes) -> None:
        if not message:
            return
        body = snappy.compress(message)
        if self._sending is not None:
            self._sending.result()
        self._sending = self._pool.submit(self._session.post, "/api/v1/write", body, _HEADERS)


def encode_batch(labels: Sequence[bytes], batch: Batch) -> bytes:
    """A WriteRequest: of each series its samples, some at a time, then exemplars.

    Args:
        labels: [row], label fields.
    """
    order = np.argsort(batch.rows, kind="stable")
    rows, times, values = batch.rows[order], batch.times[order], batch.values[order]
    usual = has_usual_times(times)
    data = encode_samples(times, values) if usual else b""
    starts = np.flatnonzero(np.diff(rows, prepend=-1)).tolist()
    parts: list[bytes] = []
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        fields = labels[int(rows[start])]
        for at in range(start, end, _RUN):
            to = min(at + _RUN, end)
            run = (
                data[at * SAMPLE_BYTES : to * SAMPLE_BYTES]
                if usual
                else encode_samples(times[at:to], values[at:to])
            )
            parts += [b"\x0a", varint(len(fields) + len(run)), fields, run]
    for row, exemplar in batch.exemplars:
        tail = pb.TimeSeries(exemplars=[exemplar_message(exemplar)]).SerializeToString()
        parts.append(sized(0x0A, labels[row] + tail))
    return b"".join(parts)


class StoreSink:
    """Writes into the directory of a server that is not running, and seals at the end.

    Raises:
        Conflict: A process has the directory, or it cannot be used.
    """

    def __init__(self, path: Path, clock: Clock, *, tenant: str) -> None:
        self._tenant = tenant
        self._directory = DataDirectory(path, clock)
        try:
            self._store = open_store(self._directory, clock)
        except BaseException:
            self._directory.close()
            raise
        self._ids = np.empty(0, dtype=np.int64)
        self._pending: list[Future[None]] = []

    def add(self, labels: Sequence[Labels], batch: Batch) -> None:
        """See `Sink.add`."""
        if len(labels) > len(self._ids):
            new = self._store.resolve(self._tenant, labels[len(self._ids) :])
            self._ids = np.concatenate([self._ids, new])
        samples = SampleBatch((), batch.rows, batch.times, batch.values, exemplars=batch.exemplars)
        while len(self._pending) > 1:
            self._pending.pop(0).result()
        if self._store.seal_due:
            self._settle()
            self._store.seal()
        try:
            future = self._store.append_resolved(self._tenant, self._ids, samples)
        except Unavailable:
            self._settle()
            self._store.seal(force=True)
            future = self._store.append_resolved(self._tenant, self._ids, samples)
        self._pending.append(future)

    def _settle(self) -> None:
        while self._pending:
            self._pending.pop(0).result()

    def finish(self, metadata: Mapping[str, MetricMetadata]) -> None:
        """See `Sink.finish`."""
        kept = self._store.set_metadata(self._tenant, metadata)
        if kept is not None:
            self._pending.append(kept)
        self._settle()
        self._store.seal(force=True)

    def close(self) -> None:
        """See `Sink.close`."""
        try:
            self._store.close()
        finally:
            self._directory.close()


def open_store(directory: DataDirectory, clock: Clock) -> MetricStore:
    """The metrics of a directory, without a server."""
    options, database = MetricStoreOptions(), DatabaseOptions()
    return directory.open(
        "metrics",
        lambda path: MetricStore(
            path, options, database=database, clock=clock, telemetry=Telemetry()
        ),
    )
