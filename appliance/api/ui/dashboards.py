"""Dashboards as data: the list, one of them in the form browsers draw, and its original.

`GET /api/dashboards/uid/UID` answers as Grafana's HTTP API does; its search is at
`/api/ui/dashboards`, because `/api/search` is Tempo's.

Invariant: only those may put and delete who may change what is there (`require_control`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from appliance.api.http import require_control, sender_of
from appliance.api.request import body_of
from appliance.api.ui.rendering import UI, json_answer
from appliance.base.errors import BadInput
from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.dashboards.library.entries import Entry, Whole
    from appliance.dashboards.library.library import DashboardLibrary, Listing

_log = logging.getLogger(__name__)


def library_of(request: web.Request) -> DashboardLibrary:
    """The dashboards of this server; the first call imports what reads them."""
    return request.app[UI].dashboards()


async def dashboards(request: web.Request) -> web.Response:
    """`GET /api/ui/dashboards?query=&tag=&folder=`: those whose title has all words of `query`."""
    listing = await offload(lambda: library_of(request).listing())
    return json_answer(listing_json(listing, request.query))


async def dashboard(request: web.Request) -> web.Response:
    """`GET /api/ui/dashboards/UID`: everything that is needed to draw it.

    Raises:
        NotFound: There is none.
    """
    uid = request.match_info["uid"]
    return json_answer(await offload(lambda: answer_json(library_of(request).get(uid))))


async def original(request: web.Request) -> web.Response:
    """`GET /api/ui/dashboards/UID/json`: the file as it is.

    Raises:
        NotFound: There is none.
    """
    uid = request.match_info["uid"]
    whole = await offload(lambda: library_of(request).get(uid))
    headers = {
        "Content-Disposition": f'attachment; filename="{whole.dashboard.uid}.json"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=whole.data, content_type="application/json", headers=headers)


async def by_uid(request: web.Request) -> web.Response:
    """`GET /api/dashboards/uid/UID`, as Grafana answers it.

    Raises:
        NotFound: There is none.
    """
    uid = request.match_info["uid"]
    return json_answer(await offload(lambda: _grafana_json(library_of(request).get(uid))))


async def put(request: web.Request) -> web.Response:
    """`POST /api/ui/dashboards?overwrite=`: keep a dashboard; the body is Grafana's JSON.

    Raises:
        BadInput: It is none.
        Conflict: Another has its uid.
    """
    require_control(request)
    data = await body_of(request)
    if not data:
        raise BadInput("the body is empty; send a dashboard's JSON, as Grafana exports it")
    overwrite = request.query.get("overwrite") in {"true", "1", "yes"}
    entry = await offload(lambda: library_of(request).put(data, overwrite=overwrite))
    _log.info("dashboard %s was put here by %s", entry.uid, sender_of(request))
    return json_answer(entry.as_json())


async def delete(request: web.Request) -> web.Response:
    """`DELETE /api/ui/dashboards/UID`: one that was put here.

    Raises:
        NotFound: There is none.
        Conflict: It comes from elsewhere.
    """
    require_control(request)
    uid = request.match_info["uid"]
    await offload(lambda: library_of(request).remove(uid))
    _log.info("dashboard %s was deleted by %s", uid, sender_of(request))
    return web.Response(status=204)


def chosen(listing: Listing, query: Mapping[str, str]) -> list[Entry]:
    """Entries of a list that a search asks for."""
    words = query.get("query", "").lower().split()
    tag, folder = query.get("tag", ""), query.get("folder", "")
    return [
        entry
        for entry in listing.entries
        if all(word in f"{entry.title} {entry.uid}".lower() for word in words)
        and (not tag or tag in entry.tags)
        and (not folder or folder == entry.folder)
    ]


def listing_json(listing: Listing, query: Mapping[str, str]) -> dict[str, Any]:
    """A list for browsers."""
    return {
        "dashboards": [entry.as_json() for entry in chosen(listing, query)],
        "broken": [problem.as_json() for problem in listing.problems],
    }


def answer_json(whole: Whole) -> dict[str, Any]:
    """A dashboard for browsers."""
    from appliance.dashboards.model import document  # noqa: PLC0415 - first asked for late

    return {
        "dashboard": document(whole.dashboard),
        "problems": [document(finding) for finding in whole.findings],
        "folder": whole.entry.folder,
        "file": whole.entry.file,
        "removable": whole.entry.removable,
    }


def _grafana_json(whole: Whole) -> dict[str, Any]:
    from appliance.dashboards.reading.envelope import open_envelope  # noqa: PLC0415

    entry = whole.entry
    meta = {
        "type": "db",
        "slug": entry.uid,
        "url": f"/d/{entry.uid}",
        "folderTitle": entry.folder or "General",
        "provisioned": not entry.removable,
        "provisionedExternalId": "" if entry.removable else entry.file,
        "canEdit": False,
        "canSave": False,
    }
    inner = open_envelope(orjson.loads(whole.data.removeprefix(b"\xef\xbb\xbf"))).json
    return {"meta": meta, "dashboard": {**inner, "uid": entry.uid, "title": entry.title}}
