"""Expressions of the three languages over many evaluations at once.

An evaluation of a rule is an instant query; many of them are asked as one range query, which gives
the same where nothing in the expression speaks of the range itself. A range that cannot be
evaluated is halved until the evaluations are found that fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from appliance.backtest.block import Block
from appliance.base.errors import ApplianceError, QueryFailed, TimedOut
from appliance.query.limits import QueryGuard, QueryLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.backtest.plan import Plan, Span
    from appliance.base.clock import Clock
    from appliance.model.sources import Guard, LogSource, SeriesSource, SpanSource
    from appliance.model.value import QueryResult

#: Evaluations that are asked for at once, and cells that a block should not exceed.
_EVALUATIONS, _FEWEST = 1440, 16
_CELLS = 4_000_000
#: After so many that failed, and none that worked, it is given up.
_MOST_FAILED = 256
#: In TraceQL, an interval without spans has the value 0 in a range, and none in an instant.
_TRACE_ARITHMETIC = re.compile(r"\)\s*[-+*/^]\s*[({\d]")


class Evaluator(Protocol):
    """Evaluates expressions of a language; in worker threads."""

    def instant(self, plan: Plan, at_ms: int, guard: Guard) -> QueryResult:
        """As the rule is evaluated at a time, its offset taken off already."""
        ...

    def range(self, plan: Plan, span: Span, guard: Guard) -> Block | None:
        """The same for many times; None where only instants are exact."""
        ...


class ChunkGuard(QueryGuard):
    """Limits of one query, within the time and at the mercy of another one."""

    def __init__(self, limits: QueryLimits, clock: Clock, outer: Guard) -> None:
        super().__init__(limits, clock)
        self._outer = outer

    def check(self) -> None:
        """See `QueryGuard`; the outer guard is asked, too."""
        self._outer.check()
        super().check()


@dataclass(frozen=True, slots=True)
class MetricEvaluator:
    """PromQL over series."""

    source: Callable[[], SeriesSource]
    features: frozenset[str]
    lookback_ms: int
    subquery_step_ms: Callable[[], int]

    def instant(self, plan: Plan, at_ms: int, guard: Guard) -> QueryResult:
        """See `Evaluator`."""
        return self._evaluate(plan, (at_ms, at_ms, 0), guard)

    def range(self, plan: Plan, span: Span, guard: Guard) -> Block | None:
        """See `Evaluator`."""
        if plan.has_own_range:
            return None
        steps = span.first_ms, span.last_ms, span.step_ms
        return Block.of_range(self._evaluate(plan, steps, guard), span)

    def _evaluate(self, plan: Plan, steps: tuple[int, int, int], guard: Guard) -> QueryResult:
        from appliance.promql.engine import evaluate  # noqa: PLC0415 - with the engine

        return evaluate(
            plan.expr,
            self.source(),
            start_ms=steps[0],
            end_ms=steps[1],
            step_ms=steps[2],
            guard=guard,
            lookback_ms=self.lookback_ms,
            features=self.features,
            text=plan.rule.expr,
            subquery_step_ms=self.subquery_step_ms(),
        )


@dataclass(frozen=True, slots=True)
class LogEvaluator:
    """LogQL over the entries of a tenant."""

    source: Callable[[str], LogSource]
    max_series: int

    def instant(self, plan: Plan, at_ms: int, guard: Guard) -> QueryResult:
        """See `Evaluator`."""
        return self._evaluate(plan, (at_ms, at_ms, 0), guard)

    def range(self, plan: Plan, span: Span, guard: Guard) -> Block | None:
        """See `Evaluator`; LogQL moves steps to multiples of their distance."""
        if span.first_ms % span.step_ms:
            return None
        steps = span.first_ms, span.last_ms, span.step_ms
        return Block.of_range(self._evaluate(plan, steps, guard), span)

    def _evaluate(self, plan: Plan, steps: tuple[int, int, int], guard: Guard) -> QueryResult:
        from appliance.logql.engine import Request, evaluate  # noqa: PLC0415 - with the engine

        start_ns, end_ns, step_ns = (one * 10**6 for one in steps)
        wanted = Request(start_ns, end_ns, step_ns, max_series=self.max_series)
        return evaluate(plan.expr.query, self.source(plan.expr.tenant), wanted, guard)


@dataclass(frozen=True, slots=True)
class TraceEvaluator:
    """TraceQL metrics over spans."""

    source: Callable[[], SpanSource]
    clock: Clock
    limits: QueryLimits

    def instant(self, plan: Plan, at_ms: int, guard: Guard) -> QueryResult:
        """See `Evaluator`."""
        from appliance.rules.trace_queries import TraceQueries  # noqa: PLC0415 - with the engine

        guard.check()
        queries = TraceQueries(self.source, self.clock, self.limits)
        return queries.evaluate(plan.expr, plan.rule.expr, at_ms)

    def range(self, plan: Plan, span: Span, guard: Guard) -> Block | None:
        """See `Evaluator`: where a series has a 0, only instants tell whether it is there."""
        is_aligned = span.step_ms == plan.expr.window_ms and not span.first_ms % span.step_ms
        if not is_aligned or _TRACE_ARITHMETIC.search(plan.rule.expr):
            return None
        from appliance.rules.trace_queries import TraceQueries  # noqa: PLC0415 - with the engine

        queries = TraceQueries(self.source, self.clock, self.limits)
        found = queries.evaluate_range(plan.expr, span.first_ms, span.last_ms, guard)
        block = Block.of_range(found, span)
        return None if (block.values[block.present] == 0).any() else block


@dataclass(slots=True)
class Evaluations:
    """All evaluations of a rule, block by block.

    Attributes:
        limits: Of one query.
        guard: Of all together.
    """

    evaluator: Evaluator
    limits: QueryLimits
    clock: Clock
    guard: Guard
    failed: int = 0
    worked: int = 0

    def blocks(self, plan: Plan, span: Span) -> Iterator[tuple[Span, Block]]:
        """Parts of a span with what the expression gives there.

        Raises:
            QueryFailed: It fails again and again.
            TimedOut: As the guard says.
        """
        done, size = 0, _EVALUATIONS
        while done < span.count:
            part = span.part(done, size)
            block = self._evaluate(plan, part)
            yield part, block
            done += part.count
            size = min(_EVALUATIONS, max(_FEWEST, _CELLS // max(1, len(block.labels))))

    def _evaluate(self, plan: Plan, part: Span) -> Block:
        asked = replace(part, first_ms=part.first_ms - plan.offset_ms)
        try:
            block = self._range(plan, asked) if part.count > 1 else self._instant(plan, asked)
        except TimedOut:
            raise
        except ApplianceError as error:
            if part.count == 1:
                return self._fail(error)
            half = part.count // 2
            parts = part.part(0, half), part.part(half, part.count)
            return Block.joined([self._evaluate(plan, one) for one in parts])
        self.worked += int(np.count_nonzero(~block.failed))
        return block

    def _range(self, plan: Plan, asked: Span) -> Block:
        block = self.evaluator.range(plan, asked, self._guard())
        if block is not None:
            return block
        return Block.joined([self._one(plan, asked.part(i, 1)) for i in range(asked.count)])

    def _one(self, plan: Plan, asked: Span) -> Block:
        try:
            return self._instant(plan, asked)
        except TimedOut:
            raise
        except ApplianceError as error:
            return self._fail(error)

    def _instant(self, plan: Plan, asked: Span) -> Block:
        return Block.of_instant(self.evaluator.instant(plan, asked.first_ms, self._guard()))

    def _guard(self) -> ChunkGuard:
        self.guard.check()
        return ChunkGuard(self.limits, self.clock, self.guard)

    def _fail(self, error: ApplianceError) -> Block:
        self.failed += 1
        if self.failed >= _MOST_FAILED and not self.worked:
            raise QueryFailed(f"the expression cannot be evaluated at any time: {error.message}")
        return Block.of_failure(error.message)


def without_failed(part: Span, block: Block) -> tuple[np.ndarray, Block]:
    """The evaluations that worked: their times, int64[evaluation], and the block without others."""
    times = part.first_ms + part.step_ms * np.arange(part.count, dtype=np.int64)
    if not block.failed.any():
        return times, block
    good = ~block.failed
    kept = Block(
        block.labels, block.present[:, good], block.values[:, good], block.failed[good], block.error
    )
    return times[good], kept
