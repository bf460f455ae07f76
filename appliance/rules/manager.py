"""Evaluates groups of rules on schedule; a component."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload, spawn, submit_rules
from appliance.query.limits import QueryGuard, QueryLimits
from appliance.rules.history import carry_over
from appliance.rules.metrics import RuleMetrics

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.sources import SeriesSource
    from appliance.model.value import QueryResult
    from appliance.promql.ast import Expr
    from appliance.rules.group_state import GroupState, Sink
    from appliance.rules.rule_state import RuleState, Templates
    from appliance.rules.saved_state import RuleStates, StateKeeper

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RuleDeps:
    """What evaluation needs.

    Attributes:
        source: The samples that rules read.
        notify: Called on the event loop after every evaluation of a group.
        told: Called in worker threads after every evaluation of a rule that worked, with its time.
        query: Evaluates expressions of another language than PromQL: those of rules over logs.
        states: Keeps alerts over a restart.
    """

    source: Callable[[], SeriesSource]
    sink: Sink
    templates: Templates
    clock: Clock
    limits: QueryLimits
    features: frozenset[str]
    lookback_ms: int
    subquery_step_ms: Callable[[], int]
    notify: Callable[[GroupState], None] = lambda _: None
    told: Callable[[GroupState, RuleState, int], None] | None = None
    query: Callable[[Any, str, int], QueryResult] | None = None
    states: RuleStates | None = None


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
        self._running: dict[str, asyncio.Future[None]] = {}
        self._ended: list[GroupState] = []
        self._changed = asyncio.Event()

    @cached_property
    def _keeper(self) -> StateKeeper | None:
        """Made when there are groups."""
        from appliance.rules.saved_state import StateKeeper  # noqa: PLC0415 - as it says

        states = self._deps.states
        return StateKeeper(states, self.name) if states is not None else None

    @property
    def templates(self) -> Templates:
        """Fill in labels and annotations."""
        return self._deps.templates

    async def start(self) -> None:
        """Nothing is needed to be ready."""

    async def run(self) -> None:
        """Evaluate until cancelled; groups come and go with `apply`."""
        try:
            while True:
                self._changed.clear()
                await self._end_groups()
                await self._begin_groups()
                for group in self.groups:
                    if group.key not in self._tasks:
                        self._tasks[group.key] = spawn(self._loop(group), name=f"rules {group.key}")
                await self._changed.wait()
        finally:
            await self._cancel(list(self._tasks))

    async def stop(self) -> None:
        """Wait for evaluations that run, and save their alerts."""
        await self._cancel(list(self._tasks))
        if self.groups and self._keeper is not None:
            await offload(self._keeper.save_all)

    async def apply(self, groups: Sequence[GroupState]) -> Sequence[GroupState]:
        """Evaluate other groups; those that stay keep their history.

        Returns:
            The groups, where nothing has changed the states that there were.
        """
        known = {group.key: group for group in self.groups}
        wanted = [_unchanged(known.get(group.key), group) for group in groups]
        kept = {group.key for group in wanted if known.get(group.key) is group}
        await self._cancel([key for key in self._tasks if key not in kept])
        before = [group for key, group in known.items() if key not in kept]
        ended = carry_over(before, [group for group in wanted if group.key not in kept])
        self._ended += ended
        self.groups = wanted
        self._metrics.forget(group.key for group in ended)
        self._changed.set()
        return wanted

    async def evaluate(self, group: GroupState, at_ms: int) -> None:
        """Evaluate a group once.

        Raises:
            ApplianceError: Its results could not be stored.
        """
        self._running[group.key] = work = submit_rules(self._evaluate, group, at_ms)
        await asyncio.shield(work)
        self._metrics.note(group)
        self._deps.notify(group)

    def _evaluate(self, group: GroupState, at_ms: int) -> None:
        deps, keeper = self._deps, self._keeper
        query = deps.query or self._query
        told = deps.told
        if keeper is not None:
            keeper.begin(group, at_ms)
            told = keeper.telling(deps.told)
        group.evaluate(query, deps.templates, deps.sink, deps.clock, at_ms, told=told)
        self._restore(group, at_ms)
        if keeper is not None:
            keeper.end(group, at_ms)

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
            now_ms = clock.now_ms()
            late = max(0, now_ms - due_ms) // group.interval_ms
            group.missed += late
            due_ms += (1 + late) * group.interval_ms
            if due_ms - now_ms > 2 * group.interval_ms:  # somebody has set the clock back
                due_ms = group.next_ms(now_ms)

    def _query(self, expr: Expr, text: str, at_ms: int) -> QueryResult:
        from appliance.promql.engine import evaluate  # noqa: PLC0415 - not before there are rules

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
        from appliance.rules.restore import restore  # noqa: PLC0415 - not before there are rules

        for rule in group.rules:
            if rule.alerts is not None and not rule.alerts.restored:
                guard = QueryGuard(self._deps.limits, self._deps.clock)
                restore(rule, self._deps.source(), guard, at_ms)

    async def _end_groups(self) -> None:
        ended, self._ended = self._ended, []
        now = self._deps.clock.now_ms()
        for group in ended:
            await offload(group.end, self._deps.sink, now)
            if self._keeper is not None:
                await offload(self._keeper.forget, group)

    async def _begin_groups(self) -> None:
        """Take over alerts from before a restart, so that they are shown at once."""
        if self.groups and self._keeper is not None:
            now = self._deps.clock.now_ms()
            for group in self.groups:
                await offload(self._keeper.begin, group, now)

    async def _cancel(self, keys: list[str]) -> None:
        """End the schedule of groups; returns when they are not evaluated any more."""
        tasks = [self._tasks.pop(key) for key in keys]
        for task in tasks:
            task.cancel()
        running = [self._running.pop(key) for key in keys if key in self._running]
        await asyncio.gather(*tasks, *running, return_exceptions=True)


def _unchanged(before: GroupState | None, after: GroupState) -> GroupState:
    """The state to go on with."""
    if before is None or not before.is_same(after):
        return after
    for old, new in zip(before.rules, after.rules, strict=True):
        old.line = new.line
    return before
