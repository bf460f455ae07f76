"""What is being tailed, as JSON: on the pages' listener and on Loki's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import orjson
from aiohttp import web

if TYPE_CHECKING:
    from appliance.ingest.tail.status import SourceStatus, TailStatus


class Tailing(Protocol):
    """Who knows (`ingest/tail/service.py`)."""

    def status(self) -> TailStatus:
        """What is going on now."""
        ...


TAILING: web.AppKey[Tailing] = web.AppKey("tailing")


def routes() -> list[web.RouteDef]:
    """The path."""
    return [web.get("/api/tail.json", _tail)]


async def _tail(request: web.Request) -> web.Response:
    status = request.app[TAILING].status()
    body = orjson.dumps(as_json(status), option=orjson.OPT_INDENT_2)
    return web.Response(body=body, content_type="application/json")


def as_json(status: TailStatus) -> dict[str, Any]:
    """The answer's content."""
    return {
        "config": status.config,
        "sources": [_source(source) for source in status.sources],
        "dropped": [
            {
                "job": target.job,
                "discovered_labels": dict(target.discovered),
                "reason": target.reason,
            }
            for target in status.dropped
        ],
        "clients": [
            {"url": client.url, "own": client.is_own, "error": client.error}
            for client in status.clients
        ],
        "errors": list(status.errors),
    }


def _source(source: SourceStatus) -> dict[str, Any]:
    return {
        "job": source.job,
        "type": source.kind.value,
        "name": source.name,
        "labels": dict(source.labels),
        "position": source.position,
        "size_bytes": source.size_bytes,
        "lag_bytes": source.lag_bytes,
        "lines": source.lines,
        "last_read_ms": source.last_read_ms,
        "error": source.error,
    }
