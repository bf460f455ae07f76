"""Alerts that wait to be passed on to one addressee.

Invariants: of each alert only the newest report waits, at the place of the first; there are never
more than the capacity: when it is full, those that have waited longest make room and are counted.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from appliance.base.errors import ApplianceError, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from appliance.base.clock import Clock
    from appliance.model.alert import Alert, AlertSink

_log = logging.getLogger(__name__)

#: As Prometheus' `--alertmanager.notification-queue-capacity`.
CAPACITY = 10_000
#: As many alerts as our own Alertmanager takes: all of them may fire at once.
_OWN_CAPACITY = 200_000
#: That an alert is over is told for so long; who has not heard by then has given it up, too.
_RESOLVED_NS = 15 * 60 * 10**9
_FIRST_WAIT_SECONDS, _LAST_WAIT_SECONDS = 1.0, 30.0


class Outbox:
    """See the module's docstring; used on the event loop.

    Args:
        dropped: Told how many alerts will not be passed on.
    """

    def __init__(self, dropped: Callable[[int], None], *, capacity: int = CAPACITY) -> None:
        self._dropped = dropped
        self._capacity = capacity
        self._waiting: dict[str, Alert] = {}
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, alerts: Iterable[Alert]) -> None:
        """Have alerts wait."""
        for alert in alerts:
            self._waiting[alert.fingerprint] = alert
        self._make_room()

    def take(self, most: int) -> list[Alert]:
        """Those that have waited longest."""
        keys = [key for key, _ in zip(self._waiting, range(most), strict=False)]
        found = [self._waiting.pop(key) for key in keys]
        if not self._waiting:
            self._filled.clear()
        return found

    def give_back(self, alerts: Iterable[Alert], now_ns: int, *, are_refused: bool = False) -> None:
        """Alerts that could not be passed on wait again, at the front.

        Those that nobody would look at any more are dropped, and counted.

        Args:
            are_refused: There is no room for some of these: others go first, among them those that
                say that an alert is over, which makes room.
        """
        taken = list(alerts)
        useful = [alert for alert in taken if _is_useful(alert, now_ns)]
        self._dropped(len(taken) - len(useful))
        before = {alert.fingerprint: alert for alert in useful}
        if are_refused:
            others = {key: one for key, one in self._waiting.items() if key not in before}
            self._waiting = {**others, **before, **self._waiting}
        else:
            self._waiting = {**before, **self._waiting}
        self._make_room()

    async def deliver(
        self,
        send: Callable[[Sequence[Alert]], Awaitable[None]],
        clock: Clock,
        *,
        name: str,
        most: int = CAPACITY,
    ) -> None:
        """Pass alerts on until cancelled, again and again what could not be passed on.

        Args:
            send: Raises when they were not taken.
            name: Of the addressee, for messages.
            most: At a time.
        """
        wait_seconds = _FIRST_WAIT_SECONDS
        while True:
            await self._filled.wait()
            batch = self.take(most)
            try:
                await send(batch)
            except ApplianceError as error:
                if wait_seconds == _FIRST_WAIT_SECONDS:
                    _log.warning("%s was not told of %s alerts: %s", name, len(batch), error)
                are_refused = isinstance(error, LimitExceeded)
                self.give_back(batch, clock.now_ns(), are_refused=are_refused)
                await clock.sleep(wait_seconds)
                wait_seconds = min(2 * wait_seconds, _LAST_WAIT_SECONDS)
            else:
                if wait_seconds > _FIRST_WAIT_SECONDS:
                    _log.info("%s can be told again", name)
                wait_seconds = _FIRST_WAIT_SECONDS

    def _make_room(self) -> None:
        surplus = len(self._waiting) - self._capacity
        if surplus > 0:
            self.take(surplus)
            self._dropped(surplus)
        if self._waiting:
            self._filled.set()


def _is_useful(alert: Alert, now_ns: int) -> bool:
    """Whether it fires still as far as the report goes, or was over only lately."""
    return alert.ends_ns > now_ns or now_ns - alert.ends_ns < _RESOLVED_NS


class PatientSink:
    """An `AlertSink` that never refuses: what another one does not take waits in an `Outbox`.

    Args:
        dropped: Told how many alerts will not be passed on.
        name: Of the other one, for messages.
    """

    def __init__(
        self, sink: AlertSink, clock: Clock, dropped: Callable[[int], None], *, name: str
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._name = name
        self._outbox = Outbox(dropped, capacity=_OWN_CAPACITY)

    async def put(self, alerts: Sequence[Alert]) -> None:
        """Have alerts wait for their turn."""
        self._outbox.put(alerts)

    async def run(self) -> None:
        """Pass alerts on until cancelled; what waits then is given up."""
        await self._outbox.deliver(self._sink.put, self._clock, name=self._name)
