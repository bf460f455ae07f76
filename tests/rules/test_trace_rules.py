"""Rules over traces: TraceQL metrics over the last interval, as series and as alerts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.query.limits import QueryLimits
from appliance.rule_setup.managers import trace_rule_manager
from appliance.rules.group_state import GroupState
from appliance.rules.manager import RuleManager
from appliance.rules.trace_load import load_trace_groups
from appliance.rules.trace_queries import TraceQueries
from tests.rules.rule_bench import RuleBench
from tests.spans import PlainSpan, PlainSpans

S = 10**9
RULES = """
groups:
- name: errors
  interval: 30s
  rules:
  - record: errors:rate
    expr: '{ status = error } | rate() by (resource.service.name)'
    labels: {kind: trace}
  - alert: Errors
    expr: '{ status = error } | count_over_time() by (resource.service.name) > 1'
    for: 30s
    annotations: {summary: '{{ $labels.resource_service_name }}: {{ $value }}'}
"""


class Rig:
    """Rules of a file over spans that tests add."""

    def __init__(self, folder: Path) -> None:
        self.bench = RuleBench(folder)
        self.spans: list[PlainSpan] = []
        self.file = folder / "trace-rules.yml"
        self.manager: RuleManager | None = None

    def groups(self, text: str) -> list[GroupState]:
        self.file.write_text(text)
        groups, problems = load_trace_groups([self.file])
        assert problems == []
        self.manager = trace_rule_manager(
            self.bench.parts(), lambda _: PlainSpans(self.spans), groups
        )
        return groups

    def fail(self, service: str, times: int) -> None:
        """Spans with errors, half a minute ago and younger."""
        now = self.bench.clock.now_ns()
        for number in range(times):
            span = len(self.spans) + 1
            start = now - (number + 1) * S
            resource = {"service.name": service}
            self.spans.append(
                PlainSpan(span, span, "x", start_ns=start, status=2, resource=resource)
            )

    async def step(self, group: GroupState) -> None:
        assert self.manager is not None
        await self.manager.evaluate(group, self.bench.clock.now_ms())


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.bench.close()


async def test_spans_of_the_last_interval_are_counted(rig: Rig) -> None:
    (group,) = rig.groups(RULES)
    rig.fail("api", 3)
    rig.fail("web", 1)
    await rig.step(group)
    assert [rule.last_error for rule in group.rules] == ["", ""]
    assert rig.bench.ask("errors:rate") == {
        "errors:rate{kind=trace,resource_service_name=api}": pytest.approx(0.1),
        "errors:rate{kind=trace,resource_service_name=web}": pytest.approx(1 / 30),
    }
    await rig.bench.clock.advance(30)
    await rig.step(group)
    assert rig.bench.ask("errors:rate") == {}


async def test_alerts_over_spans_pend_and_fire(rig: Rig) -> None:
    (group,) = rig.groups(RULES)
    states = []
    for _ in range(3):
        rig.fail("api", 2)
        await rig.step(group)
        states.append(group.rules[1].state.value)
        await rig.bench.clock.advance(30)
    assert states == ["pending", "firing", "firing"]
    alerts = group.rules[1].alerts
    assert alerts is not None
    (alert,) = alerts.active
    assert dict(alert.labels) == {"alertname": "Errors", "resource_service_name": "api"}
    assert alert.annotations == {"summary": "api: 2"}


def test_a_search_is_no_rule(tmp_path: Path) -> None:
    file = tmp_path / "t.yml"
    file.write_text("groups: [{name: g, rules: [{alert: A, expr: '{ status = error }'}]}]")
    (group,), (problem,) = load_trace_groups([file])
    assert (problem.line, problem.code) == (1, "traceql")
    assert "not a metrics query" in group.rules[0].last_error
    assert group.rules[0].health == "err"


def test_names_and_values_become_labels(rig: Rig) -> None:
    now = rig.bench.clock.now_ns()
    attributes = {"http.status_code": 500, "cache hit": True}
    rig.spans.append(PlainSpan(1, 1, "x", start_ns=now - S, attributes=attributes))
    queries = TraceQueries(lambda: PlainSpans(rig.spans), rig.bench.clock, QueryLimits())
    text = '{ } | count_over_time() by (span.http.status_code, span."cache hit", kind)'
    found = queries.ask(text, rig.bench.clock.now_ms())
    assert [dict(one) for one in found.value.labels] == [  # type: ignore[union-attr]
        {"span_cache_hit": "true", "span_http_status_code": "500", "kind": "server"}
    ]
