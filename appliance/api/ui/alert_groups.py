"""`/alerts?view=groups`: alerts as they are told together, per receiver, and when next."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.http import HTTP
from appliance.api.ui.alerts import matchers_in
from appliance.api.ui.rendering import json_answer, page, wants_json
from appliance.base.tasks import offload
from appliance.model.matcher import matches_all
from appliance.ui.alerts import group_row

if TYPE_CHECKING:
    from aiohttp import web

    from appliance.ui.alerts import GroupRow

#: Groups of a page.
MOST = 300


async def tab(request: web.Request) -> web.Response:
    """`GET /alerts?view=groups&m=…`: groups with at least one alert that matches.

    Raises:
        BadInput: A matcher is none.
    """
    deps = request.app[ALERTMANAGER]
    asked = tuple(
        matchers_in([*request.query.getall("m", ()), *request.query.getall("filter", ())])
    )
    views = await deps.alertmanager.shown.all_groups()

    def choose() -> list[GroupRow]:
        return [
            group_row(group)
            for group in sorted(views, key=lambda one: (one.receiver, one.key))
            if not asked or any(matches_all(asked, one.alert.labels) for one in group.alerts)
        ]

    rows = await offload(choose)
    if wants_json(request):
        return json_answer({"total": len(rows), "groups": [asdict(row) for row in rows[:MOST]]})
    return await page(
        request,
        "alert_groups.html",
        view="groups",
        rows=rows[:MOST],
        total=len(rows),
        receivers=sorted({one.name for one in deps.alertmanager.config.receivers}),
        now_ns=request.app[HTTP].clock.now_ns(),
        now_ms=request.app[HTTP].clock.now_ms(),
    )
