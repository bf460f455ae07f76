"""What Alertmanagers are told of the alerts of rules, and when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from appliance.base.clock import ManualClock
from appliance.model.alert import Alert, fingerprint_of
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.relabel import Action, RelabelConfig
from appliance.rules.group_state import GroupState
from appliance.rules.manager import RuleManager
from appliance.rules.rule_state import RuleState
from appliance.rules.sending import Addressee, AlertSender, Sending, graph_link
from tests.rules.rule_bench import RuleBench

RULES = """
groups:
- name: g
  interval: 30s
  rules:
  - alert: High
    expr: load > 5
    for: 1m
    labels: {severity: page, secret_x: y}
    annotations: {summary: "load is $value"}
"""
LABELS = Labels.of({"alertname": "High", "cluster": "c", "job": "a", "severity": "page"})


@dataclass
class Listener:
    """An addressee, and the flight record."""

    alerts: list[Alert] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)

    async def put(self, alerts: Sequence[Alert]) -> None:
        self.alerts += alerts

    def record(self, *events: AlertEvent) -> None:
        self.events += events

    def take(self) -> list[Alert]:
        found, self.alerts = self.alerts, []
        return found


@dataclass
class Rig:
    bench: RuleBench
    sender: AlertSender
    group: GroupState
    all: Listener
    own: Listener

    async def step(self, load: float, seconds: float = 30) -> None:
        """Let time pass, then evaluate."""
        await self.bench.clock.advance(seconds)
        self.bench.put({"load/a": load})
        await self.bench.step(self.group)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@asynccontextmanager
async def rigged(folder: Path) -> AsyncIterator[Rig]:
    bench, everyone, own = RuleBench(folder), Listener(), Listener()
    drop = RelabelConfig(action=Action.LABELDROP, regex="secret_.*")  # type: ignore[arg-type]
    mark = RelabelConfig(target_label="own", replacement="yes")
    sender = AlertSender(bench.clock, own)
    sender.apply(
        Sending(
            Labels.of({"cluster": "c", "severity": "overridden"}),
            (drop,),
            (Addressee(everyone), Addressee(own, (mark,), is_own=True)),
        )
    )

    def told(group: GroupState, rule: RuleState, at_ms: int) -> None:
        sender.tell(group, rule, at_ms, link=lambda expr: graph_link("http://p", expr))

    bench.manager = RuleManager([], replace(bench.manager._deps, told=told), bench.telemetry)
    (group,) = await bench.load(RULES)
    await sender.start()
    task = asyncio.create_task(sender.run())
    try:
        yield Rig(bench, sender, group, everyone, own)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sender.stop()
        bench.close()


async def test_firing_alerts_are_told_at_once_and_then_every_minute(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        for _ in range(2):
            await rig.step(9)
            assert rig.all.take() == []
        await rig.step(9)
        now_ns = rig.bench.clock.now_ns()
        (alert,) = rig.all.take()
        assert alert.labels == LABELS
        assert alert.annotations == {"summary": "load is 9.0"}
        assert (alert.starts_ns, alert.ends_ns) == (now_ns, now_ns + 240 * 10**9)
        assert alert.generator_url == "http://p/graph?g0.expr=load+%3E+5&g0.tab=1"
        assert alert.fingerprint == fingerprint_of(LABELS)
        counts = []
        for _ in range(6):
            await rig.step(9)
            counts.append(len(rig.all.take()))
        assert counts == [0, 0, 1, 0, 0, 1]  # more than a minute later


async def test_the_end_is_told_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        for _ in range(3):
            await rig.step(9)
        began_ns = rig.all.take()[0].starts_ns
        await rig.step(1)
        ended_ns = rig.bench.clock.now_ns()
        (alert,) = rig.all.take()
        assert (alert.starts_ns, alert.ends_ns) == (began_ns, ended_ns)
        for _ in range(40):
            await rig.step(1)
        again = rig.all.take()
        assert len(again) == 10
        assert {one.ends_ns for one in again} == {ended_ns}
        assert again[-1].updated_ns - ended_ns <= 15 * 60 * 10**9


async def test_relabelling_of_one_addressee_is_its_own(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        for _ in range(3):
            await rig.step(9)
        (own,) = rig.own.take()
        assert own.labels == LABELS.extended({"own": "yes"})
        assert own.fingerprint == fingerprint_of(own.labels)
        assert rig.all.take()[0].labels == LABELS


async def test_the_record_names_alerts_as_our_alertmanager_does(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        for load in (9, 9, 9, 1):
            await rig.step(load)
        await rig.step(9)
        await rig.step(1)
        kinds = [event.kind for event in rig.own.events]
        pending, firing, inactive = EventKind.PENDING, EventKind.FIRING, EventKind.INACTIVE
        assert kinds == [pending, firing, inactive, pending, inactive]
        assert {event.fingerprints for event in rig.own.events} == {
            (rig.own.alerts[0].fingerprint,)
        }
        detail = rig.own.events[1].detail
        file = str(tmp_path / "rules.yml")
        assert {name: detail[name] for name in ("rule", "group", "file", "line", "expr")} == {
            "rule": "High",
            "group": "g",
            "file": file,
            "line": 6,
            "expr": "load > 5",
        }
        assert detail["value"] == 9
        assert [rig.own.events[i].detail["was"] for i in (2, 4)] == ["firing", "pending"]


async def test_what_relabelling_drops_is_not_told(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        drop = RelabelConfig(source_labels=("severity",), regex="page", action=Action.DROP)  # type: ignore[arg-type]
        rig.sender.apply(Sending(relabel=(drop,), addressees=(Addressee(rig.all),)))
        for _ in range(3):
            await rig.step(9)
        assert rig.all.take() == []
        assert rig.own.events[1].detail["dropped_by"] == "alert_relabel_configs"


async def test_a_clock_set_back_does_not_silence_alerts(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        for _ in range(3):
            await rig.step(9)
        assert len(rig.all.take()) == 1
        clock: ManualClock = rig.bench.clock
        clock._now_ns -= 3600 * 10**9
        await rig.step(9)
        assert len(rig.all.take()) == 1
