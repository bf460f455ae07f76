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
    """

    labels: Labels
    annotations: Mapping[str, str]
    value: float
    state: AlertState
    active_ms: int
    fired_ms: int = 0
    resolved_ms: int = 0
    keep_firing_since_ms: int = 0


class Alerts:
    """The alerts of one rule; used by one thread at a time.

    Args:
        hold_ms: The rule's `for`.
        keep_firing_ms: The rule's `keep_firing_for`.
    """

    def __init__(self, hold_ms: int, keep_firing_ms: int) -> None:
        self.hold_ms = hold_ms
        self._keep_firing_ms = keep_firing_ms
        #: False until what was before a restart has been taken over.
        self.restored = hold_ms == 0
        self.by_labels: dict[Labels, Alert] = {}

    @property
    def active(self) -> list[Alert]:
        """Those that pend or fire, in order of labels."""
        found = [a for a in self.by_labels.values() if a.state is not AlertState.INACTIVE]
        return sorted(found, key=lambda alert: alert.labels)

    @property
    def state(self) -> AlertState:
        """The state of the rule: that of its worst alert."""
        states = {alert.state for alert in self.by_labels.values()}
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
                self.by_labels[labels] = Alert(labels, texts, value, AlertState.PENDING, at_ms)
        for labels, alert in list(self.by_labels.items()):
            if labels in found:
                self._advance(alert, at_ms)
            else:
                self._end(alert, at_ms)

    def clear(self) -> None:
        """Forget all alerts: the rule has failed by having too many."""
        self.by_labels.clear()

    def _advance(self, alert: Alert, at_ms: int) -> None:
        alert = replace(alert, keep_firing_since_ms=0)
        if alert.state is AlertState.PENDING and at_ms - alert.active_ms >= self.hold_ms:
            alert = replace(alert, state=AlertState.FIRING, fired_ms=at_ms)
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
        elif alert.state is AlertState.FIRING:
            self.by_labels[alert.labels] = replace(
                alert, state=AlertState.INACTIVE, resolved_ms=at_ms, keep_firing_since_ms=0
            )
