"""Takes events from everywhere and writes them in batches.

Invariants:
- `record` never blocks and never fails; at most `capacity` events wait, of a size of 64 MiB at the
  most, further ones are dropped and counted.
- At most one batch is at work, so events are stored in the order in which they were recorded, and
  the busier the disk is, the larger the batches get.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from appliance.base.telemetry import Telemetry
    from appliance.model.alert_event import AlertEvent
    from appliance.store.alerts.store import AlertStore

_log = logging.getLogger(__name__)

CAPACITY = 50_000
#: Requests and answers of 64 Ki characters each may be among the events.
_CAPACITY_CHARS = 64 << 20
#: Events of one batch: some milliseconds of the writer's time.
_BATCH = 2000
_BATCH_CHARS = 8 << 20


class StoredRecorder:
    """A `Recorder` into the store; see the module's docstring. Any thread may call.

    Args:
        capacity: Events that may wait.
    """

    def __init__(
        self, store: AlertStore, telemetry: Telemetry, *, capacity: int = CAPACITY
    ) -> None:
        self._store = store
        self._capacity = capacity
        self._dropped = telemetry.counter(
            "appliance_alert_events_dropped_total",
            "Events of alerts that are not in the record: too many waited, or the disk was full.",
        )
        self._waiting: deque[tuple[AlertEvent, int]] = deque()
        self._waiting_chars = 0
        self._working: Future[range] | None = None
        self._lock = threading.Lock()
        self._is_failing = False

    def record(self, *events: AlertEvent) -> None:
        """Note what happened; see `Recorder`."""
        sized = [(event, _chars(event)) for event in events]
        dropped = 0
        with self._lock:
            for event, chars in sized:
                if self._has_room(chars):
                    self._waiting.append((event, chars))
                    self._waiting_chars += chars
                else:
                    dropped += 1
            is_idle = self._working is None
        if dropped:
            self._dropped.inc(dropped)
        if is_idle:
            self._start()

    async def flush(self) -> None:
        """Wait until everything that was recorded so far can be read."""
        while not self._is_empty():
            working = self._working
            if working is None:
                self._start()
            else:
                await asyncio.wait([asyncio.wrap_future(working)])

    async def stop(self) -> None:
        """Write what is left; call before the store is closed."""
        await self.flush()

    def _has_room(self, chars: int) -> bool:
        is_full = len(self._waiting) >= self._capacity
        return not is_full and self._waiting_chars + chars <= _CAPACITY_CHARS

    def _take_batch(self) -> list[AlertEvent]:
        batch: list[AlertEvent] = []
        taken = 0
        while self._waiting and len(batch) < _BATCH and taken < _BATCH_CHARS:
            event, chars = self._waiting.popleft()
            batch.append(event)
            taken += chars
        self._waiting_chars -= taken
        return batch

    def _is_empty(self) -> bool:
        with self._lock:
            return self._working is None and not self._waiting

    def _start(self) -> None:
        """Hand the next batch to the writer, if there is one and none is at work."""
        with self._lock:
            if self._working is not None or not self._waiting:
                return
            batch = self._take_batch()
            count = len(batch)
            try:
                self._working = working = self._store.append_events(batch)
            except ApplianceError as error:  # the queue is full, or the server is stopping
                self._lose(count, error)
                return
        working.add_done_callback(lambda done: self._finish(done, count))

    def _finish(self, done: Future[range], count: int) -> None:
        error = done.exception()
        if error is not None:
            self._lose(count, error)
        else:
            self._is_failing = False
        with self._lock:
            self._working = None
        self._start()

    def _lose(self, count: int, error: BaseException) -> None:
        self._dropped.inc(count)
        if not self._is_failing:
            self._is_failing = True
            _log.error("events of alerts cannot be recorded: %s", error)


def _chars(event: AlertEvent) -> int:
    """The size of the texts of an event, which is what can be large."""
    return sum(len(value) for value in event.detail.values() if isinstance(value, str))
