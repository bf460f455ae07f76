"""Alerts that pended before a restart go on where they were (Prometheus 3, RestoreForState).

Only for rules of which there is no saved state (`saved_state.py`), such as after a migration.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.matcher import Matcher, MatchOp
from appliance.model.sample import is_absent, is_stale
from appliance.promql.ast import METRIC_NAME

if TYPE_CHECKING:
    from appliance.model.labels import Labels
    from appliance.model.sources import Guard, SeriesSource
    from appliance.rules.rule_state import RuleState

#: An alert is taken over when its last sample is not older (--rules.alert.for-outage-tolerance).
_OUTAGE_MS = 3_600_000
#: Least time between a restart and firing (--rules.alert.for-grace-period).
_GRACE_MS = 600_000


def restore(state: RuleState, source: SeriesSource, guard: Guard, at_ms: int) -> None:
    """Give active alerts of a rule the beginning they had before the restart."""
    alerts = state.alerts
    if alerts is None or alerts.restored:
        return
    before = _last_states(state, source, guard, at_ms) if alerts.by_labels else {}
    for labels, alert in list(alerts.by_labels.items()):
        known = before.get(labels)
        begin_ms = _begin(alerts.hold_ms, *known, at_ms) if known is not None else None
        if begin_ms is not None:
            alerts.by_labels[labels] = replace(alert, active_ms=begin_ms)
    alerts.restored = True


def _begin(hold_ms: int, down_ms: int, active_ms: int, at_ms: int) -> int | None:
    """Since when the alert counts as active; None for since now.

    Args:
        down_ms: Time of the last sample before the restart.
        active_ms: What it said.
    """
    remaining = hold_ms - (down_ms - active_ms)
    if remaining <= 0:
        return active_ms  # it was firing
    if hold_ms < _GRACE_MS:
        return None  # beginning anew is shorter than the grace period
    if remaining < _GRACE_MS:
        return at_ms + _GRACE_MS - hold_ms
    return active_ms + at_ms - down_ms


def _last_states(
    state: RuleState, source: SeriesSource, guard: Guard, at_ms: int
) -> dict[Labels, tuple[int, int]]:
    """Time and value, both in milliseconds, of the last ALERTS_FOR_STATE by alert.

    One that ended in a staleness marker was not active.
    """
    matchers = (
        Matcher(METRIC_NAME, MatchOp.EQUAL, "ALERTS_FOR_STATE"),
        Matcher("alertname", MatchOp.EQUAL, state.rule.alert),
    )
    found: dict[Labels, tuple[int, int]] = {}
    for group in source.select(matchers, at_ms - _OUTAGE_MS, at_ms - 1, guard):
        present, stale = ~is_absent(group.values), is_stale(group.values)
        for row in np.flatnonzero(present.any(axis=1)).tolist():
            last = int(np.flatnonzero(present[row])[-1])
            if not stale[row, last]:
                value = float(group.values[row, last])
                labels = group.labels[row].without(METRIC_NAME)
                found[labels] = int(group.timestamps_ms[last]), int(value * 1000)
    return found
