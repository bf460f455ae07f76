"""Answers of the pages: a template as HTML, the same as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from appliance.base.tasks import offload
from appliance.ui.assets import Assets
from appliance.ui.pages import Pages, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from appliance.dashboards.library.library import DashboardLibrary
    from appliance.ui.overview import Endpoints, Overview


def _no_dashboards() -> DashboardLibrary:
    """A library without places."""
    from appliance.base.clock import SystemClock  # noqa: PLC0415 - only where there are none
    from appliance.dashboards.library.library import DashboardLibrary  # noqa: PLC0415
    from appliance.dashboards.library.places import Places  # noqa: PLC0415

    return DashboardLibrary(Places, SystemClock())


@dataclass(frozen=True, slots=True)
class UiDeps:
    """What the pages need.

    Attributes:
        overview: Figures and addresses.
        runbooks: Reads what to do about alerts: Markdown by name.
        assets: The built front end.
        dashboards: The dashboards there are; the first call imports what reads them.
    """

    overview: Overview
    runbooks: Callable[[], Mapping[str, str]] = dict
    assets: Assets = field(default_factory=Assets)
    dashboards: Callable[[], DashboardLibrary] = _no_dashboards


UI = web.AppKey("ui", UiDeps)
PAGES = web.AppKey("pages", Pages)


def endpoints_of(request: web.Request) -> Endpoints:
    """Addresses of this process as the client of a request reaches it."""
    return request.app[UI].overview.endpoints().seen_from(request.url.host)


def wants_json(request: web.Request) -> bool:
    """Whether a page is asked for as JSON."""
    return request.path.endswith(".json") or request.query.get("format") == "json"


def variable(request: web.Request, name: str) -> str:
    """A variable of a page's path, without the `.json` that asks for its twin."""
    return request.match_info[name].removesuffix(".json")


def json_answer(document: object) -> web.Response:
    """A page's data."""
    return web.Response(
        body=encoded(document),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def page(
    request: web.Request, template: str, *, status: int = 200, **context: Any
) -> web.Response:
    """A page; see `Pages.render`."""
    pages = request.app[PAGES]
    text = await offload(lambda: pages.render(template, request.path, **context))
    return web.Response(
        body=text.encode(errors="replace"),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )
