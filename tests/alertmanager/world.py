"""An Alertmanager on a clock that stands still, and what it is told by and tells."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from appliance.alertmanager.config import AlertmanagerConfig
from appliance.alertmanager.deps import AlertmanagerDeps, AlertmanagerOptions
from appliance.alertmanager.service import Alertmanager
from appliance.base.clock import ManualClock
from appliance.base.tasks import spawn
from appliance.base.telemetry import Telemetry
from appliance.config.load import Decoded, load_text
from appliance.model.alert import Alert
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher
from appliance.model.silence import Silence
from appliance.notify.integration import TemplateFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.alertmanager.views import AlertChange
    from appliance.model.alert_event import AlertEvent, EventKind
from appliance.notify.message import Flush, Message

SECOND_NS = 1_000_000_000
ROUTE = """\
route:
  receiver: r
  group_by: [alertname]
  group_wait: 10s
  group_interval: 60s
  repeat_interval: 1h
receivers: [{name: r}, {name: a}, {name: b}]
"""


class SettableClock(ManualClock):
    """A clock whose wall time can be set while waiting goes on undisturbed."""

    def __init__(self) -> None:
        super().__init__()
        self.offset_ns = 0

    def now_ns(self) -> int:
        return super().now_ns() + self.offset_ns

    def now_ms(self) -> int:
        return self.now_ns() // 1_000_000

    async def advance(self, seconds: float) -> None:
        await super().advance(seconds)
        for _ in range(100):
            await asyncio.sleep(0)


class MemoryStorage:
    """A store that outlives servers; `fails` makes writes of alerts fail."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.silences: dict[str, Silence] = {}
        self.fails: Exception | None = None

    def load_alerts(self) -> list[Alert]:
        return list(self.alerts.values())

    def put_alerts(self, alerts: Sequence[Alert]) -> Future[None]:
        if self.fails is None:
            self.alerts |= {alert.fingerprint: alert for alert in alerts}
        return _done(self.fails)

    def delete_alerts(self, fingerprints: Sequence[str]) -> Future[None]:
        for fingerprint in fingerprints:
            self.alerts.pop(fingerprint, None)
        return _done(None)

    def load_silences(self) -> list[Silence]:
        return list(self.silences.values())

    def put_silences(self, silences: Sequence[Silence]) -> Future[None]:
        if self.fails is None:
            self.silences |= {silence.id: silence for silence in silences}
        return _done(self.fails)

    def delete_silences(self, ids: Sequence[str]) -> Future[None]:
        for silence_id in ids:
            del self.silences[silence_id]
        return _done(None)


def _done(error: Exception | None) -> Future[None]:
    future: Future[None] = Future()
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
    return future


@dataclass
class Told:
    """A flush as tests look at it.

    Attributes:
        at: Seconds since the world began.
        firing, resolved: Values of the label `i`, else alert names, in order.
    """

    at: float
    receiver: str
    key: str
    firing: list[str]
    resolved: list[str]
    flush: Flush = field(repr=False, compare=False)


class World:
    """A server with all it needs; `told` is what its pipeline was asked to deliver."""

    def __init__(
        self,
        config: str = ROUTE,
        *,
        options: AlertmanagerOptions | None = None,
        store: MemoryStorage | None = None,
        clock: SettableClock | None = None,
    ) -> None:
        self.clock = clock or SettableClock()
        self.begin_ns = self.clock.now_ns()
        self.store = store or MemoryStorage()
        self.events: list[AlertEvent] = []
        self.changes: list[AlertChange] = []
        self.told: list[Told] = []
        self.succeeds = True
        self.gate: asyncio.Event | None = None
        self.telemetry = Telemetry()
        self.options = options or AlertmanagerOptions()
        self.decoded = load(config)
        self.expanded = 0
        self._task: asyncio.Task[None] | None = None
        deps = AlertmanagerDeps(
            clock=self.clock,
            telemetry=self.telemetry,
            store=self.store,
            pipeline=lambda _config, _directory: self,
            recorder=self,
            external_url="http://am",
            expand=lambda _config, _directory: self._expand,
            options=self.options,
        )
        assert self.decoded.value is not None
        self.am = Alertmanager(deps, self.decoded.value, Path(), origin=self.decoded.origin)
        self.am.listeners.append(self.changes.append)

    # -- what the server is given

    def record(self, *events: AlertEvent) -> None:
        self.events += events

    async def notify(self, flush: Flush) -> bool:
        resolved = [name(one) for one in flush.alerts if one.is_resolved(flush.now_ns)]
        firing = [name(one) for one in flush.alerts if not one.is_resolved(flush.now_ns)]
        self.told.append(Told(self.now(), flush.receiver, flush.group_key, firing, resolved, flush))
        if self.gate is not None:
            await self.gate.wait()
        return self.succeeds

    def _expand(self, labels: Mapping[str, str], message: Message) -> Mapping[str, str]:
        self.expanded += 1
        if any("{{ broken }}" in text for text in labels.values()):
            raise TemplateFailed("no such thing")
        count = str(len(message.alerts))
        return {name: text.replace("{{ n }}", count) for name, text in labels.items()}

    # -- what tests do

    async def __aenter__(self) -> Self:
        await self.am.start()
        self._task = spawn(self.am.run(), name="test")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.am.stop()

    def again(self, config: str = ROUTE) -> World:
        """Another server on the same store, as after a restart."""
        world = World(config, options=self.options, store=self.store, clock=self.clock)
        world.begin_ns = self.begin_ns
        return world

    def now(self) -> float:
        return round((self.clock.monotonic() - self.begin_ns / 1e9), 3)

    async def put(self, *alerts: Alert) -> None:
        await self.am.put(alerts)
        await self.clock.advance(0)

    async def advance(self, seconds: float) -> list[Told]:
        """Let time pass; what was told of meanwhile."""
        before = len(self.told)
        await self.clock.advance(seconds)
        return self.told[before:]

    def alert(
        self,
        labels: str,
        *,
        starts: float = 0.0,
        ends: float | None = None,
        timeout: float = 300.0,
        **annotations: str,
    ) -> Alert:
        """An alert; times in seconds from now, no end for one that times out."""
        now_ns = self.clock.now_ns()
        return Alert(
            labels_of(labels),
            annotations,
            starts_ns=now_ns + int(starts * SECOND_NS),
            ends_ns=now_ns + int((timeout if ends is None else ends) * SECOND_NS),
            updated_ns=now_ns,
            has_timeout=ends is None,
        )

    async def silence(self, *matchers: Matcher, starts: float = 0, ends: float = 3600) -> str:
        return await self.am.silences.set(self.silence_of(*matchers, starts=starts, ends=ends))

    def silence_of(self, *matchers: Matcher, starts: float = 0, ends: float = 3600) -> Silence:
        now_ns = self.clock.now_ns()
        return Silence(
            "",
            matchers,
            now_ns + int(starts * SECOND_NS),
            now_ns + int(ends * SECOND_NS),
            0,
            "me",
            "why",
        )

    async def apply(self, config: str) -> None:
        decoded = load(config)
        assert decoded.value is not None
        await self.am.apply(decoded.value, Path("/new"), origin=decoded.origin)

    def kinds(self, *but: EventKind) -> list[str]:
        """Kinds of the events since the last call."""
        found = [event.kind.value for event in self.events if event.kind not in but]
        self.events.clear()
        return found

    def metric(self, name: str, **labels: str) -> float | None:
        return self.telemetry.registry.get_sample_value(name, labels)


def load(config: str) -> Decoded[AlertmanagerConfig]:
    decoded = load_text(AlertmanagerConfig, config, file="am.yml")
    assert decoded.ok, decoded.problems
    return decoded


def labels_of(text: str) -> Labels:
    """Labels from `a=b,c=d`; a lone word is an alert's name."""
    pairs = [part.split("=") if "=" in part else ["alertname", part] for part in text.split(",")]
    return Labels.of((pair[0], pair[1]) for pair in pairs)


def name(alert: Alert) -> str:
    return alert.labels.get("i") or alert.name


def names(alerts: Iterable[Alert]) -> list[str]:
    return [name(alert) for alert in alerts]


def resolved(alert: Alert, now_ns: int) -> Alert:
    """A report that an alert is over."""
    return replace(alert, ends_ns=now_ns, updated_ns=now_ns, has_timeout=False)
