"""What became of each alert: tells the flight record and whoever listens, once per change.

Invariant: an alert is known here from its first report while it fires until it is told to be over.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.alertmanager.mute.muter import Suppression
from appliance.alertmanager.views import AlertChange, ChangeKind
from appliance.base.tasks import attempt_call
from appliance.model.alert_event import AlertEvent, EventKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.alertmanager.alert_table import Reported
    from appliance.model.alert import Alert
    from appliance.model.alert_event import Recorder

    Listener = Callable[[AlertChange], None]

_NOTHING = Suppression()


@dataclass(slots=True)
class _Known:
    """What was last told of an alert that fires; `is_told` of to listeners, too."""

    alert: Alert
    suppression: Suppression = _NOTHING
    is_told: bool = False


class Tracker:
    """Used on the event loop only.

    Attributes:
        listeners: Told of changes, one after the other; an error is logged.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._known: dict[str, _Known] = {}
        #: Ends of alerts that fire; those that moved are looked at again when they come up.
        self._ends: list[tuple[int, str]] = []
        self._queued: dict[str, int] = {}
        self.listeners: list[Listener] = []

    def restore(self, alert: Alert, until_ns: int, suppression: Suppression) -> None:
        """Take an alert for firing until a time at least, as one that was told of before."""
        self._known[alert.fingerprint] = _Known(alert, suppression, is_told=True)
        self._queue(until_ns, alert.fingerprint)

    def report(self, reported: Reported, now_ns: int) -> None:
        """Take note of a report of an alert."""
        alert = reported.alert
        known = self._known.get(alert.fingerprint)
        if alert.is_resolved(now_ns):
            if known is not None:
                self._resolve(known, alert, now_ns)
            elif reported.before is None:
                self._record(EventKind.RECEIVED, alert, now_ns, **_content(alert), resolved=True)
            return
        if known is not None:
            known.alert = alert
            self._queue(alert.ends_ns, alert.fingerprint)
            return
        self._known[alert.fingerprint] = _Known(alert)
        self._queue(alert.ends_ns, alert.fingerprint)
        self._record(EventKind.RECEIVED, alert, now_ns, **_content(alert))

    def suppress(self, alert: Alert, found: Suppression, now_ns: int) -> None:
        """Take note of what holds an alert back."""
        known = self._known.get(alert.fingerprint)
        if known is None:
            return
        before, known.suppression = known.suppression, found
        if found is before or found == before:
            return
        told = replace(found, muted_by=())
        if told != replace(before, muted_by=()):
            kind = EventKind.SUPPRESSED if told else EventKind.UNSUPPRESSED
            self._record(kind, alert, now_ns, **_reasons(told))
        if known.is_told and bool(found) != bool(before):
            change = ChangeKind.SUPPRESSED if found else ChangeKind.RELEASED
            self._tell(change, known, now_ns)

    def tell_firing(self, alert: Alert, now_ns: int) -> None:
        """Tell listeners of an alert that has begun to fire; what holds it back is known now."""
        known = self._known.get(alert.fingerprint)
        if known is not None and not known.is_told:
            known.is_told = True
            self._tell(ChangeKind.FIRING, known, now_ns)

    def suppression_of(self, fingerprint: str) -> Suppression:
        """What holds an alert back, as far as it was looked at."""
        known = self._known.get(fingerprint)
        return known.suppression if known else _NOTHING

    def is_firing(self, fingerprint: str) -> bool:
        """Whether an alert is known to fire."""
        return fingerprint in self._known

    def firing(self) -> list[Alert]:
        """All alerts that are known to fire."""
        return [known.alert for known in self._known.values()]

    def count(self, state: str) -> int:
        """How many alerts are `active`, `suppressed` or `unprocessed`.

        Those that only time intervals hold back are active, as in Alertmanager.
        """
        held = (known.suppression for known in self._known.values())
        suppressed = sum(bool(found.silenced_by or found.inhibited_by) for found in held)
        counts = {"active": len(self._known) - suppressed, "suppressed": suppressed}
        return counts.get(state, 0)

    def next_end_ns(self) -> int | None:
        """When to look for alerts that are over; None when none fires."""
        return self._ends[0][0] if self._ends else None

    def end(self, now_ns: int, *, most: int) -> None:
        """Find alerts whose end has come.

        Args:
            most: How many to look at.
        """
        for _ in range(most):
            if not self._ends or self._ends[0][0] > now_ns:
                return
            ends_ns, fingerprint = heapq.heappop(self._ends)
            if self._queued.get(fingerprint) != ends_ns:
                continue  # an earlier end was looked at since
            del self._queued[fingerprint]
            known = self._known.get(fingerprint)
            if known is None:
                continue
            if known.alert.is_resolved(now_ns):
                self._resolve(known, known.alert, now_ns)
            else:
                self._queue(known.alert.ends_ns, fingerprint)

    def _queue(self, ends_ns: int, fingerprint: str) -> None:
        queued_ns = self._queued.get(fingerprint)
        if queued_ns is None or ends_ns < queued_ns:
            self._queued[fingerprint] = ends_ns
            heapq.heappush(self._ends, (ends_ns, fingerprint))

    def _resolve(self, known: _Known, alert: Alert, now_ns: int) -> None:
        known.alert = alert
        del self._known[alert.fingerprint]
        detail = {"starts_ns": alert.starts_ns, "ends_ns": alert.ends_ns}
        self._record(EventKind.RESOLVED, alert, now_ns, **detail)
        self._tell(ChangeKind.RESOLVED, known, now_ns)

    def _tell(self, kind: ChangeKind, known: _Known, now_ns: int) -> None:
        change = AlertChange(kind, known.alert, now_ns, known.suppression)
        for listener in list(self.listeners):
            attempt_call(lambda listener=listener: listener(change), name="a listener to alerts")  # type: ignore[misc]

    def _record(self, kind: EventKind, alert: Alert, now_ns: int, **detail: object) -> None:
        self._recorder.record(AlertEvent(now_ns, kind, (alert.fingerprint,), detail=detail))


def _content(alert: Alert) -> dict[str, object]:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "starts_ns": alert.starts_ns,
        "ends_ns": alert.ends_ns,
        "generator_url": alert.generator_url,
    }


def _reasons(suppression: Suppression) -> dict[str, object]:
    detail: dict[str, object] = {
        "silenced_by": list(suppression.silenced_by),
        "inhibited_by": [one.fingerprint for one in suppression.inhibited_by],
        "muted_by": list(suppression.muted_by),
    }
    for inhibition in suppression.inhibited_by:
        file, line = inhibition.place
        detail["inhibit_rule"] = inhibition.rule
        if file:
            detail["inhibit_place"] = f"{file}:{line}"
    return detail
