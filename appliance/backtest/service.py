"""Answers backtests: plans, runs, simulation, report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.backtest.episodes import Found
from appliance.backtest.evaluate import Evaluations
from appliance.backtest.plan import Span
from appliance.backtest.report import Report, Shown
from appliance.backtest.run import backtest
from appliance.backtest.simulate import MOST_ALERTS, Firing, Simulated, simulate
from appliance.base.errors import ApplianceError, QueryFailed
from appliance.rules.config import RuleGroup
from appliance.rules.rule_state import RuleState, samples_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.backtest.episodes import Episode
    from appliance.backtest.evaluate import Evaluator
    from appliance.backtest.plan import Plan
    from appliance.backtest.question import Planner, Question
    from appliance.backtest.simulate import Routing
    from appliance.base.clock import Clock
    from appliance.model.labels import Labels
    from appliance.query.limits import QueryGuard, QueryLimits
    from appliance.rules.rule_state import Sample, Templates

#: For the simulation of the Alertmanager.
_SIMULATION_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class BacktestDeps:
    """What a backtest is made with.

    Attributes:
        evaluators, templates: By language.
        limits: Of one query.
        sent: Labels as the Alertmanager is told them; None: relabelling drops the alert.
        routing: The Alertmanager's configuration in use.
    """

    planner: Planner
    evaluators: Mapping[str, Evaluator]
    templates: Mapping[str, Templates]
    limits: Callable[[], QueryLimits]
    clock: Clock
    sent: Callable[[Labels], Labels | None]
    routing: Callable[[], Routing]


class Backtester:
    """Plain calls that take long, for worker threads; rules and routing are those of the moment."""

    def __init__(self, deps: BacktestDeps) -> None:
        self._deps = deps

    def plans(self, question: Question) -> list[Plan]:
        """The rules that are meant; call it on the event loop.

        Raises:
            NotFound: No alert has a name.
            BadInput: A rule cannot be evaluated, or there are too many.
        """
        return self._deps.planner.plans(question)

    def routing(self) -> Routing:
        """The configuration in use; call it on the event loop."""
        return self._deps.routing()

    def run(
        self, question: Question, plans: Sequence[Plan], routing: Routing, guard: QueryGuard
    ) -> Report:
        """What the rules would have done, and who would have been told.

        Raises:
            LimitExceeded: A condition comes and goes too often.
            TimedOut: As the guard says.
        """
        began = self._deps.clock.monotonic()
        found = [self._backtest(plan, question, guard) for plan in plans]
        simulated = self._simulate(question, found, routing, guard)
        shown = [Shown(one, self._annotations(one, question.episodes, guard)) for one in found]
        seconds = self._deps.clock.monotonic() - began
        return Report(question, shown, simulated, self._deps.sent, seconds)

    def _backtest(self, plan: Plan, question: Question, guard: QueryGuard) -> Found:
        deps = self._deps
        span = Span.of(plan, question.start_ms, question.end_ms)
        evaluations = Evaluations(deps.evaluators[plan.language], deps.limits(), deps.clock, guard)
        try:
            return backtest(plan, span, evaluations, deps.templates[plan.language])
        except QueryFailed as error:  # the others may work
            return Found(plan, span, failed=span.count, error=error.message)

    def _simulate(
        self, question: Question, found: Sequence[Found], routing: Routing, guard: QueryGuard
    ) -> Simulated | None:
        if not question.has_routing:
            return None
        clock, sent = self._deps.clock, self._deps.sent
        deadline = clock.monotonic() + _SIMULATION_SECONDS
        alerts = [
            Firing(labels, one.fired_ms, one.ended_ms)
            for rule in found
            for one in rule.episodes
            if (labels := sent(one.labels)) is not None
        ]
        alerts.sort(key=lambda one: one.fired_ms)

        def is_late() -> bool:
            guard.check()
            return clock.monotonic() > deadline

        end_ms = max((rule.span.last_ms for rule in found), default=0)
        has_all = len(alerts) <= MOST_ALERTS
        if not has_all:
            end_ms = alerts[MOST_ALERTS].fired_ms
        simulated = simulate(routing, alerts[:MOST_ALERTS], end_ms, is_late=is_late)
        simulated.is_complete &= has_all
        return simulated

    def _annotations(
        self, found: Found, most: int, guard: QueryGuard
    ) -> list[tuple[float | None, Mapping[str, str]]]:
        """Value and annotations of the first episodes, as they would be when each fires."""
        samples: dict[int, Mapping[Labels, Sample]] = {}
        shown = []
        for episode in found.episodes[:most]:
            if episode.fired_ms not in samples:
                samples[episode.fired_ms] = self._samples(found.plan, episode.fired_ms, guard)
            shown.append(self._expand(found.plan, episode, samples[episode.fired_ms]))
        return shown

    def _samples(self, plan: Plan, at_ms: int, guard: QueryGuard) -> Mapping[Labels, Sample]:
        """What the expression gives at a time, by the labels of the alerts."""
        guard.check()
        templates = self._deps.templates[plan.language]
        state = RuleState.of(plan.rule, RuleGroup(), plan.expr)
        state.labels = plan.labels
        try:
            result = self._deps.evaluators[plan.language].instant(
                plan, at_ms - plan.offset_ms, guard
            )
        except ApplianceError:
            return {}
        return {
            state.alert_labels(labels, value, templates, at_ms): (labels, value)
            for labels, value in samples_of(result)
        }

    def _expand(
        self, plan: Plan, episode: Episode, samples: Mapping[Labels, Sample]
    ) -> tuple[float | None, Mapping[str, str]]:
        sample = samples.get(episode.labels)
        if sample is None:
            return None, {}
        labels, value = sample
        templates, name, at_ms = (
            self._deps.templates[plan.language],
            plan.rule.alert,
            episode.fired_ms,
        )
        texts = {
            str(key): templates.expand(name, text, labels=labels, value=value, at_ms=at_ms)
            for key, text in plan.rule.annotations.items()
        }
        return (value if isinstance(value, float) else None), texts
