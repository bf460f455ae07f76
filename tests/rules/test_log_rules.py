"""Rules over logs: files and groups that clients set, evaluated into real stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, NotFound
from appliance.query.limits import QueryLimits
from appliance.rule_setup.files import log_groups, refuse_errors
from appliance.rule_setup.managers import log_rules
from appliance.rules.log_queries import LogQueries
from appliance.rules.log_rules import LogRules
from appliance.settings.root import Settings
from tests.rules.rule_bench import RuleBench
from tests.sources import Entry, PlainLogs, labels

S = 10**9
TENANT = "anonymous"
RECORDING = b"""
name: g
interval: 30s
rules:
- record: errors:rate
  expr: sum by (app) (count_over_time({app=~".+"} |= "error" [1m]))
  labels: {kind: log}
"""
ALERTING = """
groups:
- name: alerts
  rules:
  - alert: ManyErrors
    expr: sum by (app) (count_over_time({app=~".+"} |= "error" [1m])) > 1
    for: 1m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.app }} has {{ $value }}"}
"""


@dataclass
class Rig:
    bench: RuleBench
    rules: LogRules
    logs: dict[str, PlainLogs] = field(default_factory=dict)

    async def evaluate(self) -> None:
        for group in self.rules.manager.groups:
            await self.rules.manager.evaluate(group, self.bench.clock.now_ms())


def entries(clock: ManualClock, *apps: str) -> PlainLogs:
    now = clock.now_ns()
    streams: dict[str, list[Entry]] = {}
    for number, app in enumerate(apps):
        streams.setdefault(app, []).append(Entry(now - (number + 1) * S, "an error"))
    return PlainLogs({labels(app=app): found for app, found in streams.items()})


@asynccontextmanager
async def rig(folder: Path, settings: Settings | None = None) -> AsyncIterator[Rig]:
    bench = RuleBench(folder)
    made = settings or Settings()
    logs: dict[str, PlainLogs] = {}
    queries = LogQueries(
        lambda tenant: logs.get(tenant, PlainLogs()), bench.clock, QueryLimits(), TENANT
    )
    rules = log_rules(
        bench.parts(lambda: made),
        lambda: queries,
        folder=folder / "loki-rules",
    )
    try:
        await rules.load()
        yield Rig(bench, rules, logs)
    finally:
        bench.close()


async def test_recording_rules_write_series(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.rules.set_group(TENANT, "team", RECORDING)
        here.logs[TENANT] = entries(here.bench.clock, "a", "a", "b")
        await here.evaluate()
        assert here.bench.ask("errors:rate") == {
            "errors:rate{app=a,kind=log}": 2,
            "errors:rate{app=b,kind=log}": 1,
        }
        (group,) = here.rules.groups(TENANT)
        assert (group.file, group.state.interval_ms) == ("team", 30_000)
        assert group.state.rules[0].health == "ok"


async def test_alerting_rules_have_states(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(ALERTING)
    async with rig(tmp_path, replace(Settings(), loki_rules=(str(file),))) as here:
        here.logs[TENANT] = entries(here.bench.clock, "a", "a", "b")
        await here.evaluate()
        (group,) = here.rules.groups(TENANT)
        rule = group.state.rules[0]
        assert group.file == str(file)
        assert rule.alerts is not None
        (alert,) = rule.alerts.active
        assert dict(alert.labels) == {"alertname": "ManyErrors", "app": "a", "severity": "page"}
        assert dict(alert.annotations) == {"summary": "a has 2"}
        assert alert.state.value == "pending"


async def test_rules_ask_for_the_logs_of_their_tenant(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.rules.set_group("acme", "team", RECORDING)
        here.logs["acme"] = entries(here.bench.clock, "a")
        here.logs[TENANT] = entries(here.bench.clock, "b", "b")
        await here.evaluate()
        assert here.bench.ask("errors:rate") == {"errors:rate{app=a,kind=log}": 1}
        assert list(here.rules.groups(TENANT)) == []


async def test_groups_are_there_after_a_restart_and_go_when_deleted(tmp_path: Path) -> None:
    async with rig(tmp_path) as here:
        await here.rules.set_group("a/b", "my.name space/x", RECORDING)
        await here.rules.set_group("a/b", "my.name space/x", RECORDING.replace(b"30s", b"1m"))
        await here.rules.set_group("a/b", "my.name space/x", RECORDING.replace(b": g", b": h"))
    async with rig(tmp_path) as here:
        written = await here.rules.namespaces("a/b")
        assert [group["name"] for group in written["my.name space/x"]] == ["g", "h"]
        assert (await here.rules.group("a/b", "my.name space/x", "g"))["interval"] == "1m"
        assert [group.state.group.name for group in here.rules.groups("a/b")] == ["g", "h"]

        await here.rules.delete_group("a/b", "my.name space/x", "g")
        assert [group.state.group.name for group in here.rules.groups("a/b")] == ["h"]
        await here.rules.delete_namespace("a/b", "my.name space/x")
        assert list(here.rules.groups("a/b")) == []
        assert await here.rules.namespaces("a/b") == {}
        with pytest.raises(NotFound, match="group does not exist"):
            await here.rules.delete_group("a/b", "my.name space/x", "h")
        with pytest.raises(NotFound, match="group namespace does not exist"):
            await here.rules.delete_namespace("a/b", "..")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[", "unable to decoded rule group"),
        (b"text", "unable to decoded rule group"),
        (b"rules: []", "groupname must not be empty"),
        (b"{name: g, rules: [{record: a}]}", "field 'expr' must be set in rule"),
        (
            b"{name: g, rules: [{record: a, alert: b, expr: '1'}]}",
            "only one of 'record' and 'alert' must be set",
        ),
        (
            b"{name: g, rules: [{record: a, expr: 'rate({a=\"b\"})'}]}",
            "could not parse expression for record 'a' in group 'g': parse error",
        ),
        (
            b"{name: g, rules: [{alert: a, expr: 'rate(', annotations: {b: '{{'}}]}",
            "could not parse expression for alert 'a' in group 'g': parse error",
        ),
    ],
)
async def test_groups_that_cannot_work_are_refused(
    tmp_path: Path, text: bytes, message: str
) -> None:
    async with rig(tmp_path) as here:
        with pytest.raises(BadInput) as caught:
            await here.rules.set_group(TENANT, "team", text)
        assert message in caught.value.message
        assert await here.rules.namespaces(TENANT) == {}


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text("groups: [{name: g, rules: [{record: a, expr: 'sum('}]}]")
    settings = replace(Settings(), loki_rules=(str(file),))

    groups, problems = log_groups(settings)

    with pytest.raises(BadInput, match=r"rules\.yml:1:40: .*: could not parse expression for rec"):
        refuse_errors(problems)
    assert "rules.yml:1:40" in groups[str(file)][0].rules[0].last_error
