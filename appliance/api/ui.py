"""The pages: server-rendered HTML, their JSON twins, and the built front-end files.

Every page is also to be had as JSON (`?format=json`, or its path with `.json`). Invariants: no page
needs anything from elsewhere (Content-Security-Policy), and nothing in a page is inline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance import __version__
from appliance.api.errors import Kind, describe
from appliance.api.http import HTTP, base_app, tenant_of
from appliance.api.lazy import lazily
from appliance.api.rendering import (
    PAGES,
    UI,
    UiDeps,
    endpoints_of,
    json_answer,
    page,
    wants_json,
)
from appliance.base.errors import ApplianceError, NotFound
from appliance.base.tasks import offload
from appliance.ui.guides import as_json, demo_command, first_steps, guides
from appliance.ui.markdown import to_html
from appliance.ui.overview import read
from appliance.ui.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.api.http import HttpDeps
    from appliance.ui.overview import Endpoints, Snapshot

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
__all__ = ["UI", "UiDeps", "make_app"]
_FOR_EVER = "public, max-age=31536000, immutable"


#: Pages about alerts: method, path, handler.
_ALERTS = tuple(
    (method, path, lazily(handler))
    for method, path, handler in (
        ("GET", "/alerts", "alert_pages:alerts"),
        ("GET", "/alerts.json", "alert_pages:alerts"),
        ("GET", "/alerts/{fingerprint}", "alert_pages:alert"),
        ("GET", "/silences", "silence_pages:silences"),
        ("GET", "/silences.json", "silence_pages:silences"),
        ("GET", "/silences/new", "silence_pages:new"),
        ("GET", "/silences/new.json", "silence_pages:new"),
        ("POST", "/silences/new", "silence_pages:create"),
        ("GET", "/silences/{id}", "silence_pages:silence"),
        ("GET", "/silences/{id}/edit", "silence_pages:silence"),
        ("POST", "/silences/{id}", "silence_pages:expire"),
    )
)


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
    app.add_routes([web.route(method, path, handler) for method, path, handler in _ALERTS])
    return app


async def _home(request: web.Request) -> web.Response:
    snapshot = await _read(request)
    at = endpoints_of(request)
    if wants_json(request):
        return json_answer(snapshot.as_json() | {"endpoints": _as_json(at)})
    return await page(
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
    at = endpoints_of(request)
    found = guides(at)
    if wants_json(request):
        return json_answer(
            {"endpoints": _as_json(at), "guides": [as_json(guide) for guide in found]}
        )
    return await page(request, "connect.html", endpoints=at, guides=found)


async def _runbooks(request: web.Request) -> web.Response:
    names = sorted(await offload(request.app[UI].runbooks))
    if wants_json(request):
        return json_answer({"runbooks": names})
    return await page(request, "runbooks.html", names=names)


async def _runbook(request: web.Request) -> web.Response:
    name = request.match_info["name"].removesuffix(".json")
    text = (await offload(request.app[UI].runbooks)).get(name)
    if text is None:
        raise NotFound(f"no runbook {name!r}; those of the packs in use are listed at /runbooks")
    if wants_json(request):
        return json_answer({"name": name, "text": text})
    return await page(request, "runbook.html", name=name, html=await offload(to_html, text))


async def _overview(request: web.Request) -> web.Response:
    return json_answer((await _read(request)).as_json())


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


def _as_json(at: Endpoints) -> dict[str, Any]:
    return {"urls": dict(at.urls), "data_directory": at.data_directory}


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
        answer = await page(
            request,
            "error.html",
            status=failure.status,
            code=failure.status,
            title=title,
            message=message,
        )
        answer.headers.update(failure.headers)  # such as what makes a browser ask for the token
        return answer


def _is_read_by_people(request: web.Request) -> bool:
    accepted = request.headers.get("Accept", "")
    return "text/html" in accepted and not wants_json(request)


_OURS = frozenset([_home, _connect, _runbooks, _runbook, *(one[2] for one in _ALERTS)])
