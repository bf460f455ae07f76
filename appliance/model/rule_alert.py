"""What is kept of an alerting rule's alerts, so that a restart changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.labels import Labels


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """One alert of a rule.

    Attributes:
        labels: Those of the rule included, `alertname` too.
        value: Of the expression, as last seen.
        state: `pending`, `firing` or `inactive`.
        active_ms: Since when the condition holds.
        fired_ms, resolved_ms, keep_firing_since_ms, last_sent_ms: 0 for not.
    """

    labels: Labels
    annotations: Mapping[str, str]
    value: float
    state: str
    active_ms: int
    fired_ms: int = 0
    resolved_ms: int = 0
    keep_firing_since_ms: int = 0
    last_sent_ms: int = 0


@dataclass(frozen=True, slots=True)
class SavedAlerts:
    """All alerts of one rule.

    Attributes:
        evaluated_ms: When the rule was evaluated last, to a minute.
    """

    evaluated_ms: int
    alerts: tuple[RuleAlert, ...]
