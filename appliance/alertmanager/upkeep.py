"""What the Alertmanager does again and again: looks for alerts that are over, tidies up.

Ends of alerts are times of the wall's clock. They are looked for when they come, and every few
seconds, so that a clock that is set does no harm.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from appliance.base.tasks import attempt, in_slices, spawn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from appliance.alertmanager.deps import AlertmanagerDeps
    from appliance.alertmanager.dispatch.agenda import Agenda, Entry
    from appliance.alertmanager.service import Alertmanager

#: So many ends are looked at in one go.
_MOST_ENDS = 500


class Upkeep:
    """Recurring work; done only while the agenda is."""

    def __init__(self, alertmanager: Alertmanager, deps: AlertmanagerDeps, agenda: Agenda) -> None:
        self._alertmanager = alertmanager
        self._clock = deps.clock
        self._options = deps.options
        self._agenda = agenda
        self._tasks: set[asyncio.Task[object]] = set()
        self._ends: Entry | None = None
        self._is_looking = False
        alertmanager.silences.changed = self._look

    def begin(self) -> None:
        """Start to recur."""
        alertmanager = self._alertmanager
        self._recur(self._options.gc_seconds, alertmanager.collect_garbage, "alert collection")
        self._recur(
            self._options.maintenance_seconds, alertmanager.silences.maintain, "silence upkeep"
        )
        self._recur(self._options.look_seconds, self._look_at_all, "a look at alerts")
        self.look_for_ends()

    async def stop(self) -> None:
        """Wait for what is under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def finish(self, stored: Future[None], what: str) -> None:
        """See to the end of a write nobody waits for; a failure is logged."""
        self._start(attempt(_end_of(stored), name=f"removal of {what}"))

    def look_for_ends(self) -> None:
        """See to it that ends of alerts are noticed when they come."""
        now_ns = self._clock.now_ns()
        next_ns = self._alertmanager.end_alerts(now_ns, most=_MOST_ENDS)
        if next_ns is None:
            return
        seconds = min(max((next_ns - now_ns) / 1e9, 0.0), self._options.look_seconds)
        due = self._clock.monotonic() + seconds
        if self._ends is not None and self._ends.call is not None:
            if self._ends.due <= due:
                return
            self._ends.cancel()
        self._ends = self._agenda.at(due, self.look_for_ends)

    def _recur(self, seconds: float, work: Callable[[], Awaitable[None]], name: str) -> None:
        def again() -> None:
            self._start(attempt(work(), name=name))
            self._agenda.after(seconds, again)

        self._agenda.after(seconds, again)

    def _look(self) -> None:
        self._start(attempt(self._look_at_all(), name="a look at alerts"))

    async def _look_at_all(self) -> None:
        """Find out what holds alerts back; one look at a time."""
        if self._is_looking:
            return
        self._is_looking = True
        try:
            async for alert in in_slices(self._alertmanager.firing()):
                self._alertmanager.look_at(alert, self._clock.now_ns())
        finally:
            self._is_looking = False

    def _start(self, work: Awaitable[object]) -> None:
        task = spawn(_await(work), name="upkeep of the Alertmanager")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _await(work: Awaitable[object]) -> object:
    return await work


async def _end_of(stored: Future[None]) -> None:
    await asyncio.wrap_future(stored)
