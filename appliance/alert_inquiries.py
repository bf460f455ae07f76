"""What answers questions about alerts: why was (not) anybody told, when would a rule have fired."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from appliance.api.http import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.alert_services import AlertServices
    from appliance.alertmanager.explain.explainer import Explainer
    from appliance.alertmanager.explain.facts import Addressee
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.backtest.evaluate import Evaluator
    from appliance.backtest.service import Backtester
    from appliance.backtest.simulate import Routing
    from appliance.base.clock import Clock
    from appliance.log_services import LogServices
    from appliance.metric_services import MetricServices
    from appliance.model.labels import Labels
    from appliance.query.limits import QueryLimits
    from appliance.rule_setup.alert_facts import ServerRules
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import Templates
    from appliance.settings.root import Settings
    from appliance.stores import Stores


class AlertInquiries:
    """Each part is made when first asked for.

    Args:
        alerts, metrics, logs: Asked late: some of them are made with others.
        settings: Those in use.
    """

    def __init__(
        self,
        stores: Stores,
        clock: Clock,
        settings: Callable[[], Settings],
        *,
        alerts: Callable[[], AlertServices],
        metrics: Callable[[], MetricServices],
        logs: Callable[[], LogServices],
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._settings = settings
        self._alerts = alerts
        self._metrics = metrics
        self._logs = logs

    def complete(self, deps: AlertmanagerApiDeps) -> AlertmanagerApiDeps:
        """What the API needs, with what answers questions."""
        from appliance.api.alertmanager.deps import LoadedRules  # noqa: PLC0415 - with the API

        return replace(
            deps,
            explainer=lambda: self._explainer,
            backtester=lambda: self._backtester,
            rules=LoadedRules(self._groups, self._own_labels),
        )

    def _own_labels(self, labels: Labels) -> tuple[Labels | None, str]:
        return self._metrics().alerting.sender.own_labels(labels)

    # -- why was (not) anybody told

    @cached_property
    def _explainer(self) -> Explainer:
        from appliance.alertmanager.explain.explainer import (  # noqa: PLC0415 - when first asked
            ExplainDeps,
            Explainer,
        )
        from appliance.oncall.facts import DutyFacts  # noqa: PLC0415 - as above

        alerts = self._alerts()
        return Explainer(
            ExplainDeps(
                alerts.alertmanager,
                self._clock,
                alerts.log,
                self._stores.alerts,
                addressees=self._addressees,
                flush_record=alerts.recorder.flush,
                rules=self._rule_facts,
                on_call=DutyFacts(alerts.oncall),
            )
        )

    @cached_property
    def _rule_facts(self) -> ServerRules:
        from appliance.rule_setup.alert_facts import ServerRules  # noqa: PLC0415 - as above

        alerting = self._metrics().alerting
        return ServerRules(
            lambda: [group for groups in self._groups().values() for group in groups],
            alerting.sender,
            alerting.active,
        )

    def _groups(self) -> Mapping[str, Sequence[GroupState]]:
        metrics = self._metrics()
        return {
            "promql": metrics.rules.groups,
            "logql": self._logs().rules.manager.groups,
            "traceql": metrics.trace_rules.groups,
        }

    def _addressees(self, receiver: str) -> list[Addressee]:
        from appliance.alertmanager.explain.facts import Addressee  # noqa: PLC0415 - as above

        return [
            Addressee(one.kind, one.index, one.send_resolved)
            for one in self._alerts().api.pipeline().integrations_of(receiver)
        ]

    # -- when would a rule have fired

    @cached_property
    def _backtester(self) -> Backtester:
        from appliance.backtest.question import Planner  # noqa: PLC0415 - when first asked
        from appliance.backtest.service import BacktestDeps, Backtester  # noqa: PLC0415

        metrics = self._metrics()
        sender = metrics.alerting.sender

        def sent(labels: Labels) -> Labels | None:
            return sender.own_labels(labels)[0]

        return Backtester(
            BacktestDeps(
                planner=Planner(self._groups, self._parsers(), self._interval_ms),
                evaluators=self._evaluators(),
                templates=self._templates(),
                limits=self._limits,
                clock=self._clock,
                sent=sent,
                routing=self._routing,
            )
        )

    def _limits(self) -> QueryLimits:
        return self._settings().limits.query.limits

    def _interval_ms(self) -> int:
        return int(self._metrics().config.global_config.evaluation_interval) or 60_000

    def _parsers(self) -> dict[str, Callable[[str, int], Any]]:
        from appliance.logql.parser import parse as parse_logql  # noqa: PLC0415 - when first asked
        from appliance.promql.parser import parse as parse_promql  # noqa: PLC0415
        from appliance.rules.log_queries import LogQuery  # noqa: PLC0415
        from appliance.rules.trace_queries import TraceQuery  # noqa: PLC0415

        features = self._settings().prometheus.feature_names()
        return {
            "promql": lambda text, _: parse_promql(text, features),
            "logql": lambda text, _: LogQuery(DEFAULT_TENANT, parse_logql(text)),
            "traceql": TraceQuery.parse,
        }

    def _evaluators(self) -> dict[str, Evaluator]:
        from appliance.backtest import evaluate  # noqa: PLC0415 - when first asked

        settings, stores, limits = self._settings(), self._stores, self._limits()
        return {
            "promql": evaluate.MetricEvaluator(
                lambda: stores.metrics.source(DEFAULT_TENANT),
                settings.prometheus.feature_names(),
                int(settings.prometheus.lookback_delta),
                self._interval_ms,
            ),
            "logql": evaluate.LogEvaluator(stores.logs.source, limits.max_log_series),
            "traceql": evaluate.TraceEvaluator(
                lambda: stores.spans(DEFAULT_TENANT), self._clock, limits
            ),
        }

    def _templates(self) -> dict[str, Templates]:
        """By language; what is asked in them are queries of that language."""
        return {
            "promql": self._metrics().rules.templates,
            "logql": self._logs().rules.manager.templates,
            "traceql": self._metrics().trace_rules.templates,
        }

    def _routing(self) -> Routing:
        from appliance.backtest.simulate import Routing  # noqa: PLC0415 - when first asked

        alertmanager = self._alerts().alertmanager
        return Routing(alertmanager.config, alertmanager.directory, self._addressees)
