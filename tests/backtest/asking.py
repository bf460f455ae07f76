"""Backtests over plain sources, and the same by rules that are evaluated one time after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.explain.facts import Addressee
from appliance.backtest.episodes import Found
from appliance.backtest.evaluate import (
    Evaluations,
    Evaluator,
    LogEvaluator,
    MetricEvaluator,
    TraceEvaluator,
)
from appliance.backtest.plan import Plan, Span
from appliance.backtest.question import Planner
from appliance.backtest.run import backtest
from appliance.backtest.service import BacktestDeps, Backtester
from appliance.backtest.simulate import Routing
from appliance.base.clock import ManualClock
from appliance.base.errors import ApplianceError
from appliance.config.load import load_text
from appliance.logql.parser import parse as parse_logql
from appliance.model.labels import Labels
from appliance.model.value import QueryResult
from appliance.promql.context import ALL_FEATURES
from appliance.promql.parser import parse
from appliance.query.limits import QueryLimits
from appliance.rules.alert import Alert, AlertState
from appliance.rules.config import RuleGroup
from appliance.rules.load import GroupLoader
from appliance.rules.log_queries import LogQuery
from appliance.rules.rule_state import RuleState
from appliance.rules.source import load_rule_text
from appliance.rules.templates import RuleTemplates
from appliance.rules.trace_queries import TraceQuery
from tests.sources import PlainLogs, PlainSeries, make_guard
from tests.spans import PlainSpans

MINUTE_MS = 60_000
START_MS = 1_700_000_040_000  # a whole minute
#: Labels, since when active, firing, over (0: not yet).
Told = tuple[Labels, int, int, int]


def no_query(_text: str, _at_ms: int) -> QueryResult:
    raise AssertionError("no template asks")


TEMPLATES = RuleTemplates(dict, external_url="", query=no_query)


def metric_evaluator(source: PlainSeries) -> MetricEvaluator:
    return MetricEvaluator(lambda: source, ALL_FEATURES, 5 * MINUTE_MS, lambda: MINUTE_MS)


def log_evaluator(source: PlainLogs) -> LogEvaluator:
    return LogEvaluator(lambda _: source, 500)


def trace_evaluator(source: PlainSpans) -> TraceEvaluator:
    return TraceEvaluator(lambda: source, ManualClock(), QueryLimits())


PARSERS: dict[str, Callable[[str, int], Any]] = {
    "traceql": TraceQuery.parse,
    "promql": lambda text, _: parse(text, ALL_FEATURES),
    "logql": lambda text, _: LogQuery("t", parse_logql(text)),
}


def plan_of(text: str, language: str = "promql") -> Plan:
    """The first rule of a file."""
    loader = GroupLoader(PARSERS[language], language, MINUTE_MS)
    (group, *_) = loader.groups(load_rule_text(text.encode(), "r.yml"), "r.yml")
    assert not loader.problems, loader.problems
    return Plan.of(group, group.rules[0], language)


def span_of(plan: Plan, minutes: int) -> Span:
    return Span.of(plan, START_MS, START_MS + minutes * MINUTE_MS)


def run(plan: Plan, evaluator: Evaluator, minutes: int) -> Found:
    evaluations = Evaluations(evaluator, QueryLimits(), ManualClock(), make_guard())
    return backtest(plan, span_of(plan, minutes), evaluations, TEMPLATES)


def told(found: Found) -> list[Told]:
    return [(one.labels, one.active_ms, one.fired_ms, one.ended_ms) for one in found.episodes]


@dataclass
class Stepped:
    """What rules do, evaluated one time after another."""

    episodes: list[Told]
    failed: int


def stepped(plan: Plan, evaluator: Evaluator, minutes: int) -> Stepped:
    """The rule engine itself over the times of a backtest."""
    span = span_of(plan, minutes)
    state = RuleState.of(plan.rule, RuleGroup(name="g", rules=(plan.rule,)), plan.expr)
    assert state.alerts is not None
    found = Stepped([], 0)
    for step in range(span.count):
        at_ms = span.first_ms + step * span.step_ms
        try:
            state.evaluate(
                lambda _expr, _text, at: evaluator.instant(plan, at, make_guard()),
                TEMPLATES,
                at_ms,
                limit=plan.limit,
                offset_ms=plan.offset_ms,
            )
        except ApplianceError:
            found.failed += 1
        for alert in state.alerts.take_changed():
            _note(found, alert, at_ms)
    for alert in state.alerts.active:
        if alert.state is AlertState.FIRING:
            found.episodes.append((alert.labels, alert.active_ms, alert.fired_ms, 0))
    found.episodes.sort(key=lambda one: (one[2], one[0]))
    return found


def _note(found: Stepped, alert: Alert, at_ms: int) -> None:
    if alert.state is AlertState.INACTIVE and alert.fired_ms:
        found.episodes.append((alert.labels, alert.active_ms, alert.fired_ms, at_ms))


def series(values: Mapping[str, Sequence[float | None]], *, name: str = "m") -> PlainSeries:
    """Samples every minute from the start on, by `a=b,c=d`."""
    samples = {}
    for text, row in values.items():
        pairs = dict(part.split("=") for part in text.split(",") if part)
        points = {
            START_MS + i * MINUTE_MS: value for i, value in enumerate(row) if value is not None
        }
        samples[Labels.of({"__name__": name, **pairs})] = points
    return PlainSeries(samples=samples)


def backtester(
    evaluators: Mapping[str, Evaluator], config: str, *, external: Mapping[str, str] | None = None
) -> Backtester:
    """All of it, under a configuration of the Alertmanager; every receiver has one webhook."""
    decoded = load_text(AlertmanagerConfig, config, file="am.yml")
    assert decoded.value is not None, decoded.problems
    routing = Routing(
        decoded.value,
        Path(),
        lambda name: [] if name == "nobody" else [Addressee("webhook", 0, send_resolved=True)],
    )
    return Backtester(
        BacktestDeps(
            planner=Planner(dict, PARSERS, lambda: MINUTE_MS),
            evaluators=evaluators,
            templates=dict.fromkeys(evaluators, TEMPLATES),
            limits=QueryLimits,
            clock=ManualClock(),
            sent=lambda labels: labels.extended(external or {}),
            routing=lambda: routing,
        )
    )
