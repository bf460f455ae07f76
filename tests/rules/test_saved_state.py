"""Alerts of rules go on after a restart exactly where they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import Unavailable
from appliance.base.telemetry import Telemetry
from appliance.promql.context import ALL_FEATURES
from appliance.rules.alert import Alert, AlertState
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups
from appliance.rules.manager import RuleManager
from appliance.rules.rule_state import RuleState
from appliance.store.alerts.store import AlertStore
from appliance.store.database import DatabaseOptions
from tests.rules.rule_bench import RuleBench

RULES = """
groups:
- name: g
  rules:
  - alert: High
    expr: load > 5
    for: 5m
    keep_firing_for: 3m
    labels: {severity: page}
    annotations: {summary: "load is $value"}
  - alert: Instant
    expr: load > 8
"""


class Server:
    """Rules with a store for their states; `told` has what a crash must not lose."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        self.states = AlertStore(
            folder / "alerts.db", database=DatabaseOptions(), clock=clock, telemetry=Telemetry()
        )
        self.bench = RuleBench(folder, clock=clock)
        self.told: list[tuple[str, AlertState]] = []
        deps = replace(self.bench.manager._deps, states=self.states, told=self.tell)
        self.bench.manager = RuleManager([], deps, Telemetry())

    def tell(self, group: GroupState, rule: RuleState, at_ms: int) -> None:
        assert rule.alerts is not None
        if changed := rule.alerts.take_changed():
            self.told += [(rule.rule.alert, alert.state) for alert in changed]
            saved = self.states.load_rule_alerts(f"rules;{group.key}").values()
            durable = {(alert.labels, alert.state) for kept in saved for alert in kept.alerts}
            for labels, alert in rule.alerts.by_labels.items():
                assert (labels, alert.state.value) in durable
        rule.alerts.take_due(at_ms, 60_000)

    async def step(self, group: GroupState, load: float | None, seconds: float = 60) -> None:
        """One evaluation, then time passes."""
        if load is not None:
            self.bench.put({"load/a": load})
        await self.bench.step(group)
        await self.bench.clock.advance(seconds)


@contextmanager
def server(folder: Path, clock: ManualClock) -> Iterator[Server]:
    """Ends as a crash does: nothing more is saved than was."""
    made = Server(folder, clock)
    yield made
    made.states.close()
    made.bench.close()


def alerts_of(group: GroupState) -> list[list[Alert]]:
    return [list(rule.alerts.by_labels.values()) for rule in group.rules if rule.alerts]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def crashed(
    folder: Path, clock: ManualClock, loads: list[float], rules: str = RULES
) -> list[list[Alert]]:
    """What the alerts were when the server crashed, a minute after the last evaluation."""
    with server(folder, clock) as one:
        (group,) = await one.bench.load(rules)
        for load in loads:
            await one.step(group, load)
        return alerts_of(group)


def without_sending(alerts: list[list[Alert]]) -> list[list[Alert]]:
    return [[replace(alert, sent_ms=0) for alert in found] for found in alerts]


@pytest.mark.parametrize(
    "loads",
    [[9, 9, 9], [9] * 8, [9] * 7 + [1], [9] * 7 + [1, 1, 1, 1], [6] * 3],
    ids=["pending", "firing", "kept firing", "resolved", "never fired"],
)
async def test_alerts_are_what_they_were(
    tmp_path: Path, clock: ManualClock, loads: list[float]
) -> None:
    before = await crashed(tmp_path, clock, loads)
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        await two.bench.manager._begin_groups()  # before anything is evaluated
        assert without_sending(alerts_of(group)) == without_sending(before)


async def test_an_alert_fires_when_it_would_have_and_is_told_once(
    tmp_path: Path, clock: ManualClock
) -> None:
    began = clock.now_ms()
    await crashed(tmp_path, clock, [6, 6, 6])
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        for _ in range(2):
            await two.step(group, 6)
            (alert,) = alerts_of(group)[0]
            assert (alert.state, alert.active_ms) == (AlertState.PENDING, began)
        assert two.told == []
        await two.step(group, 6)
        (alert,) = alerts_of(group)[0]
        assert (alert.state, alert.fired_ms) == (AlertState.FIRING, began + 300_000)
        assert two.told == [("High", AlertState.FIRING)]
    with server(tmp_path, clock) as three:
        (group,) = await three.bench.load(RULES)
        await three.step(group, 6)
        assert alerts_of(group)[0] == [replace(alert, sent_ms=alerts_of(group)[0][0].sent_ms)]
        assert three.told == []


async def test_an_outage_counts_as_time_of_the_condition_up_to_an_hour(
    tmp_path: Path, clock: ManualClock
) -> None:
    began = clock.now_ms()
    await crashed(tmp_path, clock, [6, 6, 6])
    await clock.advance(600)
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        await two.step(group, 6)
        (alert,) = alerts_of(group)[0]
        assert (alert.state, alert.active_ms) == (AlertState.FIRING, began)
    await clock.advance(3600)
    with server(tmp_path, clock) as three:
        (group,) = await three.bench.load(RULES)
        now = clock.now_ms()
        await three.step(group, 6)
        (alert,) = alerts_of(group)[0]
        assert (alert.state, alert.active_ms) == (AlertState.PENDING, now)


async def test_long_running_alerts_are_touched(tmp_path: Path, clock: ManualClock) -> None:
    """Nothing changes for two hours, and yet the server is known to have been up."""
    with server(tmp_path, clock) as one:
        (group,) = await one.bench.load(RULES)
        began = clock.now_ms()
        for _ in range(24):
            await one.step(group, 9, seconds=300)
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        await two.step(group, 9)
        assert [alert.active_ms for (alert,) in alerts_of(group)] == [began, began]
        assert two.told == []


async def test_a_condition_that_ended_meanwhile_resolves(
    tmp_path: Path, clock: ManualClock
) -> None:
    await crashed(tmp_path, clock, [9] * 8)
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        now = clock.now_ms()
        await two.step(group, 1)
        assert ("Instant", AlertState.INACTIVE) in two.told
        (instant,) = alerts_of(group)[1]
        assert instant.resolved_ms == now
        assert two.bench.ask("ALERTS{alertname='Instant'}") == {}  # marked as stale


async def test_a_rule_may_have_changed_meanwhile(tmp_path: Path, clock: ManualClock) -> None:
    began = clock.now_ms()
    await crashed(tmp_path, clock, [9, 9])
    changed = RULES.replace("load > 5", "load > 4").replace("for: 5m", "for: 2m")
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(changed)
        await two.step(group, 9)
        (alert,) = alerts_of(group)[0]
        assert (alert.state, alert.active_ms) == (AlertState.FIRING, began)
    renamed = RULES.replace("High", "Higher")
    with server(tmp_path, clock) as three:
        (group,) = await three.bench.load(renamed)
        now = clock.now_ms()
        await three.step(group, 9)
        (alert,) = alerts_of(group)[0]
        assert alert.active_ms == now
        assert len(three.states.load_rule_alerts(f"rules;{group.key}")) == 2


async def test_rules_that_look_alike_keep_their_own_alerts(
    tmp_path: Path, clock: ManualClock
) -> None:
    file = tmp_path / "twins.yml"
    file.write_text("""
groups:
- name: g
  rules:
  - {alert: A, expr: load > 5, for: 5m}
  - {alert: A, expr: load > 8, for: 7m}
""")

    def load() -> GroupState:
        ((group,), _) = load_groups([file], interval_ms=60_000, offset_ms=0, features=ALL_FEATURES)
        return group

    with server(tmp_path, clock) as one:
        group = load()
        await one.bench.manager.apply([group])
        await one.step(group, 6)
        await one.step(group, 9)
        before = alerts_of(group)
    assert before[0][0].active_ms < before[1][0].active_ms
    with server(tmp_path, clock) as two:
        group = load()
        await two.bench.manager.apply([group])
        await two.step(group, 9)
        assert [found[0].active_ms for found in alerts_of(group)] == [
            found[0].active_ms for found in before
        ]


async def test_a_stop_saves_values_and_a_removed_group_is_forgotten(
    tmp_path: Path, clock: ManualClock
) -> None:
    with server(tmp_path, clock) as one:
        (group,) = await one.bench.load(RULES)
        await one.step(group, 9)
        await one.step(group, 12)
        before = alerts_of(group)
        await one.bench.manager.stop()
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(RULES)
        await two.bench.manager._begin_groups()
        assert alerts_of(group) == before
        assert before[0][0].value == 12
        await two.bench.manager.apply([])
        await two.bench.manager._end_groups()
        assert two.states.load_rule_alerts(f"rules;{group.key}") == {}


async def test_without_saved_states_samples_tell(tmp_path: Path, clock: ManualClock) -> None:
    text = RULES.replace("for: 5m", "for: 1h")
    began = clock.now_ms()
    await crashed(tmp_path, clock, [6] * 41, text)
    (tmp_path / "alerts.db").unlink()
    await clock.advance(240)
    with server(tmp_path, clock) as two:
        (group,) = await two.bench.load(text)
        await two.step(group, 6)
        (alert,) = alerts_of(group)[0]
        assert alert.active_ms == began + 300_000  # Prometheus leaves the outage out
    with server(tmp_path, clock) as three:
        (group,) = await three.bench.load(text)
        await three.step(group, 6)
        assert alerts_of(group)[0][0].active_ms == began + 300_000


async def test_rules_go_on_when_nothing_can_be_saved(
    tmp_path: Path,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object) -> Callable[[], None]:
        raise Unavailable("no space left")

    monkeypatch.setattr(Server, "tell", lambda *_: None)
    with server(tmp_path, clock) as one:
        monkeypatch.setattr(AlertStore, "put_rule_alerts", refuse)
        (group,) = await one.bench.load(RULES)
        for _ in range(6):
            await one.step(group, 9)
        assert group.rules[0].state is AlertState.FIRING
        assert caplog.text.count("cannot be saved: no space left") == 1
        monkeypatch.undo()
        await one.step(group, 9)
        saved = one.states.load_rule_alerts(f"rules;{group.key}").values()
        assert {kept.alerts[0].state for kept in saved} == {"firing"}
