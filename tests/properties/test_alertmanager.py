"""Who is told what and when: the Alertmanager against a plain, slow model of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, MatchOp
from tests.alertmanager.world import SECOND_NS, World
from tests.random_examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.alert import Alert

CONFIG = """\
route:
  receiver: r
  group_by: [g]
  group_wait: 3s
  group_interval: 5s
  routes:
    - {receiver: a, matchers: [x=1], continue: true, group_wait: 1s}
    - {receiver: b, matchers: ['x=~"1|2"'], group_by: ['...'], group_interval: 4s}
receivers: [{name: r}, {name: a}, {name: b}]
inhibit_rules: [{source_matchers: [v=c], target_matchers: [v=~"w|"], equal: [s]}]
"""
#: Receiver, whether an alert goes there, what it is grouped by (None: all), wait, interval.
ROUTES: list[tuple[str, Callable[[dict[str, str]], bool], tuple[str, ...] | None, int, int]] = [
    ("a", lambda labels: labels.get("x") == "1", ("g",), 1, 5),
    ("b", lambda labels: labels.get("x") in {"1", "2"}, None, 3, 4),
    ("r", lambda labels: labels.get("x", "") not in {"1", "2"}, ("g",), 3, 5),
]


@dataclass
class Group:
    receiver: str
    labels: dict[str, str]
    interval: int
    due: int
    alerts: dict[Labels, Alert] = field(default_factory=dict)


class Model:
    """Second by second, everything looked at anew."""

    def __init__(self, begin_ns: int) -> None:
        self.begin_ns = begin_ns
        self.now = 0
        self.alerts: dict[Labels, Alert] = {}
        self.settled: set[Labels] = set()
        self.silences: dict[str, int] = {}
        self.groups: list[Group] = []
        self.fails = False
        self.told: list[tuple[int, str, str, frozenset[Labels], frozenset[Labels]]] = []

    @property
    def now_ns(self) -> int:
        return self.begin_ns + self.now * SECOND_NS

    def is_over(self, alert: Alert) -> bool:
        return alert.ends_ns <= self.now_ns

    def put(self, alert: Alert) -> None:
        old = self.alerts.get(alert.labels)
        if old is not None:
            alert = self.merged(old, alert)
        self.alerts[alert.labels] = alert
        if self.is_over(alert) and alert.labels in self.settled:
            return
        self.settled.discard(alert.labels)
        for receiver, takes, by, wait, interval in ROUTES:
            pairs = dict(alert.labels)
            if not takes(pairs):
                continue
            labels = {one: text for one, text in pairs.items() if by is None or one in by}
            known = [one for one in self.groups if (one.receiver, one.labels) == (receiver, labels)]
            if not known:
                is_old = alert.starts_ns + wait * SECOND_NS < self.now_ns
                due = self.now + (0 if is_old else wait)
                known = [Group(receiver, labels, interval, due)]
                self.groups += known
            known[0].alerts[alert.labels] = alert

    def merged(self, old: Alert, new: Alert) -> Alert:
        if not any(old.starts_ns < end < old.ends_ns for end in (new.starts_ns, new.ends_ns)):
            return new
        ends = [new.ends_ns]
        if self.is_over(new):
            ends += [old.ends_ns] * self.is_over(old)
        elif not old.has_timeout:
            ends.append(old.ends_ns)
        return replace(new, starts_ns=min(old.starts_ns, new.starts_ns), ends_ns=max(ends))

    def flush(self) -> None:
        for group in list(self.groups):
            if group.due <= self.now:
                group.due += group.interval
                over = [one for one in group.alerts.values() if self.is_over(one)]
                told = [one for one in group.alerts.values() if not self.is_held_back(one)]
                if told:
                    self.tell(group, told)
                    if self.fails:
                        continue
                for one in over:
                    del group.alerts[one.labels]
                    if not any(one.labels in other.alerts for other in self.groups):
                        self.settled.add(one.labels)
                if not group.alerts:
                    self.groups.remove(group)

    def is_held_back(self, alert: Alert) -> bool:
        pairs = dict(alert.labels)
        if self.silences.get(pairs.get("s", ""), 0) > self.now:
            return True
        if pairs.get("v", "") not in {"w", ""}:
            return False
        sources = [one for one in self.alerts.values() if dict(one.labels).get("v") == "c"]
        return any(
            not self.is_over(one) and dict(one.labels).get("s") == pairs.get("s") for one in sources
        )

    def tell(self, group: Group, alerts: list[Alert]) -> None:
        over = frozenset(one.labels for one in alerts if self.is_over(one))
        firing = frozenset(one.labels for one in alerts) - over
        self.told.append(
            (self.now, group.receiver, str(sorted(group.labels.items())), firing, over)
        )


labels = st.builds(
    lambda g, s, v, x: Labels.of({"alertname": "A", "g": g, "s": s, "v": v, "x": x}),
    st.sampled_from(["1", "2"]),
    st.sampled_from(["", "1"]),
    st.sampled_from(["", "c", "w", "i"]),
    st.sampled_from(["", "1", "2"]),
)
steps = st.one_of(
    st.tuples(st.just("put"), st.lists(st.tuples(labels, st.integers(-6, 0), st.sampled_from(
        [None, -2, 0, 3, 8, 30]
    )), min_size=1, max_size=3)),
    st.tuples(st.just("wait"), st.integers(1, 9)),
    st.tuples(st.just("silence"), st.integers(2, 12)),
    st.tuples(st.just("fail"), st.booleans()),
)  # fmt: skip


async def play(history: list[tuple[str, object]]) -> None:
    async with World(CONFIG) as world:
        model = Model(world.begin_ns)
        for what, value in [*history, ("fail", False), ("wait", 15)]:
            match what, value:
                case "put", list():
                    alerts = [
                        replace(
                            world.alert("x", starts=start, ends=end, timeout=20),
                            labels=one,
                            fingerprint="",
                        )
                        for one, start, end in value
                    ]
                    for alert in alerts:
                        model.put(alert)
                    await world.put(*alerts)
                    model.flush()
                case "wait", int():
                    for _ in range(value):
                        model.now += 1
                        model.flush()
                        await world.advance(1)
                case "silence", int():
                    model.silences["1"] = max(model.silences.get("1", 0), model.now + value)
                    await world.silence(Matcher("s", MatchOp.EQUAL, "1"), ends=value)
                case "fail", _:
                    model.fails = bool(value)
                    world.succeeds = not value
        told = [
            (
                int(one.at),
                one.receiver,
                str(sorted(dict(one.flush.group_labels).items())),
                frozenset(
                    a.labels for a in one.flush.alerts if not a.is_resolved(one.flush.now_ns)
                ),
                frozenset(a.labels for a in one.flush.alerts if a.is_resolved(one.flush.now_ns)),
            )
            for one in world.told
        ]
        key = lambda one: one[:3]  # noqa: E731 - within a second any order is right
        assert sorted(told, key=key) == sorted(model.told, key=key)
        assert len(world.am.groups()) == sum(
            any(not model.is_over(one) for one in group.alerts.values()) for group in model.groups
        )
        held_back = {view.alert.labels for view in world.am.alerts() if view.state == "suppressed"}
        assert held_back == {
            one.labels
            for one in model.alerts.values()
            if model.is_held_back(one) and not model.is_over(one)
        }


@given(st.lists(steps, max_size=14))
@examples(100)
def test_the_same_is_told_as_by_a_plain_model(history: list[tuple[str, object]]) -> None:
    asyncio.run(play(history))
