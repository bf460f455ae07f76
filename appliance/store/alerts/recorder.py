"""Takes events from everywhere and writes them in batches.

Invariants:
- `record` never blocks and never fails; at most `capacity` events wait, further ones are dropped
  and counted.
- At most one batch is at work, so events are stored in the order in which they were recorded, and
  the busier the disk is, the larger the batches get.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from appliance.base.telemetry import Telemetry
    from appliance.model.alert_event import AlertEvent
    from appliance.store.alerts.store import AlertStore

_log = logging.getLogger(__name__)

CAPACITY = 50_000
#: Events of one batch: some milliseconds of the writer's time.
_BATCH = 2000


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
        self._waiting: deque[AlertEvent] = deque()
        self._working: Future[range] | None = None
        self._lock = threading.Lock()
        self._is_failing = False

    def record(self, *events: AlertEvent) -> None:
        """Note what happened; see `Recorder`."""
        with self._lock:
            room = self._capacity - len(self._waiting)
            self._waiting.extend(islice(events, room) if len(events) > room else events)
            is_idle = self._working is None
        if len(events) > room:
            self._dropped.inc(len(events) - room)
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

    def _is_empty(self) -> bool:
        with self._lock:
            return self._working is None and not self._waiting

    def _start(self) -> None:
        """Hand the next batch to the writer, if there is one and none is at work."""
        with self._lock:
            if self._working is not None or not self._waiting:
                return
            count = min(_BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
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
