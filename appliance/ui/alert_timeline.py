"""The record of an alert as a story: each event in words, attempts with what was sent and answered.

Invariant: what happened again and again in a row is one entry with a count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from appliance.model.alert_event import EventKind
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.model.alert_event import AlertEvent

#: Kinds that tell little: shown on request.
ROUTINE = frozenset({EventKind.FLUSHED, EventKind.UNCHANGED, EventKind.ROUTED})
_WORDS = {
    EventKind.PENDING: "Condition holds",
    EventKind.FIRING: "Rule fires",
    EventKind.INACTIVE: "Condition is over",
    EventKind.RECEIVED: "Alert received",
    EventKind.RESOLVED: "Resolved",
    EventKind.ROUTED: "Put into group",
    EventKind.FLUSHED: "Group due",
    EventKind.SUPPRESSED: "Held back",
    EventKind.UNSUPPRESSED: "No longer held back",
    EventKind.UNCHANGED: "Nothing new to tell",
    EventKind.ATTEMPT: "Request",
    EventKind.NOTIFIED: "Notified",
    EventKind.FAILED: "Notification failed",
    EventKind.FALLBACK: "Template failed, plain text sent",
    EventKind.ACKED: "Acknowledged",
    EventKind.UNACKED: "Acknowledgement taken back",
    EventKind.ESCALATED: "Escalated",
    EventKind.SILENCED: "Silence",
    EventKind.HEARTBEAT: "Heartbeat",
}
_TONES = {
    EventKind.PENDING: "warn",
    EventKind.FIRING: "bad",
    EventKind.INACTIVE: "good",
    EventKind.RESOLVED: "good",
    EventKind.NOTIFIED: "good",
    EventKind.FAILED: "bad",
    EventKind.FALLBACK: "warn",
    EventKind.ESCALATED: "warn",
    EventKind.ACKED: "good",
}
_LONG = {"headers", "body", "answer", "labels", "annotations", "alerts", "method", "url"}
_NOT_TOLD = _LONG | {
    "status",
    "seconds",
    "attempt",
    "will_retry",
    "error",
    "integration",
    "index",
    "generator_url",
    "expr",
}
_NOTHING: tuple[object, ...] = (None, "", "{}", [], {}, ())
_MOST_CHARS = 300


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """An event.

    Attributes:
        tone: `good`, `warn`, `bad`, or empty.
        target: Receiver and integration; empty where nobody is told.
        code: HTTP status of an attempt, 0 for none.
        payload: What was sent; empty but for attempts.
        answer: What came back.
        count: How many of the same came in a row; the row is the latest.
    """

    id: int
    at: str
    at_ns: int
    kind: str
    words: str
    tone: str
    target: str
    detail: str
    error: str
    code: int = 0
    seconds: float = 0.0
    attempt: int = 0
    will_retry: bool = False
    request: str = ""
    headers: str = ""
    payload: str = ""
    answer: str = ""
    count: int = 1


def timeline(events: Iterable[AlertEvent], *, has_routine: bool = False) -> list[TimelineRow]:
    """Events in their order; `has_routine`: also those that tell little."""
    rows: list[TimelineRow] = []
    for event in events:
        if event.kind in ROUTINE and not has_routine:
            continue
        row = timeline_row(event)
        same = next((one for one in reversed(rows[-3:]) if _same(one) == _same(row)), None)
        if same is not None and row.kind in {"attempt", "failed", "unchanged", "flushed"}:
            rows[rows.index(same)] = replace(same, count=same.count + 1)
        else:
            rows.append(row)
    return rows


def _same(row: TimelineRow) -> tuple[object, ...]:
    return row.kind, row.target, row.code, row.error


def timeline_row(event: AlertEvent) -> TimelineRow:
    """One event."""
    detail = event.detail
    row = TimelineRow(
        event.id,
        print_time(event.at_ns),
        event.at_ns,
        event.kind.value,
        _WORDS[event.kind],
        _TONES.get(event.kind, ""),
        _target(event),
        _told(detail),
        str(detail.get("error") or "")[:_MOST_CHARS],
    )
    if event.kind is not EventKind.ATTEMPT:
        return row
    code = int(detail.get("status") or 0)
    headers = detail.get("headers") or {}
    return replace(
        row,
        tone="good" if 200 <= code < 300 else "bad",
        code=code,
        seconds=float(detail.get("seconds") or 0),
        attempt=int(detail.get("attempt") or 0),
        will_retry=bool(detail.get("will_retry")),
        request=f"{detail.get('method') or ''} {detail.get('url') or ''}".strip(),
        headers="\n".join(f"{name}: {text}" for name, text in headers.items()),
        payload=_pretty(detail.get("body") or ""),
        answer=_pretty(detail.get("answer") or ""),
    )


def _target(event: AlertEvent) -> str:
    integration = event.detail.get("integration")
    if not integration:
        return event.receiver
    return f"{event.receiver} · {integration}[{event.detail.get('index', 0)}]"


def _told(detail: Mapping[str, Any]) -> str:
    told = ", ".join(
        f"{name.replace('_', ' ')} {_text(value)}"
        for name, value in detail.items()
        if name not in _NOT_TOLD and not name.endswith(("_ns", "_ms")) and value not in _NOTHING
    )
    return told[:_MOST_CHARS]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _pretty(text: str) -> str:
    """JSON with line breaks; what is none, or was cut, as it is."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return text
