"""Stream labels that are structured metadata now, as JSON: on the pages' listener and on Loki's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.ingest.log_guard import Demotion


class Guard(Protocol):
    """Who knows (`ingest/log_guard.py`)."""

    def demotions(self) -> Sequence[Demotion]:
        """Labels that are demoted now, the newest last."""
        ...


GUARD: web.AppKey[Guard] = web.AppKey("log_guard")


def routes() -> list[web.RouteDef]:
    """The path."""
    return [web.get("/api/log-guard.json", _demotions)]


async def _demotions(request: web.Request) -> web.Response:
    rows = [
        {
            "tenant": demotion.tenant,
            "source": demotion.source,
            "label": demotion.label,
            "examples": demotion.examples,
            "values": demotion.values,
            "since_ms": demotion.since_ms,
        }
        for demotion in request.app[GUARD].demotions()
    ]
    body = orjson.dumps({"demoted": rows}, option=orjson.OPT_INDENT_2)
    return web.Response(body=body, content_type="application/json")
