"""What the pages about alerts and silences show, as plain values.

Invariant: addresses that senders name are links only if they are `http` or `https`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from appliance.alertmanager.matchers import print_matcher
from appliance.model.matcher import Matcher, MatchOp
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.alertmanager.views import AlertView
    from appliance.model.alert import Alert
    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels
    from appliance.model.silence import Silence

#: Shown in a place of their own.
_APART = {"alertname", "severity"}
#: Of an event these are long, or shown elsewhere.
_LONG = {"headers", "body", "answer", "labels", "annotations", "alerts"}
_NOTHING: tuple[object, ...] = (None, "", "{}", [], {}, ())
_MOST_CHARS = 300


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that fires.

    Attributes:
        labels: Those that are not shown apart.
        summary: The annotation of that name, else `description`, else `message`.
        runbook, source: Addresses; empty if they cannot be followed.
        silence: Path of the page that would silence it.
    """

    fingerprint: str
    name: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    summary: str
    starts: str
    starts_ns: int
    state: str
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    muted_by: tuple[str, ...]
    receivers: tuple[str, ...]
    runbook: str
    source: str
    silence: str


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A silence."""

    id: str
    state: str
    matchers: str
    created_by: str
    comment: str
    starts: str
    ends: str
    starts_ns: int
    ends_ns: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of the flight record; `detail` is what fits into a line."""

    id: int
    at: str
    kind: str
    receiver: str
    detail: str


def alert_row(view: AlertView, muted_by: Iterable[str] = ()) -> AlertRow:
    """An alert as it is shown.

    Args:
        muted_by: Names of time intervals, of all its groups.
    """
    alert, muted = view.alert, tuple(sorted(muted_by))
    return AlertRow(
        fingerprint=alert.fingerprint,
        name=alert.name,
        severity=alert.labels.get("severity"),
        labels=tuple((name, value) for name, value in alert.labels if name not in _APART),
        summary=_summary(alert),
        starts=print_time(alert.starts_ns),
        starts_ns=alert.starts_ns,
        state="suppressed" if muted else view.state,
        silenced_by=view.silenced_by,
        inhibited_by=view.inhibited_by,
        muted_by=muted,
        receivers=tuple(sorted(set(view.receivers))),
        runbook=web_address(alert.annotations.get("runbook_url", "")),
        source=web_address(alert.generator_url),
        silence=f"/silences/new?m={quote(selector(exactly(alert.labels)))}",
    )


def silence_row(silence: Silence, now_ns: int) -> SilenceRow:
    """A silence as it is shown."""
    return SilenceRow(
        id=silence.id,
        state=silence.state(now_ns).value,
        matchers=selector(silence.matchers),
        created_by=silence.created_by,
        comment=silence.comment,
        starts=print_time(silence.starts_ns),
        ends=print_time(silence.ends_ns),
        starts_ns=silence.starts_ns,
        ends_ns=silence.ends_ns,
    )


def event_row(event: AlertEvent) -> EventRow:
    """An event as it is shown."""
    told = ", ".join(
        f"{name} {value}"
        for name, value in event.detail.items()
        if name not in _LONG and not name.endswith("_ns") and value not in _NOTHING
    )
    return EventRow(
        event.id, print_time(event.at_ns), event.kind.value, event.receiver, told[:_MOST_CHARS]
    )


def exactly(labels: Labels) -> list[Matcher]:
    """Matchers that only alerts with these labels match."""
    return [Matcher(name, MatchOp.EQUAL, value) for name, value in labels]


def selector(matchers: Iterable[Matcher]) -> str:
    """Matchers in braces; empty for none."""
    text = ",".join(print_matcher(matcher) for matcher in matchers)
    return f"{{{text}}}" if text else ""


def silence_commands(matchers: Sequence[Matcher], url: str) -> list[tuple[str, str]]:
    """What to type to make a silence: title, command line.

    Args:
        url: Where the API is.
    """
    words = " ".join(shlex.quote(print_matcher(matcher)) for matcher in matchers)
    words = words or "alertname=NAME"
    return [
        ("appliance", f"appliance silence add {words} --comment 'why' --duration 2h --addr {url}"),
        (
            "amtool",
            f"amtool silence add {words} --comment='why' --duration=2h --alertmanager.url={url}",
        ),
    ]


def web_address(url: str) -> str:
    """An address that a link may lead to; empty for anything else, such as `javascript:`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def _summary(alert: Alert) -> str:
    names = ("summary", "description", "message")
    return next((text for name in names if (text := alert.annotations.get(name, ""))), "")
