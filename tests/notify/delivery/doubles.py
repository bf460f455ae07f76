"""Integrations that do as they are told, and what pipelines are made with."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.base.clock import ManualClock
from appliance.base.telemetry import Telemetry
from appliance.model.labels import Labels
from appliance.notify.integration import Delivery, Exchange, Integration, NotifyFailed
from appliance.notify.log import NotificationLog
from appliance.notify.message import Flush, Message
from appliance.notify.metrics import NotifyMetrics
from appliance.notify.pipeline import Pipeline
from tests.notify.receiving import NOW_MS, NOW_NS, an_alert

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from appliance.model.alert import Alert
    from appliance.model.alert_event import AlertEvent, EventKind
    from appliance.model.notification import LogEntry, LogKey

RETENTION_NS = 120 * 3600 * 10**9


@dataclass
class Scripted:
    """Fails as scripted, then succeeds."""

    kind: str = "webhook"
    index: int = 0
    send_resolved: bool = True
    failures: list[BaseException | None] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    resent: list[Exchange] = field(default_factory=list)
    keeps: dict[str, str] | None = None

    async def send(self, message: Message, delivery: Delivery) -> None:
        self.messages.append(message)
        self.deliveries.append(delivery)
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, asyncio.CancelledError):
            await asyncio.get_running_loop().create_future()
        text = str(failure or "")
        if failure is None or isinstance(failure, NotifyFailed):
            body = f"{len(self.messages)}"
            delivery.exchanges.append(Exchange("POST", "http://x", body, 200, "", text, 0.0))
        if failure is not None:
            raise failure
        if self.keeps is not None:
            delivery.data = self.keeps

    async def resend(self, exchange: Exchange, delivery: Delivery) -> None:
        self.resent.append(exchange)
        delivery.exchanges.append(exchange)


class MemoryStore:
    """A store of log entries that may be out of order."""

    def __init__(self) -> None:
        self.entries: dict[LogKey, LogEntry] = {}
        self.error: Exception | None = None

    def load_log(self) -> list[LogEntry]:
        return list(self.entries.values())

    def put_log(self, entries: Sequence[LogEntry]) -> Future[None]:
        if self.error is None:
            self.entries |= {entry.key: entry for entry in entries}
        return self._done()

    def delete_log(self, keys: Collection[LogKey]) -> Future[None]:
        for key in keys:
            self.entries.pop(key, None)
        return self._done()

    def _done(self) -> Future[None]:
        done: Future[None] = Future()
        if self.error is not None:
            done.set_exception(self.error)
        else:
            done.set_result(None)
        return done


@dataclass
class Recorded:
    """Keeps events."""

    events: list[AlertEvent] = field(default_factory=list)

    def record(self, *events: AlertEvent) -> None:
        self.events += events

    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]

    def of(self, kind: EventKind) -> list[AlertEvent]:
        return [event for event in self.events if event.kind is kind]


class Bench:
    """A pipeline with all that belongs to it."""

    def __init__(self, *integrations: Integration) -> None:
        self.clock = ManualClock(NOW_MS)
        self.telemetry = Telemetry()
        self.store = MemoryStore()
        self.recorded = Recorded()
        self.log = NotificationLog(
            self.store, self.clock, self.telemetry, retention_ns=RETENTION_NS
        )
        self.pipeline = Pipeline(
            {"team-x": integrations, "nobody": ()},
            self.log,
            recorder=self.recorded,
            clock=self.clock,
            metrics=NotifyMetrics(self.telemetry),
            external_url="http://am",
            links=lambda flush: {"ack": f"http://am/ack/{flush.receiver}"},
        )

    def value(self, name: str, **labels: str) -> float:
        return self.telemetry.registry.get_sample_value(name, labels) or 0.0

    def flush(self, *alerts: Alert, repeat_seconds: float = 3600, timeout: float = 10) -> Flush:
        return Flush(
            receiver="team-x",
            group_key='{}:{alertname="A"}',
            group_labels=Labels.of({"alertname": "A"}),
            alerts=alerts,
            now_ns=self.clock.now_ns(),
            repeat_ns=int(repeat_seconds * 1e9),
            timeout_seconds=timeout,
        )


def firing(name: str) -> Alert:
    """An alert that fires for the next hours."""
    alert = an_alert(annotations={}, alertname="A", i=name)
    return type(alert)(
        labels=alert.labels,
        annotations={},
        starts_ns=alert.starts_ns,
        ends_ns=NOW_NS + 100 * 3600 * 10**9,
        updated_ns=NOW_NS,
    )


def over(name: str) -> Alert:
    """The same alert when it is over."""
    return an_alert(annotations={}, is_firing=False, alertname="A", i=name)


def failure(text: str = "no", *, is_retryable: bool = True, **more: float) -> NotifyFailed:
    """An attempt that did not deliver."""
    wait = more.get("retry_after")
    return NotifyFailed(
        text, is_retryable=is_retryable, reason="serverError", retry_after_seconds=wait
    )
