"""What the notifications page shows: receivers, and single requests with their answers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from appliance.model.alert_event import EventKind
from appliance.wire.alertmanager.times import print_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from appliance.model.alert_event import AlertEvent
    from appliance.model.labels import Labels

#: What is told of a request and its answer, at most; of those of a page together, and of each that
#: is beyond that.
_MOST_CHARS, _MOST_IN_PAGE, _CUT_CHARS = 20_000, 500_000, 500
#: Alerts of a request that are named.
_MOST_ALERTS = 20
#: A failure so soon after an attempt is that attempt's.
_CLOSE_NS = 2 * 10**9


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One request to a receiver, or one that could not be made.

    Attributes:
        alerts: Fingerprint and name of the first ones that it is about, of `alert_count`.
        number: Which attempt at the same notification it was, from 1.
        request, answer: As they went over the wire, secrets masked; maybe cut.
    """

    id: int
    at: str
    at_ns: int
    receiver: str
    integration: str
    is_ok: bool
    outcome: str
    number: int
    will_retry: bool
    seconds: float
    alerts: tuple[tuple[str, str], ...]
    alert_count: int
    address: str
    request: str
    answer: str
    can_replay: bool


@dataclass(frozen=True, slots=True)
class ReceiverRow:
    """A receiver, and what the shown part of the record tells of it.

    Attributes:
        kinds: Integrations and how many there are of each.
        last_ok, last_failed: When; empty: not in the shown part.
    """

    name: str
    kinds: tuple[tuple[str, int], ...]
    sent: int
    failed: int
    last_ok: str
    last_ok_ns: int
    last_failed: str
    last_error: str


def attempt_row(event: AlertEvent, labels: Mapping[str, Labels]) -> AttemptRow:
    """An attempt, or a failure before one could be made."""
    detail = event.detail
    status, error = int(detail.get("status") or 0), str(detail.get("error") or "")
    is_refused = bool(status) and not 200 <= status < 300
    is_ok = event.kind is EventKind.ATTEMPT and not error and not is_refused
    return AttemptRow(
        id=event.id,
        at=print_time(event.at_ns),
        at_ns=event.at_ns,
        receiver=event.receiver,
        integration=str(detail.get("integration", "")),
        is_ok=is_ok,
        outcome=_outcome(status, error, is_ok=is_ok),
        number=int(detail.get("attempt") or 1),
        will_retry=bool(detail.get("will_retry")),
        seconds=float(detail.get("seconds") or 0),
        alerts=tuple(
            (one, labels[one].get("alertname") if one in labels else one)
            for one in event.fingerprints[:_MOST_ALERTS]
        ),
        alert_count=len(event.fingerprints),
        address=f"{detail.get('method', '')} {detail.get('url', '')}".strip(),
        request=_request(detail),
        answer=str(detail.get("answer") or "")[:_MOST_CHARS],
        can_replay=event.kind is EventKind.ATTEMPT and bool(detail.get("url")),
    )


def told_apart(rows: Sequence[AttemptRow]) -> list[AttemptRow]:
    """Rows without the failures of notifications whose last attempt is there, too.

    Args:
        rows: The newest first; a failure is recorded right after the attempt that was the last.
    """
    attempts = [row for row in rows if row.can_replay]
    tried = {(row.receiver, row.alerts, row.at_ns // _CLOSE_NS) for row in attempts}
    return [
        row
        for row in rows
        if row.can_replay
        or not any(
            (row.receiver, row.alerts, row.at_ns // _CLOSE_NS - back) in tried for back in (0, 1)
        )
    ]


def bounded(rows: Iterable[AttemptRow]) -> list[AttemptRow]:
    """Rows of which the first ones have all of their requests and answers, the rest a glimpse."""
    found, left = [], _MOST_IN_PAGE
    for row in rows:
        left -= len(row.request) + len(row.answer)
        found.append(row if left >= 0 else _cut(row))
    return found


def _cut(row: AttemptRow) -> AttemptRow:
    request, answer = (
        text if len(text) <= _CUT_CHARS else f"{text[:_CUT_CHARS]} …"
        for text in (row.request, row.answer)
    )
    return replace(row, request=request, answer=answer)


def receiver_rows(
    receivers: Iterable[tuple[str, Mapping[str, int]]], rows: Sequence[AttemptRow]
) -> list[ReceiverRow]:
    """Receivers of the configuration, those with failures first.

    Args:
        rows: Attempts, the newest first.
    """
    by_name: defaultdict[str, list[AttemptRow]] = defaultdict(list)
    for row in rows:
        by_name[row.receiver].append(row)
    found = []
    for name, kinds in receivers:
        good = [row for row in by_name[name] if row.is_ok]
        bad = [row for row in by_name[name] if not row.is_ok]
        found.append(
            ReceiverRow(
                name,
                tuple(kinds.items()),
                len(good),
                len(bad),
                good[0].at if good else "",
                good[0].at_ns if good else 0,
                bad[0].at if bad else "",
                bad[0].outcome if bad else "",
            )
        )
    return sorted(found, key=lambda row: (not row.failed, row.name))


def _outcome(status: int, error: str, *, is_ok: bool) -> str:
    if is_ok:
        return str(status) if status else "sent"
    return error or (f"answered {status}" if status else "failed")


def _request(detail: Mapping[str, Any]) -> str:
    headers = detail.get("headers") or {}
    pairs = headers.items() if hasattr(headers, "items") else headers
    head = "\n".join(f"{name}: {value}" for name, value in pairs)
    return "\n\n".join(filter(None, (head, str(detail.get("body") or ""))))[:_MOST_CHARS]
