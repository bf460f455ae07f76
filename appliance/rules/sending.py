"""Alerts of rules on their way to Alertmanagers (Prometheus 3, rules/manager.go and notifier).

An alert that fires is told at once, again after the resend delay for as long as it fires, and that
it is over for a quarter of an hour. What is told holds for four times the delay (or the interval
of evaluation, if that is longer), so that an alert ends when nobody speaks of it any more.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote_plus

from appliance.model.alert import Alert as SentAlert
from appliance.model.alert import fingerprint_of
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.relabel import relabel
from appliance.rules.alert import AlertState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.base.clock import Clock
    from appliance.model.alert import AlertSink
    from appliance.model.alert_event import Recorder
    from appliance.relabel import RelabelConfig
    from appliance.rules.alert import Alert
    from appliance.rules.group_state import GroupState
    from appliance.rules.rule_state import RuleState

#: As Prometheus' `--rules.alert.resend-delay`.
RESEND_MS = 60_000
_NS = 10**6
#: Labels as they are sent, of so many alerts, need not be made again.
_KNOWN_LABELS = 65_536
_KINDS = {
    AlertState.PENDING: EventKind.PENDING,
    AlertState.FIRING: EventKind.FIRING,
    AlertState.INACTIVE: EventKind.INACTIVE,
}


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who is told.

    Attributes:
        relabel: `alert_relabel_configs` of its section.
        is_own: Whether it is our own Alertmanager: what it is told has the fingerprints of the
            flight record.
    """

    sink: AlertSink
    relabel: tuple[RelabelConfig, ...] = ()
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """How alerts are told.

    Attributes:
        external_labels: Added where an alert has none of the name.
        relabel: Applied next (`alerting.alert_relabel_configs`).
        addressees: All are told.
    """

    external_labels: Labels = field(default_factory=Labels)
    relabel: tuple[RelabelConfig, ...] = ()
    addressees: tuple[Addressee, ...] = ()


class LinkMaker(Protocol):
    """Gives the page that shows the expression of an alert."""

    def __call__(self, expr: str) -> str:
        """An absolute address."""
        ...


def graph_link(url: str, expr: str) -> str:
    """The page of an expression in Prometheus: its table."""
    return f"{url}/graph?g0.expr={quote_plus(expr)}&g0.tab=1"


class AlertSender:
    """Turns the alerts of rules into what Alertmanagers are told; a component.

    Reports reach `run` from worker threads and are handed on in order. Sinks have queues of their
    own (`notify/outbox.py`): none makes another wait.

    Args:
        recorder: Told of alerts that begin, fire and end.
    """

    name = "alert sender"

    def __init__(self, clock: Clock, recorder: Recorder | None = None) -> None:
        self._clock = clock
        self._recorder = recorder
        self._sending = Sending()
        self._shown = _labels_maker(self._sending)
        self._reports: asyncio.Queue[list[SentAlert]] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None

    def apply(self, sending: Sending) -> None:
        """Tell others, or otherwise, from now on."""
        self._sending = sending
        self._shown = _labels_maker(sending)

    @property
    def tells_own(self) -> bool:
        """Whether our own Alertmanager is told."""
        return any(one.is_own for one in self._sending.addressees)

    def own_labels(self, labels: Labels) -> tuple[Labels | None, str]:
        """An alert's labels and fingerprint as our own Alertmanager sees them.

        Relabelling drops it where there are no labels; it still has a fingerprint in the record.
        """
        shown = self._shown(labels)
        return shown.own, shown.own_fingerprint

    def tell(self, group: GroupState, rule: RuleState, at_ms: int, *, link: LinkMaker) -> None:
        """An alerting rule was evaluated without an error; called in worker threads."""
        alerts = rule.alerts
        if alerts is None:
            return
        self._record(group, rule, alerts.take_changed(), at_ms)
        due = alerts.take_due(at_ms, RESEND_MS)
        if not due:
            return
        valid_ms = at_ms + 4 * max(RESEND_MS, group.interval_ms)
        url = link(rule.rule.expr)
        sent = [found for alert in due if (found := self._sent(alert, at_ms, valid_ms, url))]
        if sent and self._loop is not None:
            self._loop.call_soon_threadsafe(self._reports.put_nowait, sent)

    def _sent(self, alert: Alert, at_ms: int, valid_ms: int, url: str) -> SentAlert | None:
        """What is told of an alert; None when relabelling drops it."""
        shown = self._shown(alert.labels)
        if shown.global_ is None:
            return None
        return SentAlert(
            labels=shown.global_,
            annotations=alert.annotations,
            starts_ns=alert.fired_ms * _NS,
            ends_ns=(alert.resolved_ms or valid_ms) * _NS,
            updated_ns=at_ms * _NS,
            generator_url=url,
            fingerprint=shown.global_fingerprint,
        )

    def _record(
        self, group: GroupState, rule: RuleState, changed: Sequence[Alert], at_ms: int
    ) -> None:
        if self._recorder is None or not changed:
            return
        about = {
            "rule": rule.rule.name,
            "group": group.group.name,
            "file": group.file,
            "line": rule.line,
            "expr": rule.rule.expr,
        }
        self._recorder.record(*(self._event(alert, about, at_ms) for alert in changed))

    def _event(self, alert: Alert, about: dict[str, Any], at_ms: int) -> AlertEvent:
        shown = self._shown(alert.labels)
        detail = {**about, "value": alert.value, "active_ms": alert.active_ms}
        if alert.state is AlertState.PENDING:
            detail["labels"] = dict(shown.own or alert.labels)
        if alert.state is AlertState.INACTIVE:
            detail["was"] = "firing" if alert.fired_ms else "pending"
        if shown.own is None:
            detail["dropped_by"] = "alert_relabel_configs"
        return AlertEvent(at_ms * _NS, _KINDS[alert.state], (shown.own_fingerprint,), detail=detail)

    async def start(self) -> None:
        """Take reports from now on."""
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Hand reports on until cancelled."""
        while True:
            alerts = await self._reports.get()
            for addressee in self._sending.addressees:
                relabelled = _relabelled(alerts, addressee.relabel)
                if relabelled:
                    await addressee.sink.put(relabelled)

    async def stop(self) -> None:
        """Take no more reports."""
        self._loop = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """Labels of an alert as they are sent, None where relabelling drops it.

    Attributes:
        global_: Before relabelling by addressees.
        own: As our own Alertmanager sees it.
    """

    global_: Labels | None
    global_fingerprint: str
    own: Labels | None
    own_fingerprint: str


def _labels_maker(sending: Sending) -> Callable[[Labels], _Shown]:
    own_steps = next((one.relabel for one in sending.addressees if one.is_own), ())

    @lru_cache(maxsize=_KNOWN_LABELS)
    def shown(labels: Labels) -> _Shown:
        full = Labels.of({**dict(sending.external_labels), **dict(labels)})
        found = relabel(full, sending.relabel)
        own = None if found is None else relabel(found, own_steps)
        fingerprint = fingerprint_of(full if found is None else found)
        own_fingerprint = fingerprint if own == found or own is None else fingerprint_of(own)
        return _Shown(found, fingerprint, own, own_fingerprint)

    return shown


def _relabelled(
    alerts: Sequence[SentAlert], steps: tuple[RelabelConfig, ...]
) -> Sequence[SentAlert]:
    if not steps:
        return alerts
    found = []
    for alert in alerts:
        labels = relabel(alert.labels, steps)
        if labels is not None:
            found.append(_with_labels(alert, labels))
    return found


def _with_labels(alert: SentAlert, labels: Labels) -> SentAlert:
    if labels == alert.labels:
        return alert
    return SentAlert(
        labels,
        alert.annotations,
        alert.starts_ns,
        alert.ends_ns,
        alert.updated_ns,
        alert.generator_url,
    )
