"""Rules over a real store: results, staleness, dependencies, schedule, reload."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.rules.alert import Alert, AlertState
from appliance.rules.group_state import GroupState
from appliance.rules.rule_state import RuleState
from tests.rules.rule_bench import RuleBench

RECORDING = """
groups:
- name: g
  labels: {team: t}
  rules:
  - record: job:hits:sum
    expr: sum by (job) (hits)
    labels: {kind: sum}
  - record: job:hits:double
    expr: 2 * job:hits:sum
  - record: one
    expr: "1"
"""
ALERTING = """
groups:
- name: g
  rules:
  - alert: High
    expr: load > 5
    for: 5m
    keep_firing_for: 2m
    labels: {severity: "page $job"}
    annotations: {summary: "load is $value"}
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[RuleBench]:
    made = RuleBench(tmp_path)
    yield made
    made.close()


def active(rule: RuleState) -> list[Alert]:
    assert rule.alerts is not None
    return rule.alerts.active


def at_least(bench: RuleBench, group: GroupState, iterations: int) -> Callable[[], bool]:
    """So many evaluations are over: the group waits for its next one."""
    return lambda: bench.told.count(group) >= iterations


async def test_rules_see_what_earlier_ones_wrote_at_the_same_time(bench: RuleBench) -> None:
    (group,) = await bench.load(RECORDING)
    bench.put({"hits/a": 3, "hits/b": 4})
    await bench.step(group)
    assert bench.ask("{team='t'}") == {
        "job:hits:double{job=a,kind=sum,team=t}": 6,
        "job:hits:double{job=b,kind=sum,team=t}": 8,
        "job:hits:sum{job=a,kind=sum,team=t}": 3,
        "job:hits:sum{job=b,kind=sum,team=t}": 4,
        "one{team=t}": 1,
    }
    assert [rule.health for rule in group.rules] == ["ok", "ok", "ok"]


async def test_vanished_results_become_stale(bench: RuleBench) -> None:
    (group,) = await bench.load(RECORDING)
    bench.put({"hits/a": 3, "hits/b": 4})
    await bench.step(group)
    await bench.clock.advance(60)
    bench.put({"hits/a": 3, "hits/b": None})
    await bench.step(group)
    assert set(bench.ask("job:hits:sum")) == {"job:hits:sum{job=a,kind=sum,team=t}"}
    assert set(bench.ask("job:hits:double")) == {"job:hits:double{job=a,kind=sum,team=t}"}


async def test_what_a_failed_rule_wrote_stays(bench: RuleBench) -> None:
    (group,) = await bench.load(
        "groups: [{name: g, rules: [{record: r, expr: hits / on() group_left other}]}]"
    )
    bench.put({"hits/a": 3, "other/a": 1})
    await bench.step(group)
    await bench.clock.advance(60)
    bench.put({"hits/a": 5, "other/a": 1, "other/b": 1})
    await bench.step(group)
    assert group.rules[0].health == "err"
    assert bench.ask("r") == {"r{job=a}": 3}


async def test_errors_are_told_and_do_not_stop_the_others(bench: RuleBench) -> None:
    (group,) = await bench.load(
        'groups: [{name: g, rules: [{record: r, expr: \'label_replace(hits, "job", "", "", "")\'},'
        " {record: s, expr: sum(hits)}]}]"
    )
    bench.put({"hits/a": 3, "hits/b": 4})
    await bench.step(group)
    assert [rule.health for rule in group.rules] == ["err", "ok"]
    assert "same labelset" in group.rules[0].last_error
    assert bench.ask("s") == {"s": 7}
    text = bench.telemetry.expose().decode()
    assert f'prometheus_rule_evaluation_failures_total{{rule_group="{group.key}"}} 1.0' in text
    assert f'prometheus_rule_evaluations_total{{rule_group="{group.key}"}} 2.0' in text


async def test_a_limit_fails_the_rule(bench: RuleBench) -> None:
    (group,) = await bench.load(
        "groups: [{name: g, limit: 1, rules: [{record: r, expr: hits}, {alert: A, expr: hits}]}]"
    )
    bench.put({"hits/a": 3, "hits/b": 4})
    await bench.step(group)
    assert [rule.last_error for rule in group.rules] == [
        "exceeded limit of 1 with 2 series",
        "exceeded limit of 1 with 2 alerts",
    ]
    assert bench.ask("{__name__=~'r|ALERTS'}") == {}


async def test_an_alert_pends_fires_keeps_firing_and_ends(bench: RuleBench) -> None:
    (group,) = await bench.load(ALERTING)
    (rule,) = group.rules
    states = []
    began = bench.clock.now_ms()
    for load in (9, 9, 9, 9, 9, 9, 7, 1, 1, 1):
        bench.put({"load/a": load})
        await bench.step(group)
        states.append(rule.state)
        if rule.state is AlertState.FIRING and states.count(AlertState.FIRING) == 1:
            (alert,) = active(rule)
            assert dict(alert.labels) == {"alertname": "High", "job": "a", "severity": "page a"}
            assert alert.annotations == {"summary": "load is 9.0"}
            assert (alert.active_ms, alert.fired_ms) == (began, began + 300_000)
            labels = "alertname=High,alertstate=firing,job=a,severity=page a"
            assert bench.ask("ALERTS") == {f"ALERTS{{{labels}}}": 1}
            (since,) = bench.ask("ALERTS_FOR_STATE").values()
            assert since == began // 1000
        await bench.clock.advance(60)
    pending, firing, inactive = AlertState.PENDING, AlertState.FIRING, AlertState.INACTIVE
    assert states == [pending] * 5 + [firing] * 4 + [inactive]
    assert bench.ask("ALERTS") == {}
    assert [group.key for group in bench.told] == [group.key] * 10


async def test_a_short_condition_never_fires(bench: RuleBench) -> None:
    (group,) = await bench.load(ALERTING)
    states = []
    for load in (9, 9, 1, 9, 9):
        bench.put({"load/a": load})
        await bench.step(group)
        states.append(group.rules[0].state.value)
        await bench.clock.advance(120)
    assert states == ["pending", "pending", "inactive", "pending", "pending"]


@pytest.mark.parametrize(
    ("pended_minutes", "down_minutes", "expected_minutes"),
    [
        (40, 5, 5 + 20),  # what is left; the time it was down does not count
        (55, 5, 5 + 10),  # at least ten minutes after a restart
        (70, 5, 5 + 1),  # it was firing and does at the next evaluation
        (40, 90, 90 + 60),  # too long ago: it begins anew
    ],
)
async def test_pending_alerts_go_on_after_a_restart(
    tmp_path: Path, pended_minutes: int, down_minutes: int, expected_minutes: int
) -> None:
    text = ALERTING.replace("for: 5m", "for: 1h")
    first = RuleBench(tmp_path)
    (group,) = await first.load(text)
    for _ in range(pended_minutes + 1):
        first.put({"load/a": 9})
        await first.step(group)
        await first.clock.advance(60)
    await first.clock.advance(-60)
    first.close()
    second = RuleBench(tmp_path, clock=first.clock)
    (group,) = await second.load(text)
    await second.clock.advance(60 * down_minutes)
    minutes = down_minutes
    while True:
        second.put({"load/a": 9})
        await second.step(group)
        if group.rules[0].state is AlertState.FIRING:
            break
        minutes += 1
        assert minutes < 200
        await second.clock.advance(60)
    second.close()
    assert minutes == expected_minutes


async def test_groups_are_evaluated_on_their_own_schedule(bench: RuleBench) -> None:
    text = "groups: [{name: %s, interval: %s, rules: [{record: r%s, expr: time()}]}]"
    one = bench.groups(text % ("a", "30s", "a"))[0]
    two = bench.groups(text % ("b", "1m", "b"))[0]
    await bench.manager.apply([one, two])
    task = asyncio.create_task(bench.manager.run())
    for minute in range(4):
        for half in range(2):
            await bench.clock.advance(30)
            await bench.until(at_least(bench, one, 2 * minute + half + 1))
        await bench.until(at_least(bench, two, minute + 1))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (one.iterations, two.iterations) == (8, 4)
    assert one.last_ms % 30_000 == one.next_ms(0) % 30_000
    assert one.missed == 0


async def test_a_reload_keeps_states_and_ends_what_is_gone(bench: RuleBench) -> None:
    both = ALERTING + "- name: other\n  rules: [{record: gone, expr: vector(1)}]\n"
    high, other = await bench.load(both)
    bench.put({"load/a": 9})
    await bench.step(high)
    await bench.step(other)
    task = asyncio.create_task(bench.manager.run())
    began = bench.clock.now_ms()
    await bench.clock.advance(1)
    (high,) = await bench.load(ALERTING)
    while bench.ask("gone"):
        await bench.clock.advance(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (alert,) = active(high.rules[0])
    assert alert.active_ms == began
