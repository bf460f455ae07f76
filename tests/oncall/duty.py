"""On-call duty on a clock that stands still: the real Alertmanager, store and pipeline, and
receivers that write down who is told what and when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.deps import AlertmanagerDeps
from appliance.alertmanager.service import Alertmanager
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.config.load import load_text
from appliance.model.alert import Alert
from appliance.model.matcher import Matcher, MatchOp
from appliance.model.silence import Silence
from appliance.notify.integration import NotifyFailed
from appliance.notify.log import NotificationLog
from appliance.notify.metrics import NotifyMetrics
from appliance.notify.pipeline import Pipeline
from appliance.oncall.acks import Ack
from appliance.oncall.config import OncallConfig
from appliance.oncall.deps import OncallDeps
from appliance.oncall.repeats import QuietRepeats
from appliance.oncall.service import Oncall
from appliance.store.alerts.store import AlertStore
from tests.alertmanager.world import SettableClock, labels_of
from tests.store.alerts.build import open_store

if TYPE_CHECKING:
    from appliance.model.alert_event import AlertEvent
    from appliance.notify.integration import Delivery
    from appliance.notify.message import Flush, Message

MINUTE = 60.0
ROUTING = """\
route:
  receiver: team
  group_by: [alertname]
  group_wait: 10s
  group_interval: 1m
  repeat_interval: 10m
inhibit_rules:
- {source_matchers: [alertname=Down], target_matchers: [alertname=Slow]}
receivers: [{name: team}, {name: pd-alice}, {name: pd-bob}, {name: pd-carol}, {name: hall}]
"""
ONCALL = """\
users:
  alice: {receivers: pd-alice}
  bob: {receivers: pd-bob}
  carol: {receivers: pd-carol}
rotas:
  primary: {users: [alice], every: 1d, handoff: "00:00"}
  secondary: {users: [bob]}
  manager: {users: [carol]}
"""


@dataclass
class Collector:
    """A receiver's integration; fails as often as it is told to."""

    duty: Duty
    receiver: str
    kind: str = "webhook"
    index: int = 0
    send_resolved: bool = True
    fails: int = 0

    async def send(self, message: Message, _delivery: Delivery) -> None:
        if self.fails:
            self.fails -= 1
            raise NotifyFailed("no", is_retryable=False)
        self.duty.sent.append(Sent(self.duty.now(), self.receiver, message.status, message))


@dataclass
class Sent:
    """A notification; the time in minutes since the beginning."""

    at: float
    receiver: str
    status: str
    message: Message = field(repr=False, compare=False)


class Duty:
    """A server; `sent` is who was told."""

    def __init__(
        self,
        folder: Path,
        oncall: str = ONCALL,
        routing: str = ROUTING,
        *,
        clock: SettableClock | None = None,
        begin_ns: int = 0,
    ) -> None:
        self.folder = folder
        self.clock = clock or SettableClock()
        self.begin_ns = begin_ns or self.clock.now_ns()
        self.sent: list[Sent] = []
        self.events: list[AlertEvent] = []
        self.telemetry = Telemetry()
        self.routing = routing_of(routing)
        self.collectors = {one.name: Collector(self, one.name) for one in self.routing.receivers}
        self.store: AlertStore = open_store(folder, self.clock)
        self.log = NotificationLog(
            self.store, self.clock, self.telemetry, retention_ns=120 * 3600 * 10**9
        )
        self.links = True
        deps = AlertmanagerDeps(
            self.clock, self.telemetry, self.store, self._notifier, self, "http://am"
        )
        self.am = Alertmanager(deps, self.routing, folder)
        self.oncall = Oncall(self._deps(), oncall_of(oncall), folder)
        self.session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def _deps(self) -> OncallDeps:
        return OncallDeps(
            clock=self.clock,
            telemetry=self.telemetry,
            store=self.store,
            recorder=self,
            alertmanager=self.am,
            notify=self._notify,
            session=self._session,
            key_file=self.folder / "ack.key",
            external_url=lambda: "http://am",
        )

    def _session(self) -> aiohttp.ClientSession:
        if self.session is None:
            self.session = aiohttp.ClientSession()
        return self.session

    def _notifier(self, _config: AlertmanagerConfig, _directory: Path) -> QuietRepeats:
        self.pipeline = Pipeline(
            {name: [collector] for name, collector in self.collectors.items()},
            self.log,
            recorder=self,
            clock=self.clock,
            metrics=NotifyMetrics(self.telemetry),
            external_url="http://am",
            links=lambda flush: self.oncall.message_links(flush),  # noqa: PLW0108 - made later
        )
        is_quiet = lambda flush: self.oncall.is_quiet(flush)  # noqa: E731, PLW0108 - made later
        return QuietRepeats(self.pipeline, is_quiet)

    async def _notify(self, flush: Flush) -> bool:
        return await self.pipeline.notify(flush)

    def record(self, *events: AlertEvent) -> None:
        self.events += events

    # -- life

    async def __aenter__(self) -> Self:
        await self.log.load()
        await self.am.start()
        await self.oncall.start()
        self._tasks = [spawn(self.am.run(), name="am"), spawn(self.oncall.run(), name="oncall")]
        await self.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self.oncall.stop()
        await self.am.stop()
        await self.settle()
        self.store.close()
        if self.session is not None:
            await self.session.close()

    def again(self, oncall: str = ONCALL, routing: str = ROUTING) -> Duty:
        """Another server on the same store, as after a restart."""
        return Duty(self.folder, oncall, routing, clock=self.clock, begin_ns=self.begin_ns)

    async def settle(self) -> None:
        """Until nothing is under way but waiting; the store's thread included."""
        for _ in range(3):
            await asyncio.wrap_future(self.store.put_document("test", "settle", {}))
            for _ in range(30):
                await asyncio.sleep(0)

    async def advance(self, minutes: float) -> list[Sent]:
        """Let time pass in steps of at most half a minute; what was sent meanwhile."""
        before = len(self.sent)
        seconds = minutes * MINUTE
        while seconds > 0:
            step = min(seconds, 30.0)
            await self.clock.advance(step)
            await self.settle()
            seconds = round(seconds - step, 6)
        return self.sent[before:]

    # -- what tests do

    def now(self) -> float:
        return round((self.clock.now_ns() - self.begin_ns) / 60e9, 2)

    async def fire(self, *labels: str, hours: float = 100.0) -> list[Alert]:
        now_ns = self.clock.now_ns()
        ends_ns = now_ns + int(hours * 3600e9)
        alerts = [
            Alert(labels_of(one), {"summary": one}, now_ns, ends_ns, now_ns) for one in labels
        ]
        await self.am.put(alerts)
        await self.settle()
        return alerts

    async def resolve(self, *alerts: Alert) -> None:
        now_ns = self.clock.now_ns()
        over = [Alert(one.labels, one.annotations, one.starts_ns, now_ns, now_ns) for one in alerts]
        await self.am.put(over)
        await self.settle()

    async def ack(self, alert: Alert, *, minutes: float = 0, kind: str = "alert") -> None:
        now_ns = self.clock.now_ns()
        ends_ns = now_ns + int(minutes * 60e9) if minutes else 0
        key = alert.fingerprint
        if kind == "group":
            key = self.group_key(alert)
        await self.oncall.acks.add(Ack(kind, key, "alice", "mine", now_ns, expires_ns=ends_ns))
        await self.settle()

    def group_key(self, alert: Alert) -> str:
        route = self.am.routes_of(alert)[0]
        return route.group_key(route.group_labels(alert.labels))

    async def silence(self, name: str, *, minutes: float) -> None:
        now_ns = self.clock.now_ns()
        matcher = Matcher("alertname", MatchOp.EQUAL, name)
        ends_ns = now_ns + int(minutes * 60e9)
        await self.am.silences.set(Silence("", (matcher,), now_ns, ends_ns, 0, "me", "why"))
        await self.settle()

    def pages(self, *, status: str = "firing") -> list[tuple[float, str]]:
        """Whole minutes and receivers, those of the team left out."""
        return [
            (float(int(one.at)), one.receiver)
            for one in self.sent
            if one.receiver != "team" and one.status == status
        ]

    def happened(self, kind: str) -> list[dict[str, Any]]:
        return [dict(event.detail) for event in self.events if event.kind.value == kind]

    def metric(self, name: str, **labels: str) -> float | None:
        return self.telemetry.registry.get_sample_value(name, labels)


def oncall_of(text: str) -> OncallConfig:
    decoded = load_text(OncallConfig, text, file="oncall.yml")
    assert decoded.value is not None
    assert decoded.ok, [problem.render() for problem in decoded.problems]
    return decoded.value


def routing_of(text: str) -> AlertmanagerConfig:
    decoded = load_text(AlertmanagerConfig, text, file="alertmanager.yml")
    assert decoded.value is not None
    assert decoded.ok, [problem.render() for problem in decoded.problems]
    return decoded.value
