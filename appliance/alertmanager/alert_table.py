"""All alerts the Alertmanager knows, by their fingerprints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from appliance.model.alert import Alert


@dataclass(frozen=True, slots=True)
class Reported:
    """An alert as it is after a report, and as it was before."""

    alert: Alert
    before: Alert | None


class AlertTable:
    """Alerts; a report of an occurrence that goes on is merged with what is known of it.

    Args:
        max_alerts: Of all names.
        per_name: Alerts of one name; 0 is no limit. Those that are over do not count.
    """

    def __init__(self, *, max_alerts: int, per_name: int) -> None:
        self._max_alerts = max_alerts
        self._per_name = per_name
        self._alerts: dict[str, Alert] = {}
        self._names: dict[str, set[str]] = {}

    def __len__(self) -> int:
        return len(self._alerts)

    def __contains__(self, fingerprint: str) -> bool:
        return fingerprint in self._alerts

    def get(self, fingerprint: str) -> Alert | None:
        """The alert with a fingerprint."""
        return self._alerts.get(fingerprint)

    def all(self) -> list[Alert]:
        """All alerts, in the order they were first told of."""
        return list(self._alerts.values())

    def is_full(self) -> bool:
        """Whether no alert that is not known yet is taken."""
        return len(self._alerts) >= self._max_alerts

    def has_too_many(self, name: str, now_ns: int) -> bool:
        """Whether no further alert of a name is taken."""
        if self._per_name <= 0:
            return False
        known = self._names.get(name, set())
        if len(known) < self._per_name:
            return False
        firing = sum(not self._alerts[one].is_resolved(now_ns) for one in known)
        return firing >= self._per_name

    def put(self, alert: Alert) -> Reported:
        """Take a report."""
        before = self._alerts.get(alert.fingerprint)
        if before is not None and before.is_continued_by(alert):
            older, newer = (before, alert)
            if alert.updated_ns < before.updated_ns:
                older, newer = (alert, before)
            alert = older.merged(newer)
        self._alerts[alert.fingerprint] = alert
        if before is None:
            self._names.setdefault(alert.name, set()).add(alert.fingerprint)
        return Reported(alert, before)

    def remove_resolved(self, now_ns: int, *, held: Container[str]) -> list[str]:
        """Forget alerts that are over, less those somebody still holds; what was forgotten."""
        gone = [
            alert
            for alert in self._alerts.values()
            if alert.is_resolved(now_ns) and alert.fingerprint not in held
        ]
        self._remove(gone)
        return [alert.fingerprint for alert in gone]

    def _remove(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            del self._alerts[alert.fingerprint]
            names = self._names[alert.name]
            names.discard(alert.fingerprint)
            if not names:
                del self._names[alert.name]
