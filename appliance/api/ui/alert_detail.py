"""`/alerts/FINGERPRINT`: what happened to an alert, and why somebody was told of it or was not."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from appliance.alertmanager.explain.text import lines
from appliance.api.alertmanager.actions import exchange_json
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.explain_shapes import explanation_json
from appliance.api.alertmanager.record import event_json
from appliance.api.http import HTTP, require_control
from appliance.api.request import parameters_of
from appliance.api.ui.alerts import api_url, rule_of_alert, with_origin
from appliance.api.ui.rendering import json_answer, page, variable, wants_json
from appliance.base.digits import read_digits
from appliance.base.errors import NotFound
from appliance.base.tasks import offload
from appliance.model.alert_event import EventKind
from appliance.ui.alert_timeline import ROUTINE, timeline
from appliance.ui.alerts import alert_row, exactly, selector, service_logs, service_of
from appliance.ui.rules import explorer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from appliance.alertmanager.explain.values import Explanation
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.model.alert_event import AlertEvent
    from appliance.store.alerts.store import AlertStore
    from appliance.ui.alerts import AlertRow, RuleOfAlert

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_EVENTS, _ATTEMPTS = 200, 60
#: Kinds with an entry for every try.
_MANY = {EventKind.ATTEMPT, EventKind.FAILED, *ROUTINE}
_MS_NS = 10**6
#: Shown before an alert began, and at least after it.
_AROUND_MS = 30 * 60_000
#: Of its logs and traces.
_CLOSE_MS = 10 * 60_000
#: More is not drawn: an alert may have fired for weeks.
_MOST_MS = 24 * 3600_000
_ELSEWHERE = (
    "What fires is listed at /alerts; what would become of an alert that does not says:"
    " appliance alerts explain NAME"
)


async def alert(request: web.Request) -> web.Response:
    """`GET /alerts/FINGERPRINT`: timeline, chart and explanation.

    Raises:
        NotFound: Nobody has ever told of such an alert.
    """
    return await _shown(request, _fingerprint(request))


async def replay(request: web.Request) -> web.Response:
    """`POST /alerts/FINGERPRINT`: a form that sends a recorded request once more.

    Raises:
        NotFound: There is no such event, or what sent it is gone.
        BadInput: The event is no attempt.
    """
    require_control(request)
    fingerprint, deps = _fingerprint(request), request.app[ALERTMANAGER]
    text = (await parameters_of(request)).get("event", "")
    await deps.flush_record()
    number = read_digits(text) if text.isdecimal() and len(text) < 19 else 0
    event = await offload(deps.record.event, number)
    if event is None or fingerprint not in event.fingerprints:
        raise NotFound(f"event {text[:50]!r} is not in the record of {fingerprint}")
    sent = await deps.pipeline().replay(event)
    return await _shown(request, fingerprint, exchange_json(sent))


def _fingerprint(request: web.Request) -> str:
    fingerprint = variable(request, "fingerprint")
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise NotFound(f"{fingerprint[:50]!r} is no fingerprint (16 hex digits). {_ELSEWHERE}")
    return fingerprint


async def _shown(
    request: web.Request, fingerprint: str, replayed: dict[str, Any] | None = None
) -> web.Response:
    deps = request.app[ALERTMANAGER]
    try:
        found = await deps.explainer().of_fingerprint(fingerprint)
    except NotFound as error:
        raise NotFound(f"No alert has the fingerprint {fingerprint}. {_ELSEWHERE}") from error
    await deps.flush_record()
    has_routine = request.query.get("all") == "1"
    events, is_full = await offload(
        lambda: _story(deps.record, fingerprint, has_routine=has_routine)
    )
    told = lines(found)
    explanation = explanation_json(found) | {
        "lines": [{"depth": line.depth, "text": line.text} for line in told]
    }
    if wants_json(request):
        shown = [event_json(event) for event in events]
        return json_answer({"explanation": explanation, "events": shown})
    row, now_ms = await _row(deps, fingerprint), request.app[HTTP].clock.now_ms()
    rule = await offload(_rule, deps, found, row)
    return await page(
        request,
        "alert.html",
        fingerprint=fingerprint,
        row=row,
        lines=told,
        explanation=explanation,
        events=timeline(events, has_routine=has_routine),
        has_routine=has_routine,
        is_full=is_full,
        replayed=replayed,
        api=api_url(request),
        now_ns=now_ms * _MS_NS,
        now_ms=now_ms,
        **_around(found, rule, events, now_ms),
        **_named(found),
    )


def _named(found: Explanation) -> dict[str, Any]:
    """What an alert is."""
    return {
        "name": found.labels.get("alertname") or found.fingerprint,
        "severity_name": found.labels.get("severity"),
        "label_pairs": tuple(found.labels),
        "matchers": selector(exactly(found.labels)),
        "state": found.status.value,
    }


def _story(
    record: AlertStore, fingerprint: str, *, has_routine: bool
) -> tuple[list[AlertEvent], bool]:
    """The last events, the latest first, and whether there are more.

    Requests come by the hundred where a receiver is down: they take the place of nothing else.
    """
    chosen = [kind for kind in EventKind if has_routine or kind not in ROUTINE]
    found: list[AlertEvent] = []
    is_full = False
    for kinds, limit in (
        ([kind for kind in chosen if kind not in _MANY], _EVENTS),
        ([kind for kind in chosen if kind in _MANY], _ATTEMPTS),
    ):
        some = record.events(
            fingerprints=[fingerprint], kinds=kinds, limit=limit, newest_first=True
        )
        is_full = is_full or len(some) == limit
        found += some
    return sorted(found, key=lambda event: (-event.at_ns, -event.id)), is_full


def _rule(
    deps: AlertmanagerApiDeps, found: Explanation, row: AlertRow | None
) -> RuleOfAlert | None:
    """The rule that makes an alert, or has made it."""
    if row is not None and row.rule is not None:
        return row.rule
    facts = {(fact.file, fact.group, fact.line, fact.name) for fact in found.rules}
    for language, groups in deps.rules.groups().items() if facts else ():
        for group in groups:
            for rule in group.rules:
                if (group.file, group.group.name, rule.line, rule.rule.name) in facts:
                    return rule_of_alert(language, group, rule)
    return None


def _around(
    found: Explanation, rule: RuleOfAlert | None, events: Sequence[AlertEvent], now_ms: int
) -> dict[str, Any]:
    """The time of an alert: what to draw of it, and where else to look."""
    starts = [event.at_ns for event in events if event.kind is EventKind.FIRING]
    start_ms = _start_ms(found) or (max(starts) // _MS_NS if starts else now_ms)
    is_on = found.status.value in {"firing", "pending"}
    end_ms = now_ms if is_on or found.alert is None else found.alert.ends_ns // _MS_NS
    begin = max(start_ms - _AROUND_MS, min(end_ms, now_ms) - _MOST_MS)
    window = (begin, min(now_ms, max(end_ms, start_ms) + _AROUND_MS))
    close = {"from": str(start_ms - _CLOSE_MS), "to": str(start_ms + _CLOSE_MS)}
    service = service_of(found.labels)
    times = f"from={close['from']}&to={close['to']}"
    logs = service_logs(service)
    return {
        "chart": None
        if rule is None or rule.language == "traceql"
        else {
            "rule": asdict(rule),
            "labels": dict(found.labels),
            "window": {"start": window[0], "end": window[1]},
            "spans": _spans(events, start_ms if is_on else 0, now_ms),
        },
        "query": explorer(rule.language, rule.expr, window) if rule is not None else "",
        "service": service,
        "logs": f"{logs}&{times}" if logs else "",
        "traces": f"/traces?service={quote(service)}&{times}" if service else "",
        "service_page": f"/services/{quote(service, safe='')}" if service else "",
    }


def _start_ms(found: Explanation) -> int:
    if found.alert is not None:
        return found.alert.starts_ns // _MS_NS
    return max((rule.active_ms for rule in found.rules), default=0)


def _spans(events: Sequence[AlertEvent], start_ms: int, now_ms: int) -> list[dict[str, Any]]:
    """When it pended and fired, as far as the record knows; `start_ms`: it still goes on."""
    kinds = {EventKind.PENDING: "pending", EventKind.FIRING: "firing"}
    ends = {EventKind.INACTIVE, EventKind.RESOLVED}
    spans: list[dict[str, Any]] = []
    state, since = "", 0
    for event in reversed(events):
        at_ms = event.at_ns // _MS_NS
        next_state = kinds.get(event.kind, "" if event.kind in ends else state)
        if next_state != state:
            if state:
                spans.append({"state": state, "from": since, "to": at_ms})
            state, since = next_state, at_ms
    if state and start_ms:
        spans.append({"state": state, "from": since, "to": now_ms})
    elif start_ms and not spans:
        spans.append({"state": "firing", "from": start_ms, "to": now_ms})
    return spans


async def _row(deps: AlertmanagerApiDeps, fingerprint: str) -> AlertRow | None:
    """The alert as the list of those that fire has it; None when it does not."""
    views = await deps.alertmanager.shown.all_alerts()
    found = next((view for view in views if view.alert.fingerprint == fingerprint), None)
    return (await with_origin(deps, [alert_row(found)]))[0] if found is not None else None
