"""What the pages about alerts and silences show, as plain values.

Invariant: addresses that senders name are links only if they are `http` or `https`.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from appliance.alertmanager.matchers import print_matcher
from appliance.model.matcher import Matcher, MatchOp
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.alertmanager.views import AlertView, GroupView
    from appliance.model.alert import Alert
    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels
    from appliance.model.silence import Silence
    from appliance.ui.rules import Watched

#: Shown in a place of their own.
_APART = {"alertname", "severity"}
#: Labels that name a service, the best first.
_SERVICE = ("service", "service_name", "job", "app")
#: Of an event these are long, or shown elsewhere.
_LONG = {"headers", "body", "answer", "labels", "annotations", "alerts"}
_NOTHING: tuple[object, ...] = (None, "", "{}", [], {}, ())
_MOST_CHARS = 300
_AS_JSON = "-H 'Content-Type: application/json'"


@dataclass(frozen=True, slots=True)
class RuleOfAlert:
    """The rule of this server that makes an alert.

    Attributes:
        value: Of the expression, as last evaluated.
        link: The explorer with its expression.
    """

    name: str
    place: str
    language: str
    expr: str
    link: str
    watched: Watched
    value: float | None = None


@dataclass(frozen=True, slots=True)
class AckShown:
    """Who takes care of an alert; `kind` and `key` name what was acknowledged."""

    by: str
    comment: str
    at: str
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert that fires.

    Attributes:
        labels: Those that are not shown apart.
        summary: The annotation of that name, else `description`, else `message`.
        runbook, source: Addresses; empty if they cannot be followed.
        silence: Path of the page that would silence it.
        matchers: What just this alert matches.
        service: What it is about, as far as labels tell.
        logs: The explorer with the logs of that service.
        rule: None where no rule of this server makes it.
        ack: None while nobody takes care.
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
    matchers: str = ""
    service: str = ""
    logs: str = ""
    rule: RuleOfAlert | None = None
    ack: AckShown | None = None


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """An alert that is over."""

    fingerprint: str
    name: str
    severity: str
    labels: tuple[tuple[str, str], ...]
    ended: str
    ended_ns: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Alerts that are told together.

    Attributes:
        route: Matchers of the route that made it.
        place: File and line of the route; empty where there is no file.
        next_ns, last_ns: Of its flushes; 0 for never.
        alerts: Of each its fingerprint, name, what else tells it from others, and state.
    """

    key: str
    receiver: str
    labels: tuple[tuple[str, str], ...]
    route: str
    place: str
    next_ns: int
    last_ns: int
    repeat_ns: int
    muted_by: tuple[str, ...]
    alerts: tuple[tuple[str, str, str, str], ...]


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
    matchers, service = selector(exactly(alert.labels)), service_of(alert.labels)
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
        runbook=runbook_address(alert.annotations),
        source=web_address(alert.generator_url),
        silence=f"/silences/new?m={quote(matchers)}",
        matchers=matchers,
        service=service,
        logs=service_logs(service) if service else "",
    )


def resolved_row(fingerprint: str, labels: Labels, ended_ns: int) -> ResolvedRow:
    """An alert that is over, as it is shown."""
    return ResolvedRow(
        fingerprint,
        labels.get("alertname"),
        labels.get("severity"),
        tuple((name, value) for name, value in labels if name not in _APART),
        print_time(ended_ns),
        ended_ns,
    )


def group_row(group: GroupView) -> GroupRow:
    """A group as it is shown."""
    file, line = group.route.place
    return GroupRow(
        group.key,
        group.receiver,
        tuple(group.labels),
        selector(group.route.matchers),
        f"{file}:{line}" if file else "",
        group.next_flush_ns,
        group.last_flush_ns,
        group.route.repeat_interval_ns,
        group.muted_by,
        tuple(
            (
                view.alert.fingerprint,
                view.alert.name or view.alert.fingerprint,
                _rest(view.alert.labels, group.labels),
                view.state,
            )
            for view in group.alerts
        ),
    )


def _rest(labels: Labels, group: Labels) -> str:
    """Labels that the group does not name already."""
    return " ".join(
        f"{name}={value}"
        for name, value in labels
        if name not in _APART and group.get(name) != value
    )


def service_of(labels: Labels) -> str:
    """The service that an alert is about; empty when labels do not tell."""
    return next((text for name in _SERVICE if (text := labels.get(name))), "")


def service_logs(service: str) -> str:
    """Path of the page with the logs of a service."""
    query = f'{{service_name="{service}"}}' if '"' not in service and "\\" not in service else ""
    return f"/logs?q={quote(query)}" if query else ""


def runbook_address(annotations: Mapping[str, str]) -> str:
    """Where to read what to do; empty for what cannot be followed."""
    url = annotations.get("runbook_url", "")
    is_ours = url.startswith("/runbooks/")
    return url if is_ours else web_address(url)


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
    document = {
        "matchers": [
            {
                "name": one.name,
                "value": one.value,
                "isRegex": one.op in {MatchOp.REGEX, MatchOp.NOT_REGEX},
                "isEqual": one.op in {MatchOp.EQUAL, MatchOp.REGEX},
            }
            for one in matchers
        ],
        "createdBy": "NAME",
        "comment": "why",
    }
    body = json.dumps(document)[:-1]
    times = """, "startsAt": "'$(date -u +%FT%TZ)'", "endsAt": "'$(date -u -d +2hours +%FT%TZ)'"}"""
    quoted = shlex.quote(body) if matchers else "'{\"matchers\": []'"
    return [
        ("appliance", f"appliance silence add {words} --comment 'why' --duration 2h --addr {url}"),
        (
            "amtool",
            f"amtool silence add {words} --comment='why' --duration=2h --alertmanager.url={url}",
        ),
        (
            "curl",
            f"curl -s {url}/api/v2/silences {_AS_JSON} -d {quoted}'{times}'",
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
