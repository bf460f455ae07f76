"""Instant queries of rules over logs and of their templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.logql.engine import Request, evaluate
from appliance.logql.parser import parse
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.base.clock import Clock
    from appliance.logql.ast import Query
    from appliance.model.sources import LogSource
    from appliance.model.value import QueryResult


@dataclass(frozen=True, slots=True)
class LogQuery:
    """The expression of a rule, and whose logs it is about."""

    tenant: str
    query: Query


@dataclass(frozen=True, slots=True)
class LogQueries:
    """Evaluates LogQL over the logs of a tenant.

    Attributes:
        source: Log entries of a tenant.
        tenant: Whose logs templates ask for.
    """

    source: Callable[[str], LogSource]
    clock: Clock
    limits: QueryLimits
    tenant: str

    def ask(self, text: str, at_ms: int) -> QueryResult:
        """The value of an expression at a time.

        Raises:
            BadInput: It cannot be parsed.
            QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        return self.evaluate(LogQuery(self.tenant, parse(text)), text, at_ms)

    def evaluate(self, expression: LogQuery, _text: str, at_ms: int) -> QueryResult:
        """The same with the expression parsed.

        Raises:
            BadInput, QueryFailed, LimitExceeded, TimedOut: It cannot be evaluated.
        """
        at_ns = at_ms * 10**6
        wanted = Request(start_ns=at_ns, end_ns=at_ns, max_series=self.limits.max_log_series)
        guard = QueryGuard(self.limits, self.clock)
        return evaluate(expression.query, self.source(expression.tenant), wanted, guard)
