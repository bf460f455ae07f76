"""`/status`: for everybody, if the settings say so; and badges to show elsewhere."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.record import labels_of
from appliance.api.http import DEFAULT_TENANT, HTTP
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.api.ui.system.deps import SYSTEM
from appliance.base.errors import Unavailable
from appliance.base.tasks import offload
from appliance.model.alert_event import EventKind
from appliance.ui.system.status import DAY_NS, TEXTS, StatusFacts, badge, status_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ui.system.status import StatusPage

#: Events of the last day that are looked at.
_MOST_EVENTS = 5_000
#: Whoever asks sees a page that is no older: many may ask.
_SECONDS = 2.0


async def status(request: web.Request) -> web.Response:
    """`GET /status`."""
    found = await _read(request)
    if wants_json(request):
        return json_answer(as_json(found))
    return await page(request, "system/status.html", found=found, texts=TEXTS)


async def status_badge(request: web.Request) -> web.Response:
    """`GET /status/badge/SERVICE.svg`; `all.svg` is everything together."""
    name = request.match_info["service"].removesuffix(".svg")
    found = await _read(request)
    level = next((row.level for row in found.services if row.name == name), None)
    if level is None and name == "all":
        name, level = "status", found.level
    return web.Response(
        text=badge(name[:100], level),
        content_type="image/svg+xml",
        headers={"Cache-Control": "no-cache, max-age=30"},
    )


def as_json(found: StatusPage) -> dict[str, object]:
    """The page as a value for a JSON encoder; times in nanoseconds are texts."""

    def shown(row: dict[str, object]) -> dict[str, object]:
        times = {name: row[name] for name in ("since_ns", "until_ns")}
        return row | {name: None if at is None else str(at) for name, at in times.items()}

    return {
        "status": found.kind,
        "text": found.text,
        "at_ns": str(found.at_ns),
        "services": [
            {"name": row.name, "status": row.kind, "text": row.text, "up_percent": row.up_percent}
            for row in found.services
        ],
        "incidents": [shown(asdict(one)) | {"text": one.text} for one in found.incidents],
        "past": [shown(asdict(one)) | {"text": one.text} for one in found.past],
    }


async def _read(request: web.Request) -> StatusPage:
    deps, system = request.app[ALERTMANAGER], request.app[SYSTEM]
    clock = request.app[HTTP].clock
    if system.status and clock.monotonic() - system.status[0][0] < _SECONDS:
        return system.status[0][1]
    now_ns = clock.now_ns()
    firing = await deps.alertmanager.shown.all_alerts()
    is_acked = _acked(request)

    def work() -> StatusPage:
        events = deps.record.events(
            kinds=[EventKind.RESOLVED, EventKind.SUPPRESSED],
            start_ns=now_ns - DAY_NS,
            limit=_MOST_EVENTS,
            newest_first=True,
        )
        chosen = tuple(system.status_services())
        known = () if chosen else system.services(DEFAULT_TENANT)
        labels = labels_of(deps.record, events)
        facts = StatusFacts(firing, events, labels, is_acked, known, chosen)
        return status_page(facts, now_ns)

    found = await offload(work)
    system.status[:] = [(clock.monotonic(), found)]
    return found


def _acked(request: web.Request) -> Callable[[str], bool]:
    """Who is acknowledged, as far as there is on-call duty."""
    try:
        acks = request.app[ALERTMANAGER].oncall().acks
    except Unavailable:
        return lambda _: False
    known = {ack.key for ack in acks.all() if ack.kind == "alert"}
    groups = {ack.key for ack in acks.all() if ack.kind == "group"}
    if not groups:
        return known.__contains__
    return lambda fingerprint: fingerprint in known or acks.of(fingerprint) is not None
