"""`/oncall`: who is on call now and in the next two weeks, escalations, heartbeats, stand-ins.

Invariant: forms change something only for those who may (`require_control`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aiohttp import web

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.heartbeats import signs_of_life
from appliance.api.alertmanager.oncall import duty, override_json
from appliance.api.http import HTTP, require_control
from appliance.api.loki.params import parse_time_ns
from appliance.api.ui.alerts import api_url
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.errors import ApplianceError, BadInput
from appliance.base.tasks import offload
from appliance.ui.oncall import colours_of, day_marks, shift_bars

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN_NS = 14 * 24 * 3600 * 10**9


async def oncall(request: web.Request) -> web.Response:
    """`GET /oncall`."""
    service = request.app[ALERTMANAGER].oncall()
    found = await duty(request)
    found["overrides"] = [override_json(one) for one in service.overrides.all()]
    found["heartbeats"] = signs_of_life(service)
    if wants_json(request):
        return json_answer(found)
    start_ns = request.app[HTTP].clock.now_ns()
    window = (start_ns, start_ns + _SHOWN_NS)
    colours = colours_of(service.config.users)
    rows = await offload(
        lambda: {
            name: [asdict(bar) for bar in shift_bars(one.shifts(*window), window, colours)]
            for name, one in service.roster.schedules.items()
        }
    )
    return await page(
        request,
        "oncall.html",
        duty=found,
        rows=rows,
        days=day_marks(window),
        has_rotas=bool(service.roster.schedules),
        names=await _alert_names(request, found["escalations"]),
        done=request.query.get("done", ""),
        wrong=request.query.get("wrong", ""),
        api=api_url(request),
    )


async def change(request: web.Request) -> web.Response:
    """`POST /oncall`: `remove=ID`, or a stand-in by `rota`, `user`, `from`, `to` and `by`.

    Raises:
        web.HTTPSeeOther: To the page, which says what came of it.
    """
    require_control(request)
    given = await request.post()
    try:
        done = await _changed(request, {name: str(value).strip() for name, value in given.items()})
    except ApplianceError as error:
        raise web.HTTPSeeOther(f"/oncall?{urlencode({'wrong': error.message})}") from error
    raise web.HTTPSeeOther(f"/oncall?{urlencode({'done': done})}")


async def _alert_names(request: web.Request, escalations: list[dict[str, Any]]) -> dict[str, str]:
    """Names of the alerts that escalations are about, by fingerprint."""
    wanted = {one for found in escalations for one in found["alerts"]}
    if not wanted:
        return {}
    known = await offload(request.app[ALERTMANAGER].record.known_labels, wanted)
    return {key: labels.get("alertname") or key for key, labels in known.items()}


async def _changed(request: web.Request, given: Mapping[str, str]) -> str:
    service = request.app[ALERTMANAGER].oncall()
    if given.get("remove"):
        await service.overrides.remove(given["remove"])
        return "The stand-in is taken back."
    if not given.get("to"):
        raise BadInput("a stand-in needs an end: write 'to', such as 2026-01-31T18:00")
    now_ns = request.app[HTTP].clock.now_ns()
    start_ns = _time_of(given["from"]) if given.get("from") else now_ns
    made = await service.override(
        given.get("rota", ""),
        given.get("user", ""),
        (start_ns, _time_of(given["to"])),
        by=given.get("by", ""),
    )
    return f"{made.user or 'Nobody'} stands in on {made.rota}."


def _time_of(text: str) -> int:
    """A form's `2026-01-31T18:00` is UTC, as the page says."""
    is_bare = len(text) == len("2026-01-31T18:00") and text[10:11] == "T"
    return parse_time_ns(f"{text}:00Z" if is_bare else text)
