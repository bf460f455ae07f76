"""An appender that also puts what it appends into the forward queue.

An appended batch is acknowledged when both the store and the queue have it. A queue that cannot
take it must not stop the store: then the batch is not forwarded, which is logged and counted.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.base.errors import ApplianceError
from appliance.ingest.forward.item import ForwardItem
from appliance.model.sample import ColumnExtras, is_absent, is_histogram, unbox_histograms
from appliance.model.sources import KeyedAppender

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.exemplar import Exemplar
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sample import SampleBatch
    from appliance.store.forward.queue import ForwardQueue

_log = logging.getLogger(__name__)
_REMEMBERED = 200_000


class ForwardedStore(KeyedAppender, Protocol):
    """What the tap stands before."""

    def labels_of(self, tenant: str, ids: NDArray[np.int64]) -> list[Labels | None]:
        """Labels of series ids; None for one that is not in use any more."""
        ...


class ForwardTap:
    """A `KeyedAppender` over another one; see the module's docstring.

    Attributes:
        is_active: Whether anything is forwarded at all.

    Args:
        tenant: The only tenant whose samples are forwarded.
    """

    def __init__(
        self,
        store: ForwardedStore,
        queue: ForwardQueue,
        clock: Clock,
        telemetry: Telemetry,
        *,
        tenant: str,
    ) -> None:
        self.is_active = False
        self._store = store
        self._queue = queue
        self._clock = clock
        self._tenant = tenant
        self._labels: dict[int, bytes] = {}
        self._lost = telemetry.counter(
            "appliance_forward_lost_samples_total",
            "Samples that were stored but could not be queued for sending.",
        )

    def resolve(self, tenant: str, labels: Sequence[Labels]) -> NDArray[np.int64]:
        """As the store does."""
        return self._store.resolve(tenant, labels)

    def resolve_keys(
        self, tenant: str, keys: Sequence[bytes], make_labels: Callable[[int], Labels | None]
    ) -> NDArray[np.int64]:
        """As the store does."""
        return self._store.resolve_keys(tenant, keys, make_labels)

    def append_column(  # noqa: PLR0917, RUF100 - the protocol's
        self,
        tenant: str,
        group: str,
        timestamp_ms: int,
        ids: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        extras: ColumnExtras | None = None,
    ) -> Future[None]:
        """As the store does, and into the queue."""
        if extras is None:
            stored = self._store.append_column(tenant, group, timestamp_ms, ids, values)
        else:
            stored = self._store.append_column(
                tenant, group, timestamp_ms, ids, values, extras=extras
            )
        if not self._is_wanted(tenant):
            return stored

        def make() -> bytes:
            more = extras or ColumnExtras()
            rows = np.flatnonzero(~is_absent(values))
            times = np.full(len(rows), timestamp_ms, dtype=np.int64)
            starts = None if more.starts_ms is None else more.starts_ms[rows]
            columns = (rows, times, values[rows], starts)
            return self._item(ids, columns, more.histograms, more.exemplars).pack()

        return self._queued(stored, make, len(ids))

    def append(self, tenant: str, batch: SampleBatch) -> Future[None]:
        """As the store does, and into the queue."""
        if not self._is_wanted(tenant):
            return self._store.append(tenant, batch)
        ids = self._store.resolve(tenant, batch.labels)
        return self.append_resolved(tenant, ids, batch)

    def append_resolved(
        self, tenant: str, ids: NDArray[np.int64], batch: SampleBatch
    ) -> Future[None]:
        """As the store does, and into the queue."""
        stored = self._store.append_resolved(tenant, ids, batch)
        if not self._is_wanted(tenant):
            return stored

        def make() -> bytes:
            rows, times, values, starts = (
                batch.series,
                batch.timestamps_ms,
                batch.values,
                batch.starts_ms,
            )
            if not ids.all():
                keep = ids[rows] != 0
                rows, times, values = rows[keep], times[keep], values[keep]
                starts = None if starts is None else starts[keep]
            exemplars = [(row, found) for row, found in batch.exemplars if ids[row]]
            return self._item(
                ids, (rows, times, values, starts), batch.histograms, exemplars
            ).pack()

        return self._queued(stored, make, len(batch.values))

    def _is_wanted(self, tenant: str) -> bool:
        return self.is_active and tenant == self._tenant

    def _queued(
        self, stored: Future[None], make: Callable[[], bytes], samples: int
    ) -> Future[None]:
        try:
            queued = self._queue.append(make, samples=samples, at_ms=self._clock.now_ms())
        except ApplianceError as error:
            self._note_loss(error, samples)
            return stored
        return _both(stored, queued, lambda error: self._note_loss(error, samples))

    def _note_loss(self, error: BaseException, samples: int) -> None:
        self._lost.inc(samples)
        _log.error("remote write: %d samples are not forwarded: %s", samples, error)

    # -- in the queue's writer thread

    def _item(
        self,
        ids: NDArray[np.int64],
        columns: tuple[
            NDArray[np.int64],
            NDArray[np.int64],
            NDArray[np.float64],
            NDArray[np.int64] | None,
        ],
        histograms: Sequence[Histogram],
        exemplars: Sequence[tuple[int, Exemplar]],
    ) -> ForwardItem:
        rows, times, values, starts = columns
        rest = b""
        if len(histograms) or exemplars:
            boxed = is_histogram(values)
            rest = self._rest(ids, (rows, times, values, starts, boxed), histograms, exemplars)
            if boxed.any():
                rows, times, values = rows[~boxed], times[~boxed], values[~boxed]
                starts = None if starts is None else starts[~boxed]
        used, numbers = np.unique(rows, return_inverse=True)
        labels = self._encoded(ids[used])
        return ForwardItem(labels, numbers.astype(np.uint32), times, values, starts, rest)

    def _encoded(self, ids: NDArray[np.int64]) -> list[bytes]:
        """Label fields of series; empty for one that has been forgotten meanwhile."""
        from appliance.wire.remote.encode import encode_labels  # noqa: PLC0415 - protobuf

        wanted = ids.tolist()
        known = self._labels
        unknown = [number for number in wanted if number not in known]
        if unknown:
            if len(known) + len(unknown) > _REMEMBERED:
                known.clear()
                unknown = wanted
            found = self._store.labels_of(self._tenant, np.array(unknown, dtype=np.int64))
            for number, labels in zip(unknown, found, strict=True):
                known[number] = b"" if labels is None else encode_labels(labels)
        return [known[number] for number in wanted]

    def _rest(
        self,
        ids: NDArray[np.int64],
        columns: tuple[
            NDArray[np.int64],
            NDArray[np.int64],
            NDArray[np.float64],
            NDArray[np.int64] | None,
            NDArray[np.bool_],
        ],
        histograms: Sequence[Histogram],
        exemplars: Sequence[tuple[int, Exemplar]],
    ) -> bytes:
        """Histograms and exemplars as a request of their own."""
        from appliance.wire.messages import remote_pb2 as pb  # noqa: PLC0415
        from appliance.wire.remote.encode import exemplar_message  # noqa: PLC0415
        from appliance.wire.remote.histograms import histogram_message  # noqa: PLC0415

        rows, times, values, starts, boxed = columns
        request = pb.WriteRequest()
        numbers = unbox_histograms(values[boxed]).tolist()
        begun = [0] * len(numbers) if starts is None else starts[boxed].tolist()
        named = self._encoded(ids[rows[boxed]])
        for number, labels, time_ms, start_ms in zip(
            numbers, named, times[boxed].tolist(), begun, strict=True
        ):
            series = request.timeseries.add()
            series.MergeFromString(labels)
            series.histograms.append(histogram_message(histograms[number], time_ms, start_ms))
        named = self._encoded(ids[np.array([row for row, _ in exemplars], dtype=np.int64)])
        for labels, (_, exemplar) in zip(named, exemplars, strict=True):
            series = request.timeseries.add()
            series.MergeFromString(labels)
            series.exemplars.append(exemplar_message(exemplar))
        data: bytes = request.SerializeToString()
        return data


def _both(
    stored: Future[None], queued: Future[None], lost: Callable[[BaseException], None]
) -> Future[None]:
    """Ends when both have ended, as the first one has."""
    found: Future[None] = Future()
    found.set_running_or_notify_cancel()  # a caller that goes away cancels nothing
    lock = threading.Lock()
    left = 2

    def one(_: Future[None]) -> None:
        nonlocal left
        with lock:
            left -= 1
            if left:
                return
        if (error := queued.exception()) is not None:
            lost(error)
        if (error := stored.exception()) is not None:
            found.set_exception(error)
        else:
            found.set_result(None)

    stored.add_done_callback(one)
    queued.add_done_callback(one)
    return found
