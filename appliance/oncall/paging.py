"""Delivers pages: through receivers, each under a group key of its own, until it is delivered.

The notification log knows which page was delivered, so that none comes twice after a restart; when
its alerts are over, whoever was paged is told.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.tasks import attempt, spawn
from appliance.notify.message import Flush
from appliance.oncall.links import Claim

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from appliance.model.alert import Alert
    from appliance.oncall.deps import OncallDeps
    from appliance.oncall.escalation import Escalation, Page
    from appliance.oncall.links import Links
    from appliance.oncall.metrics import OncallMetrics

#: A page is not repeated: another one is another group.
_NEVER_NS = 10 * 365 * 24 * 3600 * 10**9
#: For all attempts of one go, and until the next go.
_TIMEOUT_SECONDS, _PAUSE_SECONDS = 60.0, 15.0
#: So often it is tried to tell that it is over.
_LAST_TRIES = 20


class Pager:
    """Used on the event loop only.

    Args:
        wanted: Alerts of an escalation that somebody has to take care of.
        noted: Told when a page was delivered.
        link_lifetime: Of links, in seconds.
    """

    def __init__(
        self,
        deps: OncallDeps,
        links: Links,
        metrics: OncallMetrics,
        *,
        wanted: Callable[[Escalation], list[Alert]],
        noted: Callable[[Escalation], None],
    ) -> None:
        self._deps = deps
        self._links = links
        self._metrics = metrics
        self._wanted = wanted
        self._noted = noted
        self._tasks: dict[Escalation, set[asyncio.Task[None]]] = {}
        self.link_lifetime = 86_400.0

    def send(self, escalation: Escalation, page: Page) -> None:
        """Begin to deliver what of a page is not delivered yet."""
        for receiver in page.targets:
            if receiver not in page.delivered:
                work = self._page(escalation, page, receiver)
                self._start(escalation, work, f"page {receiver}")

    def tell_over(self, escalation: Escalation, done: Callable[[], None]) -> None:
        """Tell whoever was paged that the alerts are over; afterwards call a function."""
        under_way = set(self._tasks.get(escalation, ()))
        spawn(self._over(escalation, under_way, done), name="end of an escalation")

    async def stop(self) -> None:
        """Stop what is under way; it goes on after a restart."""
        tasks = [task for found in self._tasks.values() for task in found]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _start(
        self, escalation: Escalation, work: Coroutine[object, object, None], name: str
    ) -> None:
        task = spawn(attempt(work, name=name), name=name)
        found = self._tasks.setdefault(escalation, set())
        found.add(task)
        task.add_done_callback(lambda done: self._ended(escalation, done))

    def _ended(self, escalation: Escalation, task: asyncio.Task[None]) -> None:
        found = self._tasks[escalation]
        found.discard(task)
        if not found:
            del self._tasks[escalation]

    async def _page(self, escalation: Escalation, page: Page, receiver: str) -> None:
        """Until it is delivered, or nobody has to react any more."""
        pages = self._metrics.pages
        while alerts := [one for one in self._wanted(escalation) if one.fingerprint in page.alerts]:
            if await self._deps.notify(self._flush(escalation, page, receiver, alerts)):
                page.delivered.add(receiver)
                pages.labels(escalation.policy, "delivered").inc()
                self._noted(escalation)
                return
            await self._deps.clock.sleep(_PAUSE_SECONDS)
        pages.labels(escalation.policy, "failed").inc()

    async def _over(
        self,
        escalation: Escalation,
        under_way: set[asyncio.Task[None]],
        done: Callable[[], None],
    ) -> None:
        if under_way:
            await asyncio.wait(under_way)
        for page in escalation.pages:
            alerts = [escalation.over[one] for one in page.alerts if one in escalation.over]
            for receiver in page.targets if alerts else ():
                flush = self._flush(escalation, page, receiver, alerts)
                for _ in range(_LAST_TRIES):
                    if await self._deps.notify(flush):
                        break
                    await self._deps.clock.sleep(_PAUSE_SECONDS)
        done()

    def _flush(
        self, escalation: Escalation, page: Page, receiver: str, alerts: Sequence[Alert]
    ) -> Flush:
        user = page.targets[receiver]
        text = f"step {page.step + 1} of {escalation.policy}" + (f", for {user}" if user else "")
        expires_ns = page.at_ns + int(self.link_lifetime * 1e9)
        claim = Claim("group", escalation.group_key, user, expires_ns)
        more = {"escalation": text, "ack_url": self._links.make(self._deps.external_url(), claim)}
        return Flush(
            receiver=receiver,
            group_key=page.key,
            group_labels=escalation.group_labels,
            alerts=tuple(
                replace(alert, annotations={**alert.annotations, **more}) for alert in alerts
            ),
            now_ns=self._deps.clock.now_ns(),
            repeat_ns=_NEVER_NS,
            timeout_seconds=_TIMEOUT_SECONDS,
        )
