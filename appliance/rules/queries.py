"""Instant queries of rules and of their templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.promql.context import ALL_FEATURES
from appliance.promql.engine import LOOKBACK_MS, SUBQUERY_STEP_MS, evaluate
from appliance.promql.parser import parse
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.model.sources import SeriesSource
    from appliance.model.value import QueryResult
    from appliance.promql.ast import Expr


@dataclass(frozen=True, slots=True)
class Queries:
    """Evaluates expressions over a source.

    Attributes:
        source: The samples of the moment.
        subquery_step_ms: Resolution of subqueries that name none.
    """

    source: Callable[[], SeriesSource]
    clock: Clock
    limits: QueryLimits
    features: frozenset[str] = ALL_FEATURES
    lookback_ms: int = LOOKBACK_MS
    subquery_step_ms: Callable[[], int] = lambda: SUBQUERY_STEP_MS

    def ask(self, text: str, at_ms: int) -> QueryResult:
        """The value of an expression at a time.

        Raises:
            BadInput: It cannot be parsed.
            QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        return self.evaluate(parse(text, self.features), text, at_ms)

    def evaluate(self, expr: Expr, text: str, at_ms: int) -> QueryResult:
        """The same with the expression parsed.

        Raises:
            QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        return evaluate(
            expr,
            self.source(),
            start_ms=at_ms,
            end_ms=at_ms,
            step_ms=0,
            guard=QueryGuard(self.limits, self.clock),
            lookback_ms=self.lookback_ms,
            features=self.features,
            text=text,
            subquery_step_ms=self.subquery_step_ms(),
        )
