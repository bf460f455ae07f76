"""Inhibition: alerts that keep others silent (Alertmanager, configuration, `<inhibit_rule>`).

A source inhibits while it fires, whether or not it is itself silenced or inhibited. Labels in
`equal` that both lack are equal. A target that is also a source of the rule is inhibited only by
sources that are no targets of it.

Sources are kept by their values of the `equal` labels, so that a look-up takes no longer when there
are many. Which of several inhibitors is named stays the same as long as it fires.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.alertmanager.matchers import matchers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.alertmanager.config import InhibitRule
    from appliance.alertmanager.route import Origin
    from appliance.model.alert import Alert
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Who keeps an alert silent, by which rule.

    Attributes:
        rule: Its name; `inhibit_rules[N]` when it has none.
        place: Its file and line; `("", 0)` when unknown.
        equal: Labels that are the same on both.
    """

    fingerprint: str
    rule: str
    place: tuple[str, int]
    equal: tuple[str, ...] = ()


@dataclass(slots=True)
class _Sources:
    """Sources of a rule that share the values of its `equal` labels.

    `latest_ns` is no end's before; -1 when it has to be found out anew.
    """

    alerts: dict[str, Alert] = field(default_factory=dict)
    latest_ns: int = -1
    named: str = ""

    def put(self, alert: Alert) -> None:
        old = self.alerts.get(alert.fingerprint)
        self.alerts[alert.fingerprint] = alert
        if old is not None and alert.ends_ns < old.ends_ns == self.latest_ns:
            self.latest_ns = -1
        elif self.latest_ns >= 0 or len(self.alerts) == 1:
            self.latest_ns = max(self.latest_ns, alert.ends_ns)

    def drop(self, fingerprint: str) -> None:
        if self.alerts.pop(fingerprint, None) is not None:
            self.latest_ns = -1

    def firing(self, now_ns: int) -> str:
        """The fingerprint of one that fires, or an empty text."""
        named = self.alerts.get(self.named)
        if named is not None and named.ends_ns > now_ns:
            return self.named
        if self.latest_ns < 0:
            self.latest_ns = max((one.ends_ns for one in self.alerts.values()), default=0)
        if self.latest_ns <= now_ns:
            return ""
        firing = [one for one in self.alerts.values() if one.ends_ns > now_ns]
        self.named = min(firing, key=lambda one: (one.starts_ns, one.fingerprint)).fingerprint
        return self.named


class _Rule:
    """A rule and its sources, those that are no targets apart."""

    def __init__(self, config: InhibitRule, name: str, place: tuple[str, int]) -> None:
        self.name = name
        self.place = place
        self.equal = config.equal
        self.source_matchers = matchers_of(
            config.source_match, config.source_match_re, config.source_matchers
        )
        self.target_matchers = matchers_of(
            config.target_match, config.target_match_re, config.target_matchers
        )
        self.one_sided: dict[tuple[str, ...], _Sources] = {}
        self.two_sided: dict[tuple[str, ...], _Sources] = {}

    def key(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self.equal)


@dataclass(frozen=True, slots=True)
class _Part:
    """An alert's part in a rule; labels never change, so this does not either."""

    rule: _Rule
    key: tuple[str, ...]
    is_source: bool
    is_target: bool


class Inhibitor:
    """Inhibition rules and the alerts that are their sources.

    Args:
        origin: Finds out where rules were written.
    """

    def __init__(self, rules: Sequence[InhibitRule], *, origin: Origin | None = None) -> None:
        self._rules: list[_Rule] = []
        self._parts: dict[str, tuple[_Part, ...]] = {}
        for index, config in enumerate(rules):
            place = origin(config)[:2] if origin else ("", 0)
            self._rules.append(_Rule(config, config.name or f"inhibit_rules[{index}]", place))

    def __len__(self) -> int:
        return len(self._rules)

    def put(self, alert: Alert) -> None:
        """Take note of an alert, or of its change."""
        parts = self._parts.get(alert.fingerprint)
        if parts is None:
            parts = self._parts[alert.fingerprint] = self._find_parts(alert.labels)
        for part in parts:
            if part.is_source:
                sides = part.rule.two_sided if part.is_target else part.rule.one_sided
                sides.setdefault(part.key, _Sources()).put(alert)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Leave alerts out from now on."""
        for fingerprint in fingerprints:
            for part in self._parts.pop(fingerprint, ()):
                for sides in (part.rule.one_sided, part.rule.two_sided):
                    sources = sides.get(part.key)
                    if sources is not None:
                        sources.drop(fingerprint)
                        if not sources.alerts:
                            del sides[part.key]

    def inhibitions(self, fingerprint: str, labels: Labels, now_ns: int) -> tuple[Inhibition, ...]:
        """Who inhibits an alert by the first rule that does; empty when nobody does."""
        parts = self._parts.get(fingerprint)
        for part in self._find_parts(labels) if parts is None else parts:
            if part.is_target:
                found = _firing(part, now_ns)
                if found:
                    rule = part.rule
                    return (Inhibition(found, rule.name, rule.place, tuple(rule.equal)),)
        return ()

    def _find_parts(self, labels: Labels) -> tuple[_Part, ...]:
        values = dict(labels)
        parts: list[_Part] = []
        for rule in self._rules:
            is_source = _holds(rule.source_matchers, values)
            is_target = _holds(rule.target_matchers, values)
            if is_source or is_target:
                parts.append(_Part(rule, rule.key(values), is_source, is_target))
        return tuple(parts)


def _firing(part: _Part, now_ns: int) -> str:
    for sides in (part.rule.one_sided, *([] if part.is_source else [part.rule.two_sided])):
        sources = sides.get(part.key)
        found = sources.firing(now_ns) if sources is not None else ""
        if found:
            return found
    return ""


def _holds(matchers: Sequence[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels.get(matcher.name, "")) for matcher in matchers)
