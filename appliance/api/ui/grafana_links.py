"""Old addresses of Grafana: `/explore?left=…`, `/explore?panes=…`, `/dashboard/db/SLUG`.

Links in alerts, chats and documents keep working: each redirects to the page that shows the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from aiohttp import web

from appliance.api.ui.dashboards import library_of
from appliance.base.errors import NotFound
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Queries taken from one address.
_MOST = 20
_PAGES = {"loki": "/logs", "tempo": "/traces"}


async def explore(request: web.Request) -> web.Response:
    """`GET /explore`: the first pane's queries, on the page of their language.

    Raises:
        web.HTTPFound: To that page; to that of metrics when nothing can be read.
    """
    raise web.HTTPFound(explored(request.query))


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
    """A title as Grafana puts it into addresses."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def explored(query: Mapping[str, str]) -> str:
    """Where an address of Grafana's Explore leads, by its parameters."""
    pane = next(_panes(query), {})
    queries = [one for one in pane.get("queries", []) if isinstance(one, dict)][:_MOST]
    found = [(_engine_of(one, pane.get("datasource")), _text_of(one)) for one in queries]
    found = [(engine, text) for engine, text in found if text]
    window = pane.get("range")
    time = _time_of(window) if isinstance(window, dict) else []
    engine = found[0][0] if found else "prometheus"
    if engine in _PAGES:
        return f"{_PAGES[engine]}?{urlencode([('q', found[0][1]), *time])}"
    same = [text for other, text in found if other == engine]
    panels = [(f"g{index}.expr", text) for index, text in enumerate(same)]
    search = urlencode([*panels, *time])
    return f"/metrics?{search}" if search else "/metrics"


def _panes(query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Panes that can be read, first the newer way of writing them."""
    panes = _json(query.get("panes"))
    if isinstance(panes, dict):
        yield from (pane for pane in panes.values() if isinstance(pane, dict))
    left = _json(query.get("left"))
    if isinstance(left, dict):
        yield left
    if isinstance(left, list) and len(left) >= 2:
        queries = [one for one in left[2:] if isinstance(one, dict)]
        source = left[2] if len(left) > 2 and isinstance(left[2], str) else None
        yield {
            "range": {"from": left[0], "to": left[1]},
            "datasource": source,
            "queries": queries,
        }


def _json(text: str | None) -> object:
    try:
        return orjson.loads(text or "null")
    except orjson.JSONDecodeError:
        return None


def _engine_of(query: dict[str, Any], source: object) -> str:
    from appliance.dashboards.datasources import Sources  # noqa: PLC0415 - first asked for late

    reference = query.get("datasource") or source
    return str(Sources().find(reference, query).engine.value)


def _text_of(query: dict[str, Any]) -> str:
    text = query.get("expr") or query.get("query")
    return text if isinstance(text, str) else ""


def _time_of(window: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(window[name])) for name in ("from", "to") if window.get(name)]
