"""`/alerts` and `/alerts/FINGERPRINT`: what fires, and why somebody was told of it or was not.

Links of notifications lead here (`#/alerts?filter=…`, by `api/alertmanager/page.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from appliance.alertmanager.explain.text import lines
from appliance.alertmanager.matchers import parse_matchers
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.explain_shapes import explanation_json
from appliance.api.alertmanager.filters import AlertFilter
from appliance.api.alertmanager.record import event_json
from appliance.api.http import HTTP
from appliance.api.ui.rendering import endpoints_of, json_answer, page, wants_json
from appliance.base.errors import BadInput, NotFound
from appliance.base.tasks import offload
from appliance.ui.alerts import alert_row, event_row, selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp import web

    from appliance.alertmanager.views import AlertView
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.model.matcher import Matcher
    from appliance.ui.alerts import AlertRow

_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
#: Rows of a page.
MOST = 500
_EVENTS = 50
_SEVERITIES = {"critical": 0, "page": 0, "error": 1, "warning": 2, "info": 4, "none": 5}


async def alerts(request: web.Request) -> web.Response:
    """`GET /alerts?m=…`: alerts that fire; the other parameters are those of API v2.

    Raises:
        BadInput: A matcher is none.
    """
    deps, now_ns = request.app[ALERTMANAGER], request.app[HTTP].clock.now_ns()
    wanted = AlertFilter.of(request)
    asked = matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    wanted = replace(wanted, matchers=tuple(asked))
    rows, total = await firing(deps, wanted, now_ns)
    shown = rows[:MOST]
    if wants_json(request):
        return json_answer({"total": total, "alerts": [asdict(row) for row in shown]})
    return await page(
        request,
        "alerts.html",
        rows=shown,
        count_all=len(rows),
        total=total,
        matchers=selector(asked),
        is_filtered=len(rows) < total or bool(asked),
        now_ns=now_ns,
        api=api_url(request),
    )


async def alert(request: web.Request) -> web.Response:
    """`GET /alerts/FINGERPRINT`: an explanation in sentences, and the last events.

    Raises:
        NotFound: Nobody has ever told of such an alert.
    """
    fingerprint = request.match_info["fingerprint"].removesuffix(".json")
    deps = request.app[ALERTMANAGER]
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise NotFound(f"{fingerprint[:50]!r} is no fingerprint (16 hex digits). {_ELSEWHERE}")
    try:
        found = await deps.explainer().of_fingerprint(fingerprint)
    except NotFound as error:
        raise NotFound(f"No alert has the fingerprint {fingerprint}. {_ELSEWHERE}") from error
    await deps.flush_record()
    events = await offload(
        lambda: deps.record.events(fingerprints=[fingerprint], limit=_EVENTS, newest_first=True)
    )
    told = lines(found)
    if wants_json(request):
        why = [{"depth": line.depth, "text": line.text} for line in told]
        document = explanation_json(found) | {"lines": why}
        shown = [event_json(event) for event in events]
        return json_answer({"explanation": document, "events": shown})
    row = await _row(deps, fingerprint)
    return await page(
        request,
        "alert.html",
        fingerprint=fingerprint,
        name=found.labels.get("alertname") or fingerprint,
        label_pairs=tuple(found.labels),
        state=found.status.value,
        row=row,
        lines=told,
        events=[event_row(event) for event in events],
        api=api_url(request),
    )


_ELSEWHERE = (
    "What fires is listed at /alerts; what would become of an alert that does not says:"
    " appliance alerts explain NAME"
)


async def firing(
    deps: AlertmanagerApiDeps, wanted: AlertFilter, now_ns: int
) -> tuple[list[AlertRow], int]:
    """The alerts that a filter takes, the worst and then the latest first; and how many fire."""
    receivers = wanted.receivers(deps.alertmanager.config)
    views = await deps.alertmanager.shown.all_alerts()
    muted: defaultdict[str, set[str]] = defaultdict(set)
    for group in await deps.alertmanager.shown.all_groups():
        for view in group.alerts:
            muted[view.alert.fingerprint].update(view.muted_by)

    def choose() -> list[AlertRow]:
        taken = [
            view
            for view in views
            if not receivers.isdisjoint(view.receivers) and wanted.takes(view, now_ns)
        ]
        taken.sort(key=_order)
        return [alert_row(view, muted.get(view.alert.fingerprint, ())) for view in taken]

    return await offload(choose), sum(view.alert.ends_ns >= now_ns for view in views)


def matchers_in(texts: Iterable[str]) -> list[Matcher]:
    """Matchers as links have them: `a=b` or `{a="b",c="d"}`, each text some of them.

    Raises:
        BadInput: A text has none.
    """
    found: list[Matcher] = []
    for text in filter(None, (text.strip() for text in texts)):
        if text == "{}":
            continue
        try:
            found += parse_matchers(text)
        except BadInput as error:
            hint = 'write m=alertname="NAME" or m={alertname="NAME",job="api"}'
            raise BadInput(f"{error.message}; {hint}") from error
    return found


def api_url(request: web.Request) -> str:
    """Where commands find the API: the listener of its own, else the page's port."""
    urls = endpoints_of(request).urls
    return urls.get("alertmanager") or urls.get("ui") or str(request.url.origin())


def _order(view: AlertView) -> tuple[int, int, str]:
    severity = _SEVERITIES.get(view.alert.labels.get("severity"), 3)
    return severity, -view.alert.starts_ns, view.alert.fingerprint


async def _row(deps: AlertmanagerApiDeps, fingerprint: str) -> AlertRow | None:
    views: list[Any] = await deps.alertmanager.shown.all_alerts()
    found = next((view for view in views if view.alert.fingerprint == fingerprint), None)
    return alert_row(found) if found is not None else None
