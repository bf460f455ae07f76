"""The alerts of one alerting rule: pending, firing, resolved (Prometheus, rules/alerting.go)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.labels import Labels

#: A resolved alert is remembered, and told, for so long.
_RESOLVED_KEPT_MS = 15 * 60_000


class AlertState(Enum):
    """Where an alert is."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert.

    Attributes:
        labels: Those of the rule included, `alertname` too.
        value: Of the expression, as last seen.
        active_ms: Since when the condition holds.
        fired_ms, resolved_ms, keep_firing_since_ms: 0 for not.
        sent_ms: When Alertmanagers were last told of it, 0 for never.
    """

    labels: Labels
    annotations: Mapping[str, str]
    value: float
    state: AlertState
    active_ms: int
    fired_ms: int = 0
    resolved_ms: int = 0
    keep_firing_since_ms: int = 0
    sent_ms: int = 0

    def is_due(self, at_ms: int, resend_ms: int) -> bool:
        """Whether Alertmanagers have to be told of it, for the first time or again."""
        if self.state is AlertState.PENDING:
            return False
        is_late = not at_ms - resend_ms <= self.sent_ms <= at_ms  # a clock may be set back
        return is_late or self.resolved_ms > self.sent_ms


class Alerts:
    """The alerts of one rule; changed by one thread at a time, read by others meanwhile.

    Args:
        hold_ms: The rule's `for`.
        keep_firing_ms: The rule's `keep_firing_for`.

    Attributes:
        changed: Alerts that got into another state since `take_changed`, as they were then.
    """

    def __init__(self, hold_ms: int, keep_firing_ms: int) -> None:
        self.hold_ms = hold_ms
        self._keep_firing_ms = keep_firing_ms
        #: False until what was before a restart has been taken over.
        self.restored = hold_ms == 0
        self.by_labels: dict[Labels, Alert] = {}
        self.changed: list[Alert] = []

    @property
    def active(self) -> list[Alert]:
        """Those that pend or fire, in order of labels."""
        known = list(self.by_labels.values())  # at once: another thread may be changing them
        found = [alert for alert in known if alert.state is not AlertState.INACTIVE]
        return sorted(found, key=lambda alert: alert.labels)

    @property
    def state(self) -> AlertState:
        """The state of the rule: that of its worst alert."""
        states = {alert.state for alert in list(self.by_labels.values())}
        for state in (AlertState.FIRING, AlertState.PENDING):
            if state in states:
                return state
        return AlertState.INACTIVE

    def update(self, found: Mapping[Labels, tuple[float, Mapping[str, str]]], at_ms: int) -> None:
        """Take over one evaluation.

        Args:
            found: Value and annotations by the labels of the alert.
        """
        for labels, (value, texts) in found.items():
            known = self.by_labels.get(labels)
            if known is not None and known.state is not AlertState.INACTIVE:
                self.by_labels[labels] = replace(known, value=value, annotations=texts)
            else:
                begun = Alert(labels, texts, value, AlertState.PENDING, at_ms)
                self.by_labels[labels] = begun
                self.changed.append(begun)
        for labels, alert in list(self.by_labels.items()):
            if labels in found:
                self._advance(alert, at_ms)
            else:
                self._end(alert, at_ms)

    def clear(self) -> None:
        """Forget all alerts: the rule has failed by having too many."""
        self.by_labels.clear()

    def take_changed(self) -> list[Alert]:
        """What has changed since it was last asked."""
        found, self.changed = self.changed, []
        return found

    def take_due(self, at_ms: int, resend_ms: int) -> list[Alert]:
        """Alerts that Alertmanagers have to be told of; they count as told.

        Args:
            resend_ms: Told again after so long.
        """
        due = [alert for alert in self.by_labels.values() if alert.is_due(at_ms, resend_ms)]
        for alert in due:
            self.by_labels[alert.labels] = replace(alert, sent_ms=at_ms)
        return due

    def _advance(self, alert: Alert, at_ms: int) -> None:
        if alert.keep_firing_since_ms:
            alert = replace(alert, keep_firing_since_ms=0)
        if alert.active_ms > at_ms:  # somebody has set the clock back
            alert = replace(alert, active_ms=at_ms)
        if alert.state is AlertState.PENDING and at_ms - alert.active_ms >= self.hold_ms:
            alert = replace(alert, state=AlertState.FIRING, fired_ms=at_ms)
            self.changed.append(alert)
        self.by_labels[alert.labels] = alert

    def _end(self, alert: Alert, at_ms: int) -> None:
        """The condition does not hold any more."""
        if alert.state is AlertState.FIRING and self._keep_firing_ms:
            since = alert.keep_firing_since_ms or at_ms
            if at_ms - since < self._keep_firing_ms:
                self.by_labels[alert.labels] = replace(alert, keep_firing_since_ms=since)
                return
        is_over = alert.resolved_ms and at_ms - alert.resolved_ms > _RESOLVED_KEPT_MS
        if alert.state is AlertState.PENDING or is_over:
            del self.by_labels[alert.labels]
        if alert.state is AlertState.INACTIVE:
            return
        ended = replace(alert, state=AlertState.INACTIVE, resolved_ms=at_ms, keep_firing_since_ms=0)
        self.changed.append(ended)
        if alert.state is AlertState.FIRING:
            self.by_labels[alert.labels] = ended
