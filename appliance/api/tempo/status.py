"""Tempo's HTTP API: what runs and how (Tempo 3, "Status")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import yaml
from aiohttp import web

from appliance import __version__
from appliance.api.tempo.deps import TEMPO
from appliance.base.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Clients look at it to see what the API can do: that of the Tempo this follows, then ours.
VERSION = f"3.0.2+appliance.{__version__}"
#: Tempo's parts that have somebody who does their work here.
_MODULES = (
    "distributor",
    "live-store",
    "overrides",
    "querier",
    "query-frontend",
    "receiver",
    "server",
    "store",
)


def routes() -> list[web.RouteDef]:
    """Paths under Tempo's own prefix."""
    return [
        web.get("/api/echo", _echo),
        web.get("/api/status/buildinfo", _build_info),
    ]


def server_routes() -> list[web.RouteDef]:
    """Paths that tell of the whole server, on Tempo's own port only."""
    return [web.get("/status", _status), web.get("/status/{endpoint:.+}", _status)]


async def _echo(_request: web.Request) -> web.Response:
    return web.Response(text="echo")


async def _build_info(_request: web.Request) -> web.Response:
    names = ("revision", "branch", "buildUser", "buildDate", "goVersion")
    facts = {"version": VERSION} | dict.fromkeys(names, "")
    return web.Response(body=orjson.dumps(facts), content_type="application/json")


async def _status(request: web.Request) -> web.Response:
    """One page, or all of them."""
    wanted = request.match_info.get("endpoint", "")
    if wanted and wanted not in _PAGES:
        raise NotFound(f"there is no status of {wanted!r}; there are {', '.join(_PAGES)}")
    names = [wanted] if wanted else list(_PAGES)
    return web.Response(
        text="".join(f"GET /status/{name}\n{_PAGES[name](request)}" for name in names)
    )


def _version(_request: web.Request) -> str:
    return f"tempo, version {VERSION}\nappliance, version {__version__}\n"


def _services(_request: web.Request) -> str:
    rows = [(name, "Running", "") for name in _MODULES]
    return _table([("SERVICE NAME", "STATUS", "FAILURE CASE"), *rows])


def _endpoints(request: web.Request) -> str:
    found = {
        (route.resource.canonical, route.method)
        for route in request.app.router.routes()
        if route.resource is not None
    }
    return _table([("NAME", "METHOD"), *sorted(found)])


def _config(request: web.Request) -> str:
    settings = dict(request.app[TEMPO].settings())
    return "---\n" + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)


def _no_overrides(_request: web.Request) -> str:
    return "overrides: {}\n"


_PAGES: dict[str, Callable[[web.Request], str]] = {
    "version": _version,
    "services": _services,
    "endpoints": _endpoints,
    "runtime_config": _no_overrides,
    "overrides": _no_overrides,
    "config": _config,
}


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns between lines, the first row as head."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    line = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
    shown = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |\n"
        for row in rows
    ]
    return line + shown[0] + line + "".join(shown[1:]) + line
