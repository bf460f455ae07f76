"""The pages: server-rendered HTML, their JSON twins, and the built front-end files.

Every page is also to be had as JSON (`?format=json`, or its path with `.json`). Invariants: no page
needs anything from elsewhere (Content-Security-Policy), and nothing in a page is inline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from appliance import __version__
from appliance.api.errors import Kind, describe
from appliance.api.http import HTTP, base_app, tenant_of
from appliance.base.errors import ApplianceError, NotFound
from appliance.base.tasks import offload
from appliance.ui.assets import Assets
from appliance.ui.guides import as_json, demo_command, first_steps, guides
from appliance.ui.overview import read
from appliance.ui.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from appliance.api.http import HttpDeps
    from appliance.ui.overview import Endpoints, Overview, Snapshot

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Sent with everything that this application answers.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class UiDeps:
    """What the pages need.

    Attributes:
        overview: Figures and addresses.
        runbooks: Reads what to do about alerts: Markdown by name.
        assets: The built front end.
    """

    overview: Overview
    runbooks: Callable[[], Mapping[str, str]] = dict
    assets: Assets = field(default_factory=Assets)


UI = web.AppKey("ui", UiDeps)
PAGES = web.AppKey("pages", Pages)


def make_app(http: HttpDeps, deps: UiDeps) -> web.Application:
    """The application of the `ui` listener; other contracts' routes can be added to it."""
    app = base_app("ui", http)
    app[UI] = deps
    app[PAGES] = Pages(deps.assets, __version__)
    app.middlewares.append(_error_pages)
    app.on_response_prepare.append(_secure)
    app.add_routes(
        [
            web.get("/", _home),
            web.get("/.json", _home),
            web.get("/connect", _connect),
            web.get("/connect.json", _connect),
            web.get("/runbooks", _runbooks),
            web.get("/runbooks.json", _runbooks),
            web.get("/runbooks/{name}", _runbook),
            web.get("/api/ui/overview", _overview),
            web.get("/static/{name}", _static),
            web.get("/favicon.ico", _favicon),
        ]
    )
    return app


async def _home(request: web.Request) -> web.Response:
    snapshot = await _read(request)
    at = _endpoints(request)
    if _wants_json(request):
        return _json(snapshot.as_json() | {"endpoints": _as_json(at)})
    return await _page(
        request,
        "home.html",
        snapshot=snapshot.as_json(),
        tiles=snapshot.tiles,
        lines=snapshot.lines,
        traces=snapshot.traces,
        metrics=snapshot.metrics,
        now_ms=snapshot.now_ms,
        is_complete=snapshot.has_everything,
        seen={tile.name: tile.last_seen_ms is not None for tile in snapshot.tiles},
        steps=first_steps(at),
        demo=demo_command(at),
        endpoints=at,
    )


async def _connect(request: web.Request) -> web.Response:
    at = _endpoints(request)
    found = guides(at)
    if _wants_json(request):
        return _json({"endpoints": _as_json(at), "guides": [as_json(guide) for guide in found]})
    return await _page(request, "connect.html", endpoints=at, guides=found)


async def _runbooks(request: web.Request) -> web.Response:
    names = sorted(await offload(request.app[UI].runbooks))
    if _wants_json(request):
        return _json({"runbooks": names})
    return await _page(request, "runbooks.html", names=names)


async def _runbook(request: web.Request) -> web.Response:
    name = request.match_info["name"].removesuffix(".json")
    text = (await offload(request.app[UI].runbooks)).get(name)
    if text is None:
        raise NotFound(f"no runbook {name!r}; those of the packs in use are listed at /runbooks")
    if _wants_json(request):
        return _json({"name": name, "text": text})
    return await _page(request, "runbook.html", name=name, text=text)


async def _overview(request: web.Request) -> web.Response:
    return _json((await _read(request)).as_json())


async def _static(request: web.Request) -> web.Response:
    found = await offload(request.app[UI].assets.open, request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound
    body, kind, is_fixed = found
    caching = _FOR_EVER if is_fixed else "no-cache"
    return web.Response(body=body, headers={"Content-Type": kind, "Cache-Control": caching})


async def _favicon(request: web.Request) -> web.Response:
    """Browsers ask for it wherever a page names no icon."""
    url = request.app[UI].assets.url("favicon.svg")
    if url:
        return web.Response(status=302, headers={"Location": url})
    return web.Response(status=204)


async def _read(request: web.Request) -> Snapshot:
    return await read(
        request.app[UI].overview, tenant_of(request), request.app[HTTP].clock.now_ms()
    )


def _endpoints(request: web.Request) -> Endpoints:
    return request.app[UI].overview.endpoints().seen_from(request.url.host)


def _as_json(at: Endpoints) -> dict[str, Any]:
    return {"urls": dict(at.urls), "data_directory": at.data_directory}


def _wants_json(request: web.Request) -> bool:
    return request.path.endswith(".json") or request.query.get("format") == "json"


def _json(document: object) -> web.Response:
    return web.Response(
        body=orjson.dumps(document),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def _page(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    pages = request.app[PAGES]
    text = await offload(lambda: pages.render(template, request.path, **context))
    return web.Response(
        text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"}
    )


async def _secure(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)


_TITLES = {
    Kind.NO_SUCH_PATH: "There is no such page",
    Kind.WRONG_METHOD: "This page cannot be used that way",
    Kind.BAD_INPUT: "This request makes no sense",
    Kind.INTERNAL: "Something went wrong",
}


@web.middleware
async def _error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """People get a page where programs get JSON; other contracts' routes keep their own form."""
    try:
        return await handler(request)
    except (web.HTTPException, ApplianceError) as error:
        is_ours = (
            request.match_info.http_exception is not None or request.match_info.handler in _OURS
        )
        is_error = isinstance(error, ApplianceError) or error.status >= 400
        if not (is_ours and is_error and _is_read_by_people(request)):
            raise
        failure = describe(error, listener="ui")
        message = failure.message
        if failure.kind is Kind.NO_SUCH_PATH:
            message = f"Nothing is served at {request.path}."
        title = _TITLES.get(failure.kind, failure.kind.text.capitalize())
        return await _page(
            request,
            "error.html",
            status=failure.status,
            code=failure.status,
            title=title,
            message=message,
        )


def _is_read_by_people(request: web.Request) -> bool:
    accepted = request.headers.get("Accept", "")
    return "text/html" in accepted and not _wants_json(request)


_OURS = frozenset([_home, _connect, _runbooks, _runbook])
