"""What the rules of this server know of an alert, for its explanation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.alertmanager.explain.facts import RuleFact
from appliance.rules.alert import AlertState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from appliance.model.labels import Labels
    from appliance.rules.alert import Alert
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState
    from appliance.rules.sending import AlertSender


class ServerRules:
    """A `RuleFacts`; used on the event loop, while worker threads evaluate rules.

    Args:
        groups: All groups of all kinds of rules.
        sent_to: Addresses of the Alertmanagers that are told.
    """

    def __init__(
        self,
        groups: Callable[[], Sequence[GroupState]],
        sender: AlertSender,
        sent_to: Callable[[], Sequence[str]],
    ) -> None:
        self._groups = groups
        self._sender = sender
        self._sent_to = sent_to

    def of_alert(self, labels: Labels, fingerprint: str) -> list[RuleFact]:
        """See `RuleFacts`."""
        name = labels.get("alertname")
        found = [
            self._fact(group, rule, alert)
            for named in (name, "")
            for group, rule in self._rules(named)
            for alert in _alerts(rule)
            if self._sender.own_labels(alert.labels)[1] == fingerprint
        ]
        if found:
            # Relabelling may change the name: then it is only found when all rules are asked.
            return list(dict.fromkeys(found))
        return [
            self._fact(group, rule, None)
            for group, rule in (self._rules(name) if name else ())
            if _could_make(rule, labels)
        ]

    def active(self, labels: Labels) -> Mapping[str, Labels]:
        """See `RuleFacts`."""
        wanted = set(labels)
        found: dict[str, Labels] = {}
        for _, rule in self._rules(""):
            for alert in _alerts(rule):
                own, fingerprint = self._sender.own_labels(alert.labels)
                shown = alert.labels if own is None else own
                if alert.state is not AlertState.INACTIVE and wanted <= set(shown):
                    found[fingerprint] = shown
        return found

    def _rules(self, name: str) -> Iterator[tuple[GroupState, RuleState]]:
        """Alerting rules of a name, or all of them."""
        for group in self._groups():
            for rule in group.rules:
                if rule.alerts is not None and name in {"", rule.rule.alert}:
                    yield group, rule

    def _fact(self, group: GroupState, rule: RuleState, alert: Alert | None) -> RuleFact:
        fact = RuleFact(
            name=rule.rule.name,
            group=group.group.name,
            file=group.file,
            line=rule.line,
            expr=rule.rule.expr,
            interval_ms=group.interval_ms,
            labels=tuple(pair for pair in rule.labels.items() if "{{" not in pair[1]),
            hold_ms=int(rule.rule.for_),
            keep_firing_ms=int(rule.rule.keep_firing_for),
            health=rule.health,
            last_error=rule.last_error,
            evaluated_ms=rule.last_ms,
            sent_to=tuple(self._sent_to()),
            is_sent_here=self._sender.tells_own,
        )
        return fact if alert is None else self._with_alert(fact, alert)

    def _with_alert(self, fact: RuleFact, alert: Alert) -> RuleFact:
        is_active = alert.state is not AlertState.INACTIVE
        return replace(
            fact,
            state=alert.state.value,
            value=alert.value if is_active else None,
            active_ms=alert.active_ms,
            fired_ms=alert.fired_ms,
            resolved_ms=alert.resolved_ms,
            keep_firing_since_ms=alert.keep_firing_since_ms,
            sent_ms=alert.sent_ms,
            is_dropped=self._sender.own_labels(alert.labels)[0] is None,
        )


def _alerts(rule: RuleState) -> list[Alert]:
    return list(rule.alerts.by_labels.values()) if rule.alerts is not None else []


def _could_make(rule: RuleState, labels: Labels) -> bool:
    """Whether the labels that a rule sets itself are those given, as far as both name them."""
    given = dict(labels)
    return all("{{" in text or given.get(name, text) == text for name, text in rule.labels.items())
