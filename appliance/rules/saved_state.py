"""Alerts of rules as they were before a restart: pending and firing since exactly when they were.

# Differs from Prometheus: it guesses from ALERTS_FOR_STATE (`restore.py`, which is what happens
# here when there is no saved state), and makes an alert wait up to ten minutes after the start.

Invariants:
- What changes the state of an alert is durable before anybody is told of it: nobody hears of an
  alert that a crash could make unknown. Values and times of sending are saved when there is another
  reason to, and at the end.
- After an outage of more than an hour nothing is taken over: nobody knows whether the condition
  held meanwhile. After a shorter one the alert counts as active since it was.
- A rule is known by group, name and labels; its expression and `for` may have changed meanwhile.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import ApplianceError
from appliance.model.rule_alert import RuleAlert
from appliance.rules.alert import Alert, AlertState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from concurrent.futures import Future

    from appliance.model.labels import Labels
    from appliance.model.rule_alert import SavedAlerts
    from appliance.rules.alert import Alerts
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

    Told = Callable[[GroupState, RuleState, int], None]
    #: State and times of alerts, in their order.
    Snapshot = list[tuple[Labels, AlertState, int, int, int, int]]

_log = logging.getLogger(__name__)

#: As Prometheus' --rules.alert.for-outage-tolerance.
OUTAGE_MS = 3_600_000
#: How exactly the end of the evaluations before a crash is known.
_TOUCH_MS = 60_000


class RuleStates(Protocol):
    """Keeps alerts of rules by group and rule; any thread may call."""

    def load_rule_alerts(self, group: str) -> Mapping[str, SavedAlerts]:
        """What is kept for the rules of a group."""
        ...

    def put_rule_alerts(
        self, group: str, rules: Mapping[str, Sequence[RuleAlert]], evaluated_ms: int
    ) -> Future[None]:
        """Set the alerts of some rules; ends when it is durable."""
        ...

    def touch_rule_alerts(
        self, group: str, keys: Collection[str], evaluated_ms: int
    ) -> Future[None]:
        """Note that rules of a group were evaluated."""
        ...

    def keep_rule_alerts(self, group: str, keys: Collection[str]) -> Future[None]:
        """Forget all rules of a group but some."""
        ...


@dataclass(slots=True)
class _Kept:
    """What is known of a group.

    Attributes:
        rules: Alerting rules by key.
        keys: Their keys by `id`.
        saved: What is saved of each.
    """

    group: GroupState
    rules: dict[str, tuple[RuleState, Alerts]]
    keys: dict[int, str]
    saved: dict[str, Snapshot]
    touched_ms: int = 0


class StateKeeper:
    """Saves and takes over the alerts of a manager's rules; see the module's docstring.

    Called in worker threads, for each group in one at a time (and those that help it).

    Args:
        manager: Name of the manager; several may have groups of the same name.
    """

    def __init__(self, states: RuleStates, manager: str) -> None:
        self._states = states
        self._manager = manager
        self._kept: dict[str, _Kept] = {}
        self._is_failing = False

    def begin(self, group: GroupState, at_ms: int) -> None:
        """Take over what is saved, before a group's first evaluation in this process."""
        before = self._kept.get(group.key)
        if before is not None and before.group is group:
            return
        rules = _keyed(group)
        keys = {id(rule): key for key, (rule, _) in rules.items()}
        known = before.saved if before is not None else {}
        found = self._load(group) if rules.keys() - known.keys() else {}
        saved = {
            key: known[key] if key in known else _take_over(rule, alerts, found.get(key), at_ms)
            for key, (rule, alerts) in rules.items()
        }
        self._kept[group.key] = _Kept(group, rules, keys, saved)
        broken = _keyed(group, is_broken=True)  # they may be mended soon
        if (known.keys() | found.keys()) - rules.keys() - broken.keys():
            names = [*rules, *broken]
            self._settle(self._states.keep_rule_alerts, self._name(group), names)

    def telling(self, told: Told | None) -> Told:
        """A function that saves what has changed of a rule, then tells."""

        def tell(group: GroupState, rule: RuleState, at_ms: int) -> None:
            kept = self._kept[group.key]
            if id(rule) in kept.keys:
                self._save(kept, [kept.keys[id(rule)]], at_ms)
            if told is not None:
                told(group, rule, at_ms)

        return tell

    def end(self, group: GroupState, at_ms: int) -> None:
        """Save what else has changed, after an evaluation."""
        kept = self._kept[group.key]
        self._save(kept, kept.rules, at_ms)
        active = [key for key, snapshot in kept.saved.items() if snapshot]
        if active and not 0 <= at_ms - kept.touched_ms < _TOUCH_MS:
            kept.touched_ms = at_ms
            self._settle(self._states.touch_rule_alerts, self._name(group), active, at_ms)

    def save_all(self) -> None:
        """Save everything, values too: the process ends."""
        for kept in self._kept.values():
            active = [key for key, (_, alerts) in kept.rules.items() if alerts.by_labels]
            if active and kept.group.last_ms:
                self._put(kept, active, kept.group.last_ms)

    def forget(self, group: GroupState) -> None:
        """A group is not there any more."""
        kept = self._kept.pop(group.key, None)
        if kept is not None and any(kept.saved.values()):
            self._settle(self._states.keep_rule_alerts, self._name(group), [])

    def _load(self, group: GroupState) -> Mapping[str, SavedAlerts]:
        try:
            return self._states.load_rule_alerts(self._name(group))
        except ApplianceError as error:
            _log.error("group %s: alerts cannot be taken over: %s", group.key, error)
            return {}

    def _save(self, kept: _Kept, keys: Iterable[str], at_ms: int) -> None:
        now = {key: _snapshot(kept.rules[key][1].by_labels.values()) for key in keys}
        changed = {key: snapshot for key, snapshot in now.items() if kept.saved[key] != snapshot}
        if changed and self._put(kept, changed, at_ms):
            kept.saved.update(changed)

    def _put(self, kept: _Kept, keys: Iterable[str], at_ms: int) -> bool:
        alerts = {
            key: [_saved(alert) for alert in kept.rules[key][1].by_labels.values()] for key in keys
        }
        return self._settle(self._states.put_rule_alerts, self._name(kept.group), alerts, at_ms)

    def _settle(self, write: Callable[..., Future[None]], *args: object) -> bool:
        """Whether something could be written: rules go on when it could not."""
        try:
            write(*args).result()
        except ApplianceError as error:
            if not self._is_failing:
                _log.error("alerts of rules cannot be saved: %s", error)
            self._is_failing = True
            return False
        self._is_failing = False
        return True

    def _name(self, group: GroupState) -> str:
        return f"{self._manager};{group.key}"


def _keyed(group: GroupState, *, is_broken: bool = False) -> dict[str, tuple[RuleState, Alerts]]:
    """The alerting rules of a group that can, or cannot, be evaluated, by their keys."""
    found: dict[str, tuple[RuleState, Alerts]] = {}
    for rule in group.rules:
        if rule.alerts is None or bool(rule.broken) != is_broken:
            continue
        name = json.dumps([rule.rule.alert, sorted(rule.labels.items())])
        twins = sum(key.startswith(name) for key in found) if name in found else 0
        found[f"{name};{twins}" if twins else name] = rule, rule.alerts
    return found


def _take_over(rule: RuleState, alerts: Alerts, saved: SavedAlerts | None, at_ms: int) -> Snapshot:
    """Give a rule without a history what is saved of it; returns what is saved then."""
    if saved is None:
        return []
    is_new = not rule.last_ms and not alerts.by_labels
    if is_new and at_ms - saved.evaluated_ms < OUTAGE_MS:
        alerts.by_labels = {alert.labels: _restored(alert) for alert in saved.alerts}
        alerts.restored = True
        rule.series = {labels for labels, _ in rule.alert_samples()}
    return _snapshot(map(_restored, saved.alerts))


def _snapshot(alerts: Iterable[Alert]) -> Snapshot:
    return [
        (
            one.labels,
            one.state,
            one.active_ms,
            one.fired_ms,
            one.resolved_ms,
            one.keep_firing_since_ms,
        )
        for one in alerts
    ]


def _saved(alert: Alert) -> RuleAlert:
    return RuleAlert(
        labels=alert.labels,
        annotations=alert.annotations,
        value=alert.value,
        state=alert.state.value,
        active_ms=alert.active_ms,
        fired_ms=alert.fired_ms,
        resolved_ms=alert.resolved_ms,
        keep_firing_since_ms=alert.keep_firing_since_ms,
        last_sent_ms=alert.sent_ms,
    )


def _restored(alert: RuleAlert) -> Alert:
    return Alert(
        labels=alert.labels,
        annotations=alert.annotations,
        value=alert.value,
        state=AlertState(alert.state),
        active_ms=alert.active_ms,
        fired_ms=alert.fired_ms,
        resolved_ms=alert.resolved_ms,
        keep_firing_since_ms=alert.keep_firing_since_ms,
        sent_ms=alert.last_sent_ms,
    )
