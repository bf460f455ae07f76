"""The application of the pages' port: pages, their JSON twins, and the built front-end files.

Invariants: no page needs anything from elsewhere (Content-Security-Policy), and nothing in a page
is inline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from appliance import __version__
from appliance.api import admin
from appliance.api.errors import Kind, describe
from appliance.api.http import base_app
from appliance.api.lazy import lazily
from appliance.api.ui import firing, home_figures
from appliance.api.ui.rendering import PAGES, UI, UiDeps, page, wants_json
from appliance.api.ui.routes import data_routes, page_routes
from appliance.base.errors import ApplianceError
from appliance.base.tasks import offload
from appliance.ui.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.api.http import HttpDeps

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Sent with everything that this application answers.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
        " form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
__all__ = ["UI", "UiDeps", "make_app"]
_OURS: web.AppKey[frozenset[object]] = web.AppKey("ours")
_FOR_EVER = "public, max-age=31536000, immutable"


def make_app(http: HttpDeps, deps: UiDeps) -> web.Application:
    """The application of the `ui` listener; other contracts' routes can be added to it."""
    app = base_app("ui", http)
    app[UI] = deps
    firing.prepare(app)
    home_figures.prepare(app)
    app[PAGES] = Pages(deps.assets, __version__)
    app[admin.METRICS_PAGE] = lazily("ui.metrics:metrics")
    app.middlewares.append(_error_pages)
    app.on_response_prepare.append(_secure)
    pages = page_routes()
    app[_OURS] = frozenset(route.handler for route in pages)
    app.add_routes(pages)
    app.add_routes(data_routes())
    app.add_routes([web.get("/static/{name}", _static), web.get("/favicon.ico", _favicon)])
    return app


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
        found = request.match_info
        is_ours = found.http_exception is not None or found.handler in request.app[_OURS]
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
