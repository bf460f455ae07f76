"""Inhibition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.mute.inhibit import Inhibitor
from appliance.config.load import load_text
from appliance.model.alert import Alert
from tests.alertmanager.world import labels_of

FIRING = 100


def alert(labels: str, *, starts: int = 0, ends: int = FIRING) -> Alert:
    return Alert(labels_of(labels), {}, starts, ends, 0)


def inhibitor(*rules: str) -> Inhibitor:
    text = "route: {receiver: r}\nreceivers: [{name: r}]\ninhibit_rules:\n" + "\n".join(
        f"  - {rule}" for rule in rules
    )
    decoded = load_text(AlertmanagerConfig, text, file="am.yml")
    assert decoded.value is not None, decoded.problems
    assert decoded.ok, decoded.problems
    return Inhibitor(decoded.value.inhibit_rules, origin=decoded.origin)


RULE = "{source_matchers: [sev=crit], target_matchers: [sev=warn], equal: [cluster, zone]}"


def by(held: Inhibitor, target: Alert, now_ns: int = 50) -> list[str]:
    return [one.fingerprint for one in held.inhibitions(target.fingerprint, target.labels, now_ns)]


@pytest.mark.parametrize(
    ("source", "target", "is_inhibited"),
    [
        ("sev=crit,cluster=a,zone=z", "sev=warn,cluster=a,zone=z", True),
        ("sev=crit,cluster=a,zone=z", "sev=warn,cluster=b,zone=z", False),
        ("sev=crit,cluster=a", "sev=warn,cluster=a", True),
        ("sev=crit", "sev=warn", True),
        ("sev=crit,cluster=a", "sev=warn", False),
        ("sev=info,cluster=a", "sev=warn,cluster=a", False),
        ("sev=crit,cluster=a", "sev=info,cluster=a", False),
    ],
)
def test_equal_labels_have_to_be_equal_or_both_missing(
    source: str, target: str, *, is_inhibited: bool
) -> None:
    held = inhibitor(RULE)
    held.put(alert(source))
    assert by(held, alert(target)) == ([alert(source).fingerprint] if is_inhibited else [])


def test_all_ways_to_write_matchers_are_read_and_rules_have_names_and_places() -> None:
    held = inhibitor(
        "{source_match: {a: '1'}, source_match_re: {b: 'x|y'}, target_match: {c: '1'},"
        " target_match_re: {d: 'x.*'}}",
        "{name: other, source_matchers: [e=1], target_matchers: [f=1]}",
    )
    held.put(alert("a=1,b=y"))
    held.put(alert("e=1"))
    first = alert("c=1,d=xx")
    (found,) = held.inhibitions(first.fingerprint, first.labels, 50)
    assert (found.rule, found.place) == ("inhibit_rules[0]", ("am.yml", 4))
    second = alert("f=1")
    (found,) = held.inhibitions(second.fingerprint, second.labels, 50)
    assert (found.rule, found.place) == ("other", ("am.yml", 5))
    assert by(held, alert("c=1,d=ax")) == []
    assert len(held) == 2


def test_only_sources_that_fire_inhibit() -> None:
    held = inhibitor(RULE)
    source, target = alert("sev=crit"), alert("sev=warn")
    held.put(source)
    assert by(held, target, FIRING - 1)
    assert by(held, target, FIRING) == []
    held.put(replace(source, ends_ns=10))
    assert by(held, target) == []
    held.put(replace(source, ends_ns=500))
    assert by(held, target, FIRING)
    held.forget([source.fingerprint])
    assert by(held, target) == []


def test_an_alert_on_both_sides_is_inhibited_by_sources_that_are_no_targets_only() -> None:
    held = inhibitor("{source_matchers: ['a=~.+'], target_matchers: ['b=~.+']}")
    both, other, source = alert("a=1,b=1"), alert("a=2,b=2"), alert("a=3")
    for one in (both, other):
        held.put(one)
    assert by(held, both) == []
    assert by(held, alert("b=9")) == [min(both, other, key=lambda one: one.fingerprint).fingerprint]
    held.put(source)
    assert by(held, both) == [source.fingerprint]


def test_the_inhibitor_that_is_named_stays_while_it_fires() -> None:
    held = inhibitor(RULE)
    target = alert("sev=warn")
    sources = [alert(f"sev=crit,i={i}", starts=9 - i, ends=60 + i) for i in range(3)]
    held.put(sources[0])
    assert by(held, target) == [sources[0].fingerprint]
    held.put(sources[1])
    held.put(sources[2])
    assert by(held, target) == [sources[0].fingerprint]
    assert by(held, target, 60) == [sources[2].fingerprint]  # the one that fires longest
    held.put(replace(sources[2], ends_ns=50))
    assert by(held, target, 60) == [sources[1].fingerprint]
    assert by(held, target, 62) == []


def test_many_sources_do_not_make_lookups_slow() -> None:
    held = inhibitor(RULE)
    for i in range(3000):
        held.put(alert(f"sev=crit,i={i}", ends=10))
    target = alert("sev=warn")
    held.put(target)
    asked = 0

    class Counting(dict[str, Alert]):
        def values(self) -> object:  # type: ignore[override]
            nonlocal asked
            asked += 1
            return super().values()

    sources = held._rules[0].one_sided["", ""]
    sources.alerts = Counting(sources.alerts)
    for _ in range(1000):
        assert by(held, target) == []
    assert asked <= 1
