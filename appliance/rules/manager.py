"""Evaluates groups of rules on schedule; a component."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload, spawn
from appliance.promql.engine import evaluate
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.rules.metrics import RuleMetrics
from appliance.rules.restore import restore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.sources import SeriesSource
    from appliance.model.value import QueryResult
    from appliance.promql.ast import Expr
    from appliance.rules.group_state import GroupState, Sink
    from appliance.rules.rule_state import Templates

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RuleDeps:
    """What evaluation needs.

    Attributes:
        source: The samples that rules read.
        notify: Called on the event loop after every evaluation of a group.
        query: Evaluates expressions of another language than PromQL: those of rules over logs.
    """

    source: Callable[[], SeriesSource]
    sink: Sink
    templates: Templates
    clock: Clock
    limits: QueryLimits
    features: frozenset[str]
    lookback_ms: int
    subquery_step_ms: Callable[[], int]
    notify: Callable[[GroupState], None]
    query: Callable[[Any, str, int], QueryResult] | None = None


class RuleManager:
    """See the module's docstring; used on the event loop, evaluation is in worker threads."""

    def __init__(
        self,
        groups: Sequence[GroupState],
        deps: RuleDeps,
        telemetry: Telemetry,
        *,
        name: str = "rules",
    ) -> None:
        self.name = name
        self._deps = deps
        self._metrics = RuleMetrics(telemetry)
        self.groups: Sequence[GroupState] = list(groups)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ended: list[GroupState] = []
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Nothing is needed to be ready."""

    async def run(self) -> None:
        """Evaluate until cancelled; groups come and go with `apply`."""
        try:
            while True:
                self._changed.clear()
                await self._end_groups()
                for group in self.groups:
                    if group.key not in self._tasks:
                        self._tasks[group.key] = spawn(self._loop(group), name=f"rules {group.key}")
                await self._changed.wait()
        finally:
            await self._cancel(list(self._tasks))

    async def stop(self) -> None:
        """Wait for evaluations that run."""
        await self._cancel(list(self._tasks))

    async def apply(self, groups: Sequence[GroupState]) -> None:
        """Other groups; those that stay keep their history."""
        before = {group.key: group for group in self.groups}
        await self._cancel(list(self._tasks))
        for group in groups:
            if group.key in before:
                group.adopt(before.pop(group.key))
        self._ended += before.values()
        self.groups = list(groups)
        self._metrics.forget(before)
        self._changed.set()

    async def evaluate(self, group: GroupState, at_ms: int) -> None:
        """Evaluate a group once.

        Raises:
            ApplianceError: Its results could not be stored.
        """
        deps = self._deps
        query = deps.query or self._query
        await offload(partial(group.evaluate, query, deps.templates, deps.sink, deps.clock, at_ms))
        await offload(partial(self._restore, group, at_ms))
        self._metrics.note(group)
        deps.notify(group)

    async def _loop(self, group: GroupState) -> None:
        clock = self._deps.clock
        due_ms = group.next_ms(clock.now_ms())
        while True:
            await clock.sleep((due_ms - clock.now_ms()) / 1000)
            try:
                await self.evaluate(group, due_ms)
            except ApplianceError as error:
                _log.error("group %s: results are not stored: %s", group.key, error)
            except Exception:  # noqa: BLE001 - the next evaluation may do better
                _log.exception("group %s: evaluation failed", group.key)
            late = max(0, clock.now_ms() - due_ms) // group.interval_ms
            group.missed += late
            due_ms += (1 + late) * group.interval_ms

    def _query(self, expr: Expr, text: str, at_ms: int) -> QueryResult:
        deps = self._deps
        return evaluate(
            expr,
            deps.source(),
            start_ms=at_ms,
            end_ms=at_ms,
            step_ms=0,
            guard=QueryGuard(deps.limits, deps.clock),
            lookback_ms=deps.lookback_ms,
            features=deps.features,
            text=text,
            subquery_step_ms=deps.subquery_step_ms(),
        )

    def _restore(self, group: GroupState, at_ms: int) -> None:
        """Take over what was pending before a restart, after the first evaluation."""
        for rule in group.rules:
            if rule.alerts is not None and not rule.alerts.restored:
                guard = QueryGuard(self._deps.limits, self._deps.clock)
                restore(rule, self._deps.source(), guard, at_ms)

    async def _end_groups(self) -> None:
        ended, self._ended = self._ended, []
        now = self._deps.clock.now_ms()
        for group in ended:
            await offload(group.end, self._deps.sink, now)

    async def _cancel(self, keys: list[str]) -> None:
        tasks = [self._tasks.pop(key) for key in keys]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
