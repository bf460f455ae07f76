"""`/dashboards` and `/d/UID`: the list, and one of them, drawn by the browser.

Old addresses lead here, too: `/d/UID/slug`, `/d-solo/UID?panelId=N`, `/dashboard/db/SLUG`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from aiohttp import web

from appliance.api.http import HTTP
from appliance.api.ui.dashboards import answer_json, chosen, library_of, listing_json
from appliance.api.ui.rendering import json_answer, page, variable, wants_json
from appliance.base.errors import NotFound
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from appliance.dashboards.library.entries import Entry

#: What a page lists; a search narrows.
_MOST = 500


async def dashboards(request: web.Request) -> web.Response:
    """`GET /dashboards?query=&tag=&folder=`."""
    listing = await offload(lambda: library_of(request).listing())
    if wants_json(request):
        return json_answer(listing_json(listing, request.query))
    found = chosen(listing, request.query)
    folders: dict[str, list[Entry]] = {}
    for entry in found[:_MOST]:
        folders.setdefault(entry.folder, []).append(entry)
    return await page(
        request,
        "dashboards.html",
        folders=sorted(folders.items()),
        shown=min(len(found), _MOST),
        found=len(found),
        total=len(listing.entries),
        query=request.query.get("query", ""),
        tag=request.query.get("tag", ""),
        tags=sorted({tag for entry in listing.entries for tag in entry.tags}),
        broken=[problem.as_json() for problem in listing.problems],
    )


async def dashboard(request: web.Request) -> web.Response:
    """`GET /d/UID`.

    Raises:
        NotFound: There is none.
    """
    uid = variable(request, "uid")
    answer = await offload(lambda: answer_json(library_of(request).get(uid)))
    if wants_json(request):
        return json_answer(answer)
    found = answer["dashboard"]
    return await page(
        request,
        "dashboard.html",
        answer=answer,
        name=found["title"],
        rows=found["rows"],
        problems=answer["problems"],
        usual=found["time"]["start"] or "now-6h",
        now_ms=request.app[HTTP].clock.now_ms(),
    )


async def one_panel(request: web.Request) -> web.Response:
    """`GET /d-solo/UID?panelId=N`: a panel for itself, as Grafana embeds it.

    Raises:
        web.HTTPFound: To the page of the dashboard.
    """
    given = [(name, value) for name, value in request.query.items() if name != "panelId"]
    panel = request.query.get("panelId", "").removeprefix("panel-")
    search = urlencode([*given, ("viewPanel", panel), ("kiosk", "1")])
    raise web.HTTPFound(f"/d/{quote(request.match_info['uid'], safe='')}?{search}")


async def by_slug(request: web.Request) -> web.Response:
    """`GET /dashboard/db/SLUG`: how dashboards were addressed before they had uids.

    Raises:
        NotFound: No dashboard has such a title.
        web.HTTPFound: To its page.
    """
    slug = request.match_info["slug"].lower()
    listing = await offload(lambda: library_of(request).listing())
    for entry in listing.entries:
        if slug in {slug_of(entry.title), entry.uid.lower()}:
            search = f"?{request.query_string}" if request.query_string else ""
            raise web.HTTPFound(f"/d/{entry.uid}{search}")
    raise NotFound(f"no dashboard's title reads {slug[:80]!r}; all are listed at /dashboards")


def slug_of(title: str) -> str:
    """A title as Grafana put it into addresses."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
