"""Who would have been told: the Alertmanager on a clock of its own, fed with what alerts would do.

Routes, groups, waits, repetitions, inhibition and time intervals are those of the configuration in
use; silences there are none, and everything is delivered at once. Alerts that were not backtested
are not there, so they inhibit nobody.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from appliance.alertmanager.deps import AlertmanagerDeps, AlertmanagerOptions
from appliance.alertmanager.explain.facts import Addressee
from appliance.alertmanager.service import Alertmanager
from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.model.alert import Alert
from appliance.model.notification import LogEntry, LogKey
from appliance.notify.delivery.decision import Reason, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels
    from appliance.model.silence import Silence
    from appliance.notify.message import Flush

_MS_NS = 1_000_000
#: Nothing is looked at between flushes; alerts of the future never end by themselves.
_NEVER_SECONDS = 10.0**9
_NEVER_NS = 10**18
#: Alerts that take part, and notifications that are listed.
MOST_ALERTS, MOST_NOTIFICATIONS = 20_000, 100_000
#: After so much simulated time it is looked whether it takes too long.
_SLICE_SECONDS = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert as it is sent, from when to when; 0: to the end."""

    labels: Labels
    fired_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Notification:
    """What an integration would have been told.

    Attributes:
        integration: Its kind; empty when the receiver has none, so that nobody is told.
        reason: As in `notification_reason`.
        firing, resolved: How many alerts.
        fresh: Fingerprints of alerts that it was not told of before.
    """

    at_ms: int
    receiver: str
    integration: str
    index: int
    reason: str
    group_key: str
    group_labels: Labels
    firing: int
    resolved: int
    fresh: frozenset[str]


@dataclass(slots=True)
class Simulated:
    """What came of it.

    Attributes:
        until_ms: How far it was simulated.
        is_complete: Whether that is as far as was asked for.
    """

    until_ms: int
    is_complete: bool = True
    notifications: list[Notification] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Routing:
    """The configuration in use, and the integrations of its receivers."""

    config: AlertmanagerConfig
    directory: Path
    addressees: Callable[[str], Sequence[Addressee]]


def simulate(
    routing: Routing, alerts: Sequence[Firing], until_ms: int, *, is_late: Callable[[], bool]
) -> Simulated:
    """Who would have been told of alerts; call it in a worker thread.

    Args:
        is_late: Asked now and then; stops it.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_simulate(routing, alerts, until_ms, is_late))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """A loop that does it in a third of the time, where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _simulate(
    routing: Routing, alerts: Sequence[Firing], until_ms: int, is_late: Callable[[], bool]
) -> Simulated:
    if not alerts:
        return Simulated(until_ms)
    clock = ManualClock(min(one.fired_ms for one in alerts))
    found = Simulated(until_ms)
    notifier = _Notifier(routing.addressees, found.notifications)
    alertmanager = Alertmanager(_deps(clock, notifier), routing.config, routing.directory)
    await alertmanager.start()
    running = spawn(alertmanager.run(), name="backtest")
    try:
        for at_ms, changes in groupby(_changes(alerts), key=lambda one: one[0]):
            if await _advance(clock, at_ms, is_late):
                break
            await alertmanager.put([_report(one, at_ms) for _, one in changes])
        await _advance(clock, until_ms, is_late)
    finally:
        found.until_ms = min(clock.now_ms(), until_ms)
        found.is_complete = clock.now_ms() >= until_ms
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await alertmanager.stop()
    return found


def _changes(alerts: Sequence[Firing]) -> list[tuple[int, Firing]]:
    changes = [(one.fired_ms, one) for one in alerts]
    changes += [(one.ended_ms, one) for one in alerts if one.ended_ms]
    return sorted(changes, key=lambda change: change[0])


def _report(one: Firing, at_ms: int) -> Alert:
    ends_ns = at_ms * _MS_NS if at_ms == one.ended_ms else at_ms * _MS_NS + _NEVER_NS
    return Alert(one.labels, {}, one.fired_ms * _MS_NS, ends_ns, at_ms * _MS_NS)


async def _advance(clock: ManualClock, to_ms: int, is_late: Callable[[], bool]) -> bool:
    """Let time pass; whether it took too long."""
    while clock.now_ms() < to_ms:
        await clock.advance(min((to_ms - clock.now_ms()) / 1000, _SLICE_SECONDS))
        if is_late():
            return True
    return False


def _deps(clock: ManualClock, notifier: _Notifier) -> AlertmanagerDeps:
    return AlertmanagerDeps(
        clock=clock,
        telemetry=Telemetry(),
        store=_Memory(),
        pipeline=lambda _config, _directory: notifier,
        recorder=notifier,
        options=AlertmanagerOptions(
            gc_seconds=_NEVER_SECONDS,
            maintenance_seconds=_NEVER_SECONDS,
            look_seconds=_NEVER_SECONDS,
        ),
    )


class _Notifier:
    """Notes who would be told, as the pipeline decides it."""

    def __init__(
        self, addressees: Callable[[str], Sequence[Addressee]], told: list[Notification]
    ) -> None:
        self._addressees = addressees
        self._told = told
        self._log: dict[LogKey, LogEntry] = {}
        self._nobody = (Addressee("", 0, send_resolved=True),)

    def record(self, *events: AlertEvent) -> None:
        """Nothing is recorded."""

    async def notify(self, flush: Flush) -> bool:
        """See `Notifier`."""
        over = frozenset(one.fingerprint for one in flush.alerts if one.is_resolved(flush.now_ns))
        firing = frozenset(one.fingerprint for one in flush.alerts) - over
        for one in self._addressees(flush.receiver) or self._nobody:
            self._tell(flush, one, firing, over)
        return True

    def _tell(
        self, flush: Flush, one: Addressee, firing: frozenset[str], over: frozenset[str]
    ) -> None:
        key = LogKey(flush.group_key, flush.receiver, one.kind, one.index)
        entry = self._log.get(key)
        reason = decide(
            entry,
            firing,
            over,
            now_ns=flush.now_ns,
            repeat_ns=flush.repeat_ns,
            send_resolved=one.send_resolved,
        )
        if reason is Reason.NONE:
            return
        self._log[key] = LogEntry(key, flush.now_ns, firing, over, 0)
        if (firing or one.send_resolved) and len(self._told) < MOST_NOTIFICATIONS:
            self._told.append(
                Notification(
                    flush.now_ns // _MS_NS,
                    flush.receiver,
                    one.kind,
                    one.index,
                    reason.value,
                    flush.group_key,
                    flush.group_labels,
                    len(firing),
                    len(over) if one.send_resolved else 0,
                    firing - (entry.firing if entry is not None else frozenset()),
                )
            )


class _Memory:
    """A store that keeps nothing."""

    def load_alerts(self) -> list[Alert]:
        """None."""
        return []

    def load_silences(self) -> list[Silence]:
        """None."""
        return []

    def put_alerts(self, _alerts: Sequence[Alert]) -> Future[None]:
        """Done at once."""
        return _done()

    def put_silences(self, _silences: Sequence[Silence]) -> Future[None]:
        """Done at once."""
        return _done()

    def delete_alerts(self, _fingerprints: Sequence[str]) -> Future[None]:
        """Done at once."""
        return _done()

    def delete_silences(self, _ids: Sequence[str]) -> Future[None]:
        """Done at once."""
        return _done()


def _done() -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(None)
    return future
