"""One integration of a receiver: decides, delivers, notes what it told.

These are Alertmanager's stages dedup, retry and set-notifies. Invariants: an entry of the log is
written only after the receiver's answer, and a flush is done only after the entry is durable: a
crash in between tells again rather than never. A first notification is announced in the log before
it is sent: whoever may have got it hears of its end, too.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.notification import LogEntry, LogKey
from appliance.notify.delivery.decision import Reason, decide
from appliance.notify.delivery.record import attempt_events, ended_event
from appliance.notify.delivery.retry import Outcome, deliver
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from appliance.notify.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.base.clock import Clock
    from appliance.model.alert_event import Recorder
    from appliance.notify.delivery.retry import Attempt
    from appliance.notify.integration import Integration
    from appliance.notify.log import NotificationLog
    from appliance.notify.message import Flush
    from appliance.notify.metrics import NotifyMetrics

_log = logging.getLogger(__name__)
#: Groups whose last decision is remembered; it only keeps the record short.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class StageDeps:
    """What stages are made with.

    Attributes:
        links: Addresses for people, by what they do, for a flush.
    """

    log: NotificationLog
    recorder: Recorder
    clock: Clock
    metrics: NotifyMetrics
    external_url: str
    links: Callable[[Flush], Mapping[str, str]] | None = None


class IntegrationStage:
    """One integration of a receiver."""

    def __init__(self, receiver: str, integration: Integration, deps: StageDeps) -> None:
        self.receiver = receiver
        self.integration = integration
        self._deps = deps
        self._unchanged: dict[str, tuple[str, int]] = {}

    @property
    def name(self) -> str:
        """As it is called in logs: `team-x/slack[0]`."""
        return f"{self.receiver}/{self.integration.kind}[{self.integration.index}]"

    async def run(self, flush: Flush) -> bool:
        """Tell what is new to this integration.

        Returns:
            Whether it is up to date now.
        """
        deps, integration = self._deps, self.integration
        now_ns = flush.now_ns
        over = {alert.fingerprint for alert in flush.alerts if alert.is_resolved(now_ns)}
        firing = frozenset(one.fingerprint for one in flush.alerts if one.fingerprint not in over)
        key = LogKey(flush.group_key, self.receiver, integration.kind, integration.index)
        entry = deps.log.get(key)
        reason = decide(
            entry,
            firing,
            frozenset(over),
            now_ns=now_ns,
            repeat_ns=flush.repeat_ns,
            send_resolved=integration.send_resolved,
        )
        if reason is Reason.NONE:
            self._note_unchanged(flush, entry)
            return True
        self._unchanged.pop(flush.group_key, None)
        deps.metrics.began(integration.kind)
        kept = {} if entry is None or reason is Reason.FIRST else dict(entry.data)
        expires_ns = deps.log.expires_ns(now_ns, flush.repeat_ns)
        told = LogEntry(key, now_ns, firing, frozenset(over), expires_ns, kept)
        return await self._tell(flush, reason, told)

    async def _tell(self, flush: Flush, reason: Reason, told: LogEntry) -> bool:
        """Deliver, then note what was told.

        Returns:
            Whether it was delivered.
        """
        log = self._deps.log
        message = self._message(flush, reason)
        if message.alerts:
            if reason is Reason.FIRST:
                await log.announce(told)
            outcome = await self._deliver(message, dict(told.data), flush.timeout_seconds)
            if outcome.failure is not None:
                if reason is Reason.FIRST:
                    await log.withdraw(told.key)
                return False
            told = replace(told, data=outcome.data)
        sent_ns = self._deps.clock.now_ns()
        expires_ns = log.expires_ns(sent_ns, flush.repeat_ns)
        await log.put(replace(told, sent_ns=sent_ns, expires_ns=expires_ns))
        return True

    def _message(self, flush: Flush, reason: Reason) -> Message:
        alerts = flush.alerts
        if not self.integration.send_resolved:
            alerts = tuple(one for one in alerts if not one.is_resolved(flush.now_ns))
        deps = self._deps
        return Message(
            receiver=self.receiver,
            group_key=flush.group_key,
            group_labels=flush.group_labels,
            alerts=alerts,
            now_ns=flush.now_ns,
            external_url=deps.external_url,
            route_labels=flush.route_labels,
            reason=reason.value,
            links=deps.links(flush) if deps.links is not None else {},
        )

    async def _deliver(self, message: Message, kept: dict[str, str], timeout: float) -> Outcome:  # noqa: ASYNC109 - of all attempts
        deps, integration = self._deps, self.integration
        shown: set[str] = set()

        def told(attempt: Attempt) -> None:
            self._note_attempt(message, attempt, shown)

        delivery = Delivery(data=kept, timeout_seconds=timeout, clock=deps.clock)
        try:
            outcome = await deliver(integration, message, delivery, told=told)
        except asyncio.CancelledError:
            deps.metrics.failed(integration.kind, "contextCanceled")
            raise
        if outcome.failure is not None:
            if outcome.template_failure is None:
                deps.metrics.failed(integration.kind, outcome.failure.reason)
            _log.error(
                "%s: notify retry canceled after %d attempts: %s (group %s)",
                *(self.name, outcome.attempts, outcome.failure, message.group_key),
            )
        deps.recorder.record(ended_event(message, integration, outcome, deps.clock.now_ns()))
        return outcome

    def _note_attempt(self, message: Message, attempt: Attempt, shown: set[str]) -> None:
        deps, integration = self._deps, self.integration
        deps.metrics.attempted(integration.kind, attempt.seconds, attempt.failure)
        deps.recorder.record(*attempt_events(message, integration, attempt, deps.clock.now_ns()))
        failure = attempt.failure
        if failure is None or str(failure) in shown:
            return
        shown.add(str(failure))
        if isinstance(failure, TemplateFailed):
            deps.metrics.failed(integration.kind, failure.reason)
            deps.metrics.fell_back(integration.kind)
            _log.error("%s: a template failed, plain text is sent: %s", self.name, failure)
        elif attempt.wait_seconds is not None:
            _log.warning("%s: attempt failed, will retry later: %s", self.name, failure)

    def _note_unchanged(self, flush: Flush, entry: LogEntry | None) -> None:
        """Record that there is nothing to tell, once for each time that something was told."""
        if entry is None:
            why, due_ns = "nothing fires, and nothing was told", 0
        elif not entry.firing:
            why, due_ns = "nothing fires, and that was told", 0
        else:
            why, due_ns = "nothing new", entry.sent_ns + flush.repeat_ns
        if self._unchanged.get(flush.group_key) == (why, due_ns):
            return
        if len(self._unchanged) >= _REMEMBERED:
            self._unchanged.clear()
        self._unchanged[flush.group_key] = (why, due_ns)
        integration = self.integration
        detail = {"integration": integration.kind, "index": integration.index, "why": why}
        if due_ns:
            detail["repeat_after_ns"] = due_ns
        self._deps.recorder.record(
            AlertEvent(
                at_ns=flush.now_ns,
                kind=EventKind.UNCHANGED,
                fingerprints=tuple(alert.fingerprint for alert in flush.alerts),
                group_key=flush.group_key,
                receiver=self.receiver,
                detail=detail,
            )
        )

    def broke(self, flush: Flush, error: BaseException) -> None:
        """Note that a defect of ours kept it from being told; the traceback is logged already."""
        deps = self._deps
        deps.metrics.failed(self.integration.kind, "other")
        failure = NotifyFailed(f"{type(error).__name__}: {error}", is_retryable=False)
        message = self._message(flush, Reason.NONE)
        outcome = Outcome(attempts=1, failure=failure)
        deps.recorder.record(ended_event(message, self.integration, outcome, deps.clock.now_ns()))
