"""One rule with what is known of it: its parsed expression, its last evaluation, its alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from appliance.base.errors import QueryFailed
from appliance.model.labels import Labels
from appliance.model.value import Scalar, Vector
from appliance.promql.ast import METRIC_NAME
from appliance.rules.alert import Alerts, AlertState
from appliance.rules.dependency import ALERT_SERIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.model.histogram import Histogram
    from appliance.model.value import QueryResult
    from appliance.promql.ast import Expr
    from appliance.rules.config import Rule, RuleGroup

Sample = tuple[Labels, "float | Histogram"]


class Templates(Protocol):
    """Expands the templates in labels and annotations."""

    def expand(
        self, name: str, text: str, *, labels: Labels, value: float | Histogram, at_ms: int
    ) -> str:
        """The text; what cannot be expanded becomes an error message in its place."""
        ...


@dataclass(slots=True)
class RuleState:
    """A rule and its history; used by one thread at a time.

    Attributes:
        labels: The rule's own and its group's.
        alerts: None for a recording rule.
        health: `unknown`, `ok` or `err`.
        series: Labels of the samples of the last evaluation.
        line: Where its file has it, from 1.
        broken: Why it cannot be evaluated, with file and line; empty when it can. It has no
            expression then.
    """

    rule: Rule
    expr: Expr | None
    labels: dict[str, str]
    alerts: Alerts | None
    health: str = "unknown"
    last_error: str = ""
    last_ms: int = 0
    seconds: float = 0.0
    samples: int = 0
    series: set[Labels] = field(default_factory=set)
    warnings: tuple[str, ...] = ()
    line: int = 0
    broken: str = ""

    @classmethod
    def of(
        cls, rule: Rule, group: RuleGroup, expr: Expr | None, *, line: int = 0, broken: str = ""
    ) -> RuleState:
        """A rule that was never evaluated."""
        alerts = Alerts(int(rule.for_), int(rule.keep_firing_for)) if rule.alert else None
        labels = {str(name): value for name, value in [*group.labels.items(), *rule.labels.items()]}
        found = cls(rule, expr, labels, alerts, line=line, broken=broken)
        if broken:
            found.health, found.last_error = "err", broken
        return found

    @property
    def writes(self) -> frozenset[str]:
        """Names of the series it writes."""
        if self.broken:
            return frozenset()
        return ALERT_SERIES if self.rule.alert else frozenset([self.rule.record])

    def take_over(self, before: RuleState) -> None:
        """Go on with the history of the rule that this one replaces."""
        self.series, self.health, self.last_error = before.series, before.health, before.last_error
        self.last_ms, self.seconds, self.samples = before.last_ms, before.seconds, before.samples
        if self.alerts is not None and before.alerts is not None:
            self.alerts.by_labels = dict(before.alerts.by_labels)
            self.alerts.changed = before.alerts.changed
            self.alerts.restored = before.alerts.restored

    def evaluate(
        self,
        query: Callable[[Expr, str, int], QueryResult],
        templates: Templates,
        at_ms: int,
        *,
        limit: int,
        offset_ms: int = 0,
    ) -> list[Sample]:
        """The samples that the rule gives at a time.

        Args:
            limit: Most series or alerts; 0 for any number.
            offset_ms: How long before that time the expression is evaluated.

        Raises:
            QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        if self.expr is None:
            raise QueryFailed(self.broken)
        result = query(self.expr, self.rule.expr, at_ms - offset_ms)
        self.warnings = result.annotations.warnings
        found = samples_of(result)
        if self.alerts is None:
            return self._record(found, limit)
        return self._alert(self.alerts, found, templates, at_ms, limit)

    def _record(self, found: list[Sample], limit: int) -> list[Sample]:
        named: dict[Labels, float | Histogram] = {}
        for labels, value in found:
            full = labels.extended({**self.labels, METRIC_NAME: self.rule.record})
            if full in named:
                raise QueryFailed(
                    "vector contains metrics with the same labelset after applying rule labels"
                )
            named[full] = value
        if 0 < limit < len(named):
            raise QueryFailed(f"exceeded limit of {limit} with {len(named)} series")
        return list(named.items())

    def _alert(
        self, alerts: Alerts, found: list[Sample], templates: Templates, at_ms: int, limit: int
    ) -> list[Sample]:
        active: dict[Labels, tuple[float, Mapping[str, str]]] = {}
        for series, value in found:
            labels = self.alert_labels(series, value, templates, at_ms)
            if labels in active:
                raise QueryFailed(
                    "vector contains metrics with the same labelset after applying alert labels"
                )
            texts: dict[str, str] = {
                str(name): templates.expand(
                    self.rule.alert, text, labels=series, value=value, at_ms=at_ms
                )
                for name, text in self.rule.annotations.items()
            }
            active[labels] = (value if isinstance(value, float) else 0.0), texts
        alerts.update(active, at_ms)
        firing = len(alerts.active)
        if 0 < limit < firing:
            alerts.clear()
            raise QueryFailed(f"exceeded limit of {limit} with {firing} alerts")
        return self.alert_samples() if alerts.restored else []

    def alert_labels(
        self, series: Labels, value: float | Histogram, templates: Templates, at_ms: int
    ) -> Labels:
        """The labels of the alert that a series makes: its own and the rule's, filled in."""
        own = {
            name: templates.expand(self.rule.alert, text, labels=series, value=value, at_ms=at_ms)
            for name, text in self.labels.items()
        }
        return series.without(METRIC_NAME).extended({**own, "alertname": self.rule.alert})

    def alert_samples(self) -> list[Sample]:
        """ALERTS and ALERTS_FOR_STATE of what is active."""
        found: list[Sample] = []
        for alert in self.alerts.active if self.alerts is not None else ():
            state = {METRIC_NAME: "ALERTS", "alertstate": alert.state.value}
            since = {METRIC_NAME: "ALERTS_FOR_STATE"}
            found.append((alert.labels.extended(state), 1.0))
            found.append((alert.labels.extended(since), alert.active_ms // 1000 + 0.0))
        return found

    @property
    def state(self) -> AlertState:
        """Of an alerting rule."""
        return self.alerts.state if self.alerts is not None else AlertState.INACTIVE


def samples_of(result: QueryResult) -> list[Sample]:
    """Samples of an instant query; a scalar is a sample without labels."""
    value = result.value
    if isinstance(value, Scalar):
        return [(Labels(), value.value)]
    if not isinstance(value, Vector):
        raise QueryFailed("rule result is not a vector or scalar")
    floats = value.values.tolist()
    histograms = value.histograms or [None] * len(floats)
    return [
        (labels, number if histogram is None else histogram)
        for labels, number, histogram in zip(value.labels, floats, histograms, strict=True)
    ]
