"""The managers of rules: what the evaluation of each kind of rule is given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

from appliance.api.http import DEFAULT_TENANT
from appliance.rule_setup.files import log_groups
from appliance.rules.manager import RuleDeps, RuleManager
from appliance.rules.sending import graph_link
from appliance.rules.sink import StoreSink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.config.problem import Problem
    from appliance.ingest.scrape.config import PrometheusConfig
    from appliance.model.histogram import Histogram
    from appliance.model.labels import Labels
    from appliance.model.sources import MetricAppender, SpanSource
    from appliance.model.value import QueryResult
    from appliance.rules.group_state import GroupState
    from appliance.rules.log_queries import LogQueries
    from appliance.rules.log_rules import LogRules
    from appliance.rules.queries import Queries
    from appliance.rules.rule_state import Templates
    from appliance.rules.saved_state import RuleStates
    from appliance.rules.sending import AlertSender, LinkMaker
    from appliance.rules.trace_queries import TraceQueries
    from appliance.settings.root import Settings
    from appliance.store.metrics.store import MetricStore


class LateTemplates:
    """Templates that are made when the first one is to be expanded: they are slow to import."""

    def __init__(self, make: Callable[[], Templates]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Templates:
        return self._make()

    def expand(
        self, name: str, text: str, *, labels: Labels, value: float | Histogram, at_ms: int
    ) -> str:
        """See `Templates.expand`."""
        return self._made.expand(name, text, labels=labels, value=value, at_ms=at_ms)


@dataclass(frozen=True, slots=True)
class RuleParts:
    """What all managers of rules share.

    Attributes:
        settings: Those in use.
        config: prometheus.yml as it is in use.
        store: What rules over metrics read.
        appender: Where results go.
        sender: Told of alerts; None where nobody is.
        url: Address of a listener as people reach it, without a slash at its end.
        states: Keeps alerts over a restart.
    """

    settings: Callable[[], Settings]
    config: Callable[[], PrometheusConfig]
    store: MetricStore
    appender: MetricAppender
    clock: Clock
    telemetry: Telemetry
    sender: AlertSender | None = None
    url: Callable[[str], str] = lambda _: ""
    states: RuleStates | None = None

    def deps(
        self,
        *,
        ask: Callable[[str, int], QueryResult],
        link: LinkMaker,
        query: Callable[[Any, str, int], QueryResult] | None = None,
    ) -> RuleDeps:
        """What the evaluation of a kind of rule is given.

        Args:
            ask: Evaluates queries of templates.
            link: To the page of an expression.
            query: Evaluates expressions of another language than PromQL.
        """
        settings = self.settings()
        return RuleDeps(
            source=lambda: self.store.source(DEFAULT_TENANT),
            sink=StoreSink(self.appender, DEFAULT_TENANT),
            templates=LateTemplates(lambda: self._templates(ask)),
            clock=self.clock,
            limits=settings.limits.query.limits,
            features=settings.prometheus.feature_names(),
            lookback_ms=int(settings.prometheus.lookback_delta),
            subquery_step_ms=lambda: int(self.config().global_config.evaluation_interval),
            told=None if self.sender is None else partial(self.sender.tell, link=link),
            query=query,
            states=self.states,
        )

    def _templates(self, ask: Callable[[str, int], QueryResult]) -> Templates:
        from appliance.rules.templates import RuleTemplates  # noqa: PLC0415 - Go templates

        def external_labels() -> dict[str, str]:
            given = self.config().global_config.external_labels
            return {str(name): value for name, value in given.items()}

        external_url = str(self.settings().external_url or "")
        return RuleTemplates(external_labels, external_url=external_url, query=ask)

    def page(self, path: str) -> LinkMaker:
        """Links to a page of ours that shows a query."""
        return lambda expr: f"{self.url('ui')}{path}?query={quote_plus(expr)}"


def rule_manager(parts: RuleParts, groups: Sequence[GroupState]) -> RuleManager:
    """The manager of rules over metrics."""

    @lru_cache(maxsize=1)
    def queries() -> Queries:
        from appliance.rules.queries import Queries  # noqa: PLC0415 - PromQL

        settings = parts.settings()
        return Queries(
            lambda: parts.store.source(DEFAULT_TENANT),
            parts.clock,
            settings.limits.query.limits,
            features=settings.prometheus.feature_names(),
            lookback_ms=int(settings.prometheus.lookback_delta),
            subquery_step_ms=lambda: int(parts.config().global_config.evaluation_interval),
        )

    def ask(text: str, at_ms: int) -> QueryResult:
        return queries().ask(text, at_ms)

    deps = parts.deps(ask=ask, link=lambda expr: graph_link(parts.url("prometheus"), expr))
    return RuleManager(groups, deps, parts.telemetry)


def trace_rule_manager(
    parts: RuleParts, spans: Callable[[str], SpanSource], groups: Sequence[GroupState]
) -> RuleManager:
    """The manager of rules over traces.

    Args:
        spans: Those of a tenant.
    """

    @lru_cache(maxsize=1)
    def queries() -> TraceQueries:
        from appliance.rules.trace_queries import TraceQueries  # noqa: PLC0415 - TraceQL

        limits = parts.settings().limits.query.limits
        return TraceQueries(lambda: spans(DEFAULT_TENANT), parts.clock, limits)

    deps = parts.deps(
        ask=lambda text, at_ms: queries().ask(text, at_ms),
        link=parts.page("/traces"),
        query=lambda expr, text, at_ms: queries().evaluate(expr, text, at_ms),
    )
    return RuleManager(groups, deps, parts.telemetry, name="trace rules")


def log_rules(
    parts: RuleParts,
    queries: Callable[[], LogQueries],
    *,
    folder: Path,
    show: Callable[[Sequence[Problem]], None] = lambda _: None,
) -> LogRules:
    """Rules over logs.

    Args:
        queries: Made when they are first needed.
        folder: Where groups are kept that clients set.
        show: Told what is wrong with the files.
    """
    from appliance.rules.log_folder import RuleFolder  # noqa: PLC0415 - LogQL
    from appliance.rules.log_rules import LogRules  # noqa: PLC0415 - LogQL

    made = lru_cache(maxsize=1)(queries)
    deps = parts.deps(
        ask=lambda text, at_ms: made().ask(text, at_ms),
        link=parts.page("/logs"),
        query=lambda expr, text, at_ms: made().evaluate(expr, text, at_ms),
    )
    manager = RuleManager([], deps, parts.telemetry, name="log rules")
    return LogRules(
        manager,
        RuleFolder(folder),
        lambda: log_groups(parts.settings()),
        usual_tenant=DEFAULT_TENANT,
        show=show,
    )
