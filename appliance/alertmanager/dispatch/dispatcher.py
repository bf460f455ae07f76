"""The dispatcher: puts alerts into groups and flushes groups at their times.

A group is flushed `group_wait` after it is made, at once if its first alert is older than that;
then every `group_interval`, counted from the flush. A group is never flushed twice at once:
a flush that falls due meanwhile follows at once. A group whose alerts are all over and told of is
forgotten. Waiting goes by the monotonic clock, so a clock that is set hurts nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from appliance.alertmanager.dispatch.groups import GroupTable
from appliance.base.tasks import attempt, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.alertmanager.deps import AlertmanagerDeps
    from appliance.alertmanager.dispatch.agenda import Agenda
    from appliance.alertmanager.dispatch.flush import Flusher, Routing
    from appliance.alertmanager.dispatch.groups import Group
    from appliance.alertmanager.metrics import AlertmanagerMetrics
    from appliance.model.alert import Alert
    from appliance.notify.message import Flush

_log = logging.getLogger(__name__)
_SECOND_NS = 1_000_000_000
#: What is under way when the server stops has so long.
_GRACE_SECONDS = 5.0


class Dispatcher:
    """Used on the event loop only.

    Args:
        settled: Told fingerprints of alerts that are over, and of which nobody has to be told.
    """

    def __init__(
        self,
        deps: AlertmanagerDeps,
        agenda: Agenda,
        routing: Routing,
        *,
        flusher: Flusher,
        metrics: AlertmanagerMetrics,
        settled: Callable[[list[str]], None],
    ) -> None:
        self._clock = deps.clock
        self._options = deps.options
        self._agenda = agenda
        self._flusher = flusher
        self._metrics = metrics
        self._settled = settled
        self._places: dict[str, asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self.routing = routing
        self.table = self.new_table(routing)
        metrics.groups.set_function(lambda: len(self.table.groups))

    def new_table(self, routing: Routing) -> GroupTable:
        """Room for groups of a configuration."""
        return GroupTable(routing.tree, max_groups=self._options.max_groups)

    def begin(self, routing: Routing, table: GroupTable) -> None:
        """Work with a configuration's routes and the groups made of them from now on.

        Groups that have the same key and receiver as ones before go on where those were.
        """
        old: dict[tuple[str, str], deque[Group]] = {}
        for group in self.table.groups.values():
            self._leave(group)
            old.setdefault((group.key, group.route.receiver), deque()).append(group)
        self.routing, self.table = routing, table
        for group in table.groups.values():
            known = old.get((group.key, group.route.receiver))
            if known:
                self._go_on(group, known.popleft())
            else:
                self._schedule_first(group)

    def put(self, alert: Alert) -> list[Group]:
        """Put an alert, or its change, into its groups.

        Returns:
            The groups it was not in before.
        """
        began = self._clock.monotonic()
        routed = self.table.put(alert)
        self._metrics.processing.observe(self._clock.monotonic() - began)
        for group in routed.made:
            self._schedule_first(group)
        if routed.refused:
            self._metrics.groups_refused.inc(routed.refused)
            _log.error("too many groups: none is made for alert %s", alert.name)
        return routed.joined

    def next_flush_ns(self, group: Group) -> int:
        """When a group is flushed next, on the wall's clock; 0 when it is not known."""
        if group.entry is None:
            return 0
        seconds = group.entry.due - self._clock.monotonic()
        return self._clock.now_ns() + int(seconds * _SECOND_NS)

    async def stop(self) -> None:
        """Let what is under way finish; what does not is cancelled, and told again later."""
        self._is_stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # -- times

    def _schedule_first(self, group: Group) -> None:
        """A new group's first flush."""
        group.made = self._clock.monotonic()
        wait_ns = group.route.group_wait_ns
        now_ns = self._clock.now_ns()
        is_old = any(one.starts_ns + wait_ns < now_ns for one in group.alerts.values())
        self._schedule(group, group.made + (0 if is_old else wait_ns / _SECOND_NS))

    def _schedule(self, group: Group, due: float) -> None:
        group.entry = self._agenda.at(due, lambda: self._due(group, due))

    def _go_on(self, group: Group, old: Group) -> None:
        """Take over the times of the same group of the configuration before."""
        group.take_over(old)
        route = group.route
        if group.flushed >= 0:
            due = group.flushed + route.group_interval_ns / _SECOND_NS
        else:
            due = group.made + route.group_wait_ns / _SECOND_NS
        if old.entry is not None:
            due = min(due, old.entry.due)
        self._schedule(group, due)

    def _due(self, group: Group, due: float) -> None:
        if group.is_gone:
            return
        interval = group.route.group_interval_ns / _SECOND_NS
        now = self._clock.monotonic()
        self._schedule(group, due + interval if due + interval > now else now + interval)
        if group.is_flushing:
            group.is_overdue = True
        else:
            self._start(group)

    def _start(self, group: Group) -> None:
        group.is_flushing, group.is_overdue = True, False
        task = spawn(self._run(group), name=f"flush of {group.key}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- flushes

    async def _run(self, group: Group) -> None:
        receiver = group.route.receiver
        place = self._places.setdefault(
            receiver, asyncio.Semaphore(self._options.flushes_per_receiver)
        )
        try:
            async with place:
                await self._flush(group)
        finally:
            group = _latest(group)
            group.is_flushing = False
            if group.is_overdue and not group.is_gone and not self._is_stopping:
                self._start(group)

    async def _flush(self, group: Group) -> None:
        await group.sort()
        if group.is_gone:
            _latest(group).is_overdue = True  # it waited for its place through a new configuration
            return
        routing = self.routing
        now_ns = self._clock.now_ns()
        group.flushed, group.flushed_ns = self._clock.monotonic(), now_ns
        resolved = [one for one in group.alerts.values() if one.is_resolved(now_ns)]
        flush = await self._flusher.flush(group, routing, now_ns)
        if flush is not None:
            self._flusher.record(group, flush)
            if not await attempt(routing.notifier.notify(flush), name=f"flush of {group.key}"):
                return
            self._note_told(group, flush)
        self._drop(group, resolved)

    def _note_told(self, group: Group, flush: Flush) -> None:
        told = {one.fingerprint for one in flush.alerts if not one.is_resolved(flush.now_ns)}
        group = _latest(group)
        group.told |= told & group.alerts.keys()

    def _drop(self, group: Group, resolved: list[Alert]) -> None:
        """Leave out alerts that are over and told of, unless they fire again."""
        if group.successor is not None:
            self._drop(group.successor, resolved)
        elif resolved and not group.is_gone:
            freed = self.table.drop(resolved, group)
            if not group.alerts:
                self._leave(group)
            if freed:
                self._settled(freed)

    @staticmethod
    def _leave(group: Group) -> None:
        """Flush a group no more."""
        group.is_gone = True
        if group.entry is not None:
            group.entry.cancel()


def _latest(group: Group) -> Group:
    """The group that goes on in a group's place."""
    while group.successor is not None:
        group = group.successor
    return group
