"""What an explanation asks of others: rules, the flight record, who delivers, who is on call.

Rules, store and on-call rotas are no business of this package; whoever composes the server hands
them in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from appliance.model.alert_event import AlertEvent, EventKind
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.notification import LogEntry, LogKey


@dataclass(frozen=True, slots=True)
class RuleFact:
    """A rule of ours, and what it makes of an alert.

    Attributes:
        file, line: Where it was written.
        hold_ms, keep_firing_ms: `for` and `keep_firing_for`.
        health: `unknown`, `ok` or `err`; `last_error` tells why.
        evaluated_ms: When last; 0 for never.
        labels: Those that it sets, templates left out.
        state: Of the alert: `inactive`, `pending` or `firing`.
        value: Of the expression, None while the alert is inactive.
        active_ms, fired_ms, resolved_ms, keep_firing_since_ms: 0 for not.
        sent_ms: When Alertmanagers were last told of it.
        sent_to: Addresses of those that are.
        is_sent_here: Whether our own is one of them.
        is_dropped: Whether relabelling keeps it from being sent.
    """

    name: str
    group: str
    file: str
    line: int
    expr: str
    interval_ms: int
    labels: tuple[tuple[str, str], ...] = ()
    hold_ms: int = 0
    keep_firing_ms: int = 0
    health: str = "unknown"
    last_error: str = ""
    evaluated_ms: int = 0
    state: str = "inactive"
    value: float | None = None
    active_ms: int = 0
    fired_ms: int = 0
    resolved_ms: int = 0
    keep_firing_since_ms: int = 0
    sent_ms: int = 0
    sent_to: tuple[str, ...] = ()
    is_sent_here: bool = True
    is_dropped: bool = False


class RuleFacts(Protocol):
    """Knows the rules of this server."""

    def of_alert(self, labels: Labels, fingerprint: str) -> Sequence[RuleFact]:
        """The rules that make an alert; where none does, those that could make one like it."""
        ...

    def active(self, labels: Labels) -> Mapping[str, Labels]:
        """Alerts that pend or fire and have all these labels, by fingerprint."""
        ...


class EventSource(Protocol):
    """The flight record; any thread may ask."""

    def events(
        self,
        *,
        fingerprints: Collection[str] = (),
        kinds: Collection[EventKind] = (),
        limit: int = 1000,
        newest_first: bool = False,
    ) -> list[AlertEvent]:
        """Events about alerts."""
        ...

    def known_labels(self, fingerprints: Collection[str]) -> Mapping[str, Labels]:
        """Labels of alerts that were ever told of."""
        ...

    def find_labels(self, matchers: Sequence[Matcher]) -> Mapping[str, Labels]:
        """The alerts that match, by fingerprint."""
        ...


class ToldLog(Protocol):
    """What every integration was told last."""

    def get(self, key: LogKey) -> LogEntry | None:
        """What was told last under a key."""
        ...


@dataclass(frozen=True, slots=True)
class Addressee:
    """An integration of a receiver: its kind, its number among those of its kind."""

    kind: str
    index: int
    send_resolved: bool


@dataclass(frozen=True, slots=True)
class AckFact:
    """Somebody has taken an alert on.

    Attributes:
        until_ns: 0 for until it is over.
    """

    by: str
    comment: str
    at_ns: int
    until_ns: int = 0


@dataclass(frozen=True, slots=True)
class EscalationFact:
    """An escalation that is, or was, under way.

    Attributes:
        steps_done, steps: How far it is.
        told: Who was told up to now.
        next_ns, next_who: The next step; 0 and nobody when there is none.
        stopped: Why it goes no further; empty while it does.
    """

    policy: str
    steps_done: int
    steps: int
    told: tuple[str, ...] = ()
    next_ns: int = 0
    next_who: str = ""
    stopped: str = ""


class OnCallFacts(Protocol):
    """Knows who has taken an alert on, and who is paged for it."""

    def acks(self, fingerprint: str) -> Sequence[AckFact]:
        """Acknowledgements that hold."""
        ...

    def escalations(self, fingerprint: str) -> Sequence[EscalationFact]:
        """Escalations that an alert belongs to."""
        ...

    def keeps_quiet(self, receiver: str, firing: Collection[str]) -> bool:
        """Whether a receiver is not told again of a group that it knows, because of its acks."""
        ...
