"""`/status`: for everybody: which services work, what is being worked on, the last 24 hours.

Invariant: of an alert only its service, its severity and its times are shown; names of alerts,
other labels and annotations stay inside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.model.alert_event import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from appliance.alertmanager.views import AlertView
    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels

#: Levels from fine to bad: what they are called, and what a page calls everything together.
OPERATIONAL, INVESTIGATING, DEGRADED, OUTAGE = range(4)
TEXTS = ("Operational", "Investigating", "Degraded performance", "Major outage")
SUMMARIES = (
    "All services work",
    "A limited problem is being looked at",
    "Some services are degraded",
    "There is a major outage",
)
KINDS = ("operational", "investigating", "degraded", "outage")
_LEVELS = {
    OUTAGE: {"critical", "page", "p0", "sev1", "sev-1", "emergency", "fatal", "disaster"},
    DEGRADED: {"warning", "error", "high", "major", "p1", "sev2", "sev-2"},
    OPERATIONAL: {"info", "none", "debug", "p4", "sev4", "sev-4"},
}
#: Labels that may name a service, the best first; alerts without any are the platform's.
_NAMES = ("service", "service_name", "app", "job")
PLATFORM = "platform"
HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
#: Parts of the bar of the last 24 hours.
PARTS = 48
#: Problems of a service that are no further apart are one incident.
_GAP_NS = 300_000_000_000
#: Services and past incidents of a page.
MOST, MOST_PAST = 200, 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """An alert as others may know it.

    Attributes:
        until_ns: None while it fires.
        acked: Whether somebody takes care of it.
    """

    service: str
    level: int
    since_ns: int
    until_ns: int | None = None
    acked: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """Troubles of a service that overlap.

    Attributes:
        level: The worst of them; while it is open, of those that fire.
    """

    service: str
    level: int
    since_ns: int
    until_ns: int | None
    acked: bool

    @property
    def text(self) -> str:
        """What is going on, or that it is over."""
        return "Resolved" if self.until_ns is not None else TEXTS[self.level]

    @property
    def kind(self) -> str:
        """The level's name."""
        return KINDS[self.level]

    @property
    def was(self) -> str:
        """What it was, or is."""
        return TEXTS[self.level]


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service.

    Attributes:
        day: The worst level of each part of the last 24 hours, the oldest first.
        up_percent: Of the last 24 hours, neither degraded nor out.
    """

    name: str
    level: int
    day: tuple[int, ...]
    up_percent: float

    @property
    def text(self) -> str:
        """The state in words."""
        return TEXTS[self.level]

    @property
    def kind(self) -> str:
        """The level's name."""
        return KINDS[self.level]


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What the page shows."""

    level: int
    services: tuple[ServiceRow, ...]
    incidents: tuple[Incident, ...]
    past: tuple[Incident, ...]
    at_ns: int

    @property
    def text(self) -> str:
        """Everything in a sentence."""
        return SUMMARIES[self.level]

    @property
    def kind(self) -> str:
        """The level's name."""
        return KINDS[self.level]


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What the page is made from.

    Attributes:
        firing: Alerts that fire.
        events: Ends of alerts (`resolved`), and when others were held back (`suppressed`).
        labels: Of the alerts that events are about, by fingerprint.
        is_acked: Whether somebody takes care of the alert with a fingerprint.
        known: Services that exist, whether anything fires or not.
        chosen: Services to show; empty for all.
    """

    firing: Sequence[AlertView]
    events: Sequence[AlertEvent] = ()
    labels: Mapping[str, Labels] = field(default_factory=dict)
    is_acked: Callable[[str], bool] = lambda _: False
    known: Collection[str] = ()
    chosen: Sequence[str] = ()


def status_page(facts: StatusFacts, now_ns: int) -> StatusPage:
    """The page."""
    troubles = [*_now(facts), *_before(facts, now_ns)]
    if facts.chosen:
        troubles = [one for one in troubles if one.service in facts.chosen]
    names = facts.chosen or sorted({*facts.known, *(one.service for one in troubles)})
    by_service: dict[str, list[Trouble]] = {}
    for one in troubles:
        by_service.setdefault(one.service, []).append(one)
    rows = [_service(name, by_service.get(name, ()), now_ns) for name in names[:MOST]]
    rows.sort(key=lambda row: -row.level)
    incidents = [one for name in by_service for one in _incidents(by_service[name])]
    incidents.sort(key=lambda one: -one.since_ns)
    still = [one for one in incidents if one.until_ns is None]
    still.sort(key=lambda one: -one.level)
    return StatusPage(
        level=max((row.level for row in rows), default=OPERATIONAL),
        services=tuple(rows),
        incidents=tuple(still),
        past=tuple(one for one in incidents if one.until_ns is not None)[:MOST_PAST],
        at_ns=now_ns,
    )


def level_of(labels: Labels) -> int:
    """How bad an alert is, by its severity; what says nothing of it is looked into."""
    severity = (labels.get("severity") or labels.get("priority")).lower()
    return next((level for level, names in _LEVELS.items() if severity in names), INVESTIGATING)


def service_of(labels: Labels) -> str:
    """Whose alert it is."""
    return next((value for name in _NAMES if (value := labels.get(name))), PLATFORM)


def badge(name: str, level: int | None) -> str:
    """An image of a service's state; a level of None: the service is not known."""
    text = "unknown" if level is None else TEXTS[level].lower()
    colour = "#5c6370" if level is None else ("#16704a", "#2b59d6", "#8f5b00", "#b8282f")[level]
    left, right = 12 + 7 * len(name), 12 + 7 * len(text)
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img"'
        f' aria-label="{_escaped(name)}: {text}"><title>{_escaped(name)}: {text}</title>'
        f'<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3a414c"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14" textLength="{left - 12}">{_escaped(name)}</text>'
        f'<text x="{left + 6}" y="14" textLength="{right - 12}">{text}</text></g></svg>'
    )


def _now(facts: StatusFacts) -> Iterable[Trouble]:
    """Alerts that fire and that nothing holds back."""
    for view in facts.firing:
        alert = view.alert
        level = level_of(alert.labels)
        if level and not (view.silenced_by or view.inhibited_by or view.muted_by):
            acked = facts.is_acked(alert.fingerprint)
            yield Trouble(service_of(alert.labels), level, alert.starts_ns, acked=acked)


def _before(facts: StatusFacts, now_ns: int) -> Iterable[Trouble]:
    """Alerts of the last 24 hours that are over; from when they were held back they do not count.

    Those that began while they were held back and ended so are left out.
    """
    held: dict[str, list[int]] = {}
    for event in facts.events:
        if event.kind is EventKind.SUPPRESSED:
            for fingerprint in event.fingerprints:
                held.setdefault(fingerprint, []).append(event.at_ns)
    for event in facts.events:
        if event.kind is not EventKind.RESOLVED or not event.fingerprints:
            continue
        labels = facts.labels.get(event.fingerprints[0])
        level = OPERATIONAL if labels is None else level_of(labels)
        since = int(event.detail.get("starts_ns", event.at_ns))
        until = min(int(event.detail.get("ends_ns", event.at_ns)), event.at_ns)
        stops = [at for at in held.get(event.fingerprints[0], ()) if since <= at <= until]
        until = min([until, *stops])
        if labels is not None and level and until > max(since, now_ns - DAY_NS):
            yield Trouble(service_of(labels), level, since, until)


def _incidents(troubles: Sequence[Trouble]) -> list[Incident]:
    """Troubles of one service, those that overlap as one."""
    groups: list[list[Trouble]] = []
    end = 0
    for one in sorted(troubles, key=lambda one: one.since_ns):
        until = one.until_ns if one.until_ns is not None else 1 << 63
        if groups and one.since_ns <= end + _GAP_NS:
            groups[-1].append(one)
        else:
            groups.append([one])
            end = 0
        end = max(end, until)
    return [_incident(group) for group in groups]


def _incident(group: Sequence[Trouble]) -> Incident:
    still = [one for one in group if one.until_ns is None]
    ends = [one.until_ns for one in group if one.until_ns is not None]
    return Incident(
        service=group[0].service,
        level=max(one.level for one in still or group),
        since_ns=group[0].since_ns,
        until_ns=None if still else max(ends),
        acked=bool(still) and all(one.acked for one in still),
    )


def _service(name: str, troubles: Sequence[Trouble], now_ns: int) -> ServiceRow:
    start = now_ns - DAY_NS
    each = DAY_NS // PARTS
    day = [OPERATIONAL] * PARTS
    for one in troubles:
        until = now_ns if one.until_ns is None else one.until_ns
        first = max(0, (one.since_ns - start) // each)
        last = min(PARTS - 1, (until - 1 - start) // each)
        for part in range(first, last + 1):
            day[part] = max(day[part], one.level)
    level = max((one.level for one in troubles if one.until_ns is None), default=OPERATIONAL)
    return ServiceRow(name, level, tuple(day), _up_percent(troubles, start, now_ns))


def _up_percent(troubles: Sequence[Trouble], start: int, now_ns: int) -> float:
    bad = sorted(
        (max(start, one.since_ns), now_ns if one.until_ns is None else one.until_ns)
        for one in troubles
        if one.level >= DEGRADED
    )
    down, end = 0, start
    for since, until in bad:
        down += max(0, until - max(since, end))
        end = max(end, until)
    return 100.0 * (1 - down / DAY_NS)


def _escaped(text: str) -> str:
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(char, name)
    return text
