"""An Alertmanager with a real pipeline, and explanations of what it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from appliance.alertmanager.explain.explainer import ExplainDeps, Explainer
from appliance.alertmanager.explain.facts import Addressee, RuleFact
from appliance.alertmanager.explain.text import lines
from appliance.alertmanager.explain.values import Explanation, IntegrationFacts
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.model.matcher import Matcher, matches_all
from appliance.model.notification import LogEntry, LogKey
from appliance.notify.integration import Delivery, Exchange, NotifyFailed
from appliance.notify.log import NotificationLog
from appliance.notify.message import Flush, Message
from appliance.notify.metrics import NotifyMetrics
from appliance.notify.pipeline import Pipeline
from tests.alertmanager.world import World, labels_of

CONFIG = """\
route:
  receiver: r
  group_by: [alertname]
  group_wait: 10s
  group_interval: 60s
  repeat_interval: 1h
  routes:
  - matchers: [team="quiet"]
    receiver: quiet
  - matchers: [team="night"]
    receiver: r
    mute_time_intervals: [always]
  - matchers: [team="nobody"]
    receiver: nobody
inhibit_rules:
- name: down
  source_matchers: [alertname="Down"]
  target_matchers: [severity="warn"]
  equal: [node]
time_intervals:
- name: always
  time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]
receivers: [{name: r}, {name: quiet}, {name: nobody}]
"""


@dataclass
class Sink:
    """An integration; `error` makes it fail."""

    send_resolved: bool = True
    index: int = 0
    error: str = ""
    sent: list[Message] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "webhook"

    async def send(self, message: Message, delivery: Delivery) -> None:
        status = 500 if self.error else 200
        delivery.exchanges.append(Exchange("POST", "http://x", "{}", status, "well", "", 0.1))
        if self.error:
            raise NotifyFailed(self.error, is_retryable=False)
        self.sent.append(message)


class Explained(World):
    """A world that can be asked why."""

    def __init__(self, config: str = CONFIG) -> None:
        self.sinks = {"r": Sink(), "quiet": Sink(send_resolved=False)}
        self.rule_facts: list[RuleFact] = []
        super().__init__(config)
        self.log = NotificationLog(
            _LogStorage(), self.clock, self.telemetry, retention_ns=120 * 3600 * 10**9
        )
        receivers = {name: [sink] for name, sink in self.sinks.items()} | {"nobody": []}
        self.pipeline = Pipeline(
            receivers,
            self.log,
            recorder=self,
            clock=self.clock,
            metrics=NotifyMetrics(self.telemetry),
            external_url="http://am",
        )
        self.explainer = Explainer(
            ExplainDeps(
                self.am,
                self.clock,
                self.log,
                _Record(self.events),
                addressees=lambda name: [
                    Addressee(one.kind, one.index, one.send_resolved) for one in receivers[name]
                ],
                flush_record=self._flushed,
                rules=_Rules(self.rule_facts),
            )
        )

    async def notify(self, flush: Flush) -> bool:
        await super().notify(flush)
        return await self.pipeline.notify(flush)

    async def _flushed(self) -> None:
        """All is in the record at once."""

    async def explain(self, labels: str) -> Explanation:
        """The explanation of the one alert that has labels."""
        (found,) = await self.explainer.of_labels(labels_of(labels))
        return found

    def seconds(self, at_ns: int) -> float:
        """Seconds since the world began."""
        return (at_ns - self.begin_ns) / 1e9


def integration(found: Explanation) -> IntegrationFacts:
    """The only integration of the only group."""
    (group,) = found.groups
    (one,) = group.integrations
    return one


def text(found: Explanation) -> str:
    return "\n".join(line.text for line in lines(found))


class _LogStorage:
    def load_log(self) -> list[LogEntry]:
        return []

    def put_log(self, entries: Sequence[LogEntry]) -> Future[None]:
        del entries
        return _done()

    def delete_log(self, keys: Collection[LogKey]) -> Future[None]:
        del keys
        return _done()


def _done() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future


@dataclass
class _Record:
    """A flight record in a list."""

    all: list[AlertEvent]

    def events(
        self,
        *,
        fingerprints: Collection[str] = (),
        kinds: Collection[EventKind] = (),
        limit: int = 1000,
        newest_first: bool = False,
    ) -> list[AlertEvent]:
        found = [
            one
            for one in self.all
            if one.kind in kinds and set(fingerprints) & set(one.fingerprints)
        ]
        return (found[::-1] if newest_first else found)[:limit]

    def known_labels(self, fingerprints: Collection[str]) -> Mapping[str, Labels]:
        found = {
            one.fingerprints[0]: Labels.of(one.detail["labels"])
            for one in self.all
            if "labels" in one.detail
        }
        return {name: labels for name, labels in found.items() if name in fingerprints}

    def find_labels(self, matchers: Sequence[Matcher]) -> Mapping[str, Labels]:
        names = {name for one in self.all for name in one.fingerprints}
        known = self.known_labels(names)
        return {name: one for name, one in known.items() if matches_all(tuple(matchers), one)}


@dataclass
class _Rules:
    """Rules whose facts hold for every alert of their name."""

    facts: list[RuleFact]

    def of_alert(self, labels: Labels, fingerprint: str) -> Sequence[RuleFact]:
        del fingerprint
        return [one for one in self.facts if one.name == labels.get("alertname")]

    def active(self, labels: Labels) -> Mapping[str, Labels]:
        del labels
        return {}
