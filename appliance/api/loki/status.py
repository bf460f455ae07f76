"""Loki's HTTP API: what runs and how (Loki 3, "Status endpoints")."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import orjson
import yaml
from aiohttp import web

from appliance import __version__
from appliance.api.http import HTTP, require_control
from appliance.api.loki.answer import answer
from appliance.api.loki.deps import LOKI, PREFIX, tenant_of
from appliance.api.request import parameters_of
from appliance.base.tasks import offload
from appliance.lines.level_line import FIELDS
from appliance.wire.loki_labels import SERVICE_LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Clients look at it to see what the API can do: that of the Loki this follows, then ours.
VERSION = f"3.7.4+appliance.{__version__}"
_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
_MODULES = (
    "server",
    "store",
    "ingester",
    "distributor",
    "querier",
    "query-frontend",
    "ruler",
    "compactor",
)


def routes() -> list[web.RouteDef]:
    """Paths under Loki's own prefix."""
    return [
        web.get(PREFIX + "/status/buildinfo", _build_info),
        web.get(PREFIX + "/drilldown-limits", _drilldown_limits),
    ]


def server_routes() -> list[web.RouteDef]:
    """Paths that tell of the whole server, on Loki's own port only."""
    return [
        web.get("/services", _services),
        web.get("/config", _config),
        web.get("/config/tenant/v1/limits", _tenant_limits),
        web.get("/ring", _ring),
        web.get("/memberlist", _memberlist),
        web.get("/flush", _flush),
        web.post("/flush", _flush),
        web.get("/log_level", _log_level),
        web.post("/log_level", _set_log_level),
    ]


async def _build_info(_request: web.Request) -> web.Response:
    facts = {
        "version": VERSION,
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }
    return answer(orjson.dumps(facts))


async def _drilldown_limits(request: web.Request) -> web.Response:
    """What Grafana's Logs Drilldown asks first: which of its views have something to show."""
    document = {
        "limits": _limits(request),
        "pattern_ingester_enabled": True,
        "version": VERSION,
    }
    return answer(orjson.dumps(document) + b"\n")


async def _tenant_limits(request: web.Request) -> web.Response:
    return web.Response(text=yaml.safe_dump(_limits(request)))


def _limits(request: web.Request) -> dict[str, object]:
    limits = request.app[HTTP].query_limits
    return {
        **request.app[LOKI].limits(tenant_of(request)),
        "discover_log_levels": True,
        "discover_service_name": list(SERVICE_LABELS),
        "log_level_fields": list(FIELDS),
        "max_entries_limit_per_query": limits.max_log_entries,
        "max_line_size_truncate": False,
        "max_query_bytes_read": f"{limits.max_bytes}B",
        "max_query_length": "0s",
        "max_query_lookback": "0s",
        "max_query_range": "0s",
        "max_query_series": limits.max_log_series,
        "metric_aggregation_enabled": False,
        "pattern_persistence_enabled": False,
        "query_timeout": f"{limits.timeout_seconds:g}s",
        "volume_enabled": True,
        "volume_max_series": 1000,
    }


async def _services(_request: web.Request) -> web.Response:
    return web.Response(text="".join(f"{name} => Running\n" for name in _MODULES))


async def _config(request: web.Request) -> web.Response:
    return web.Response(text=request.app[LOKI].config())


async def _ring(request: web.Request) -> web.Response:
    """One instance that has everything."""
    clock = request.app[HTTP].clock
    shard = {
        "id": socket.gethostname(),
        "state": "ACTIVE",
        "address": request.host,
        "timestamp": _go_time(clock.now_ms()),
        "registered_timestamp": _go_time(request.app[HTTP].started_ms),
        "zone": "",
        "tokens": [0],
    }
    return answer(orjson.dumps({"shards": [shard], "now": _go_time(clock.now_ms())}))


async def _memberlist(_request: web.Request) -> web.Response:
    return web.Response(text="This instance doesn't use memberlist.\n")


async def _flush(request: web.Request) -> web.Response:
    """Seal everything, so that figures of sealed chunks are current."""
    require_control(request)
    await offload(request.app[LOKI].flush)
    return web.Response(status=204)


async def _log_level(_request: web.Request) -> web.Response:
    level = logging.getLogger().level
    shown = next((name for name, number in _LEVELS.items() if number >= level), "error")
    return _json(200, {"message": f"Current log level is {shown}"})


async def _set_log_level(request: web.Request) -> web.Response:
    require_control(request)
    name = (await parameters_of(request)).get("log_level", "")
    if name not in _LEVELS:
        message = f'unrecognized log level "{name}"; use {", ".join(_LEVELS)}'
        return _json(400, {"status": "failed", "message": message})
    logging.getLogger().setLevel(_LEVELS[name])
    return _json(200, {"status": "success", "message": f"Log level set to {name}"})


def _json(status: int, document: Mapping[str, str]) -> web.Response:
    body = orjson.dumps(document) + b"\n"
    return web.Response(body=body, status=status, content_type="application/json")


def _go_time(time_ms: int) -> str:
    from appliance.api.prometheus.status import print_time  # noqa: PLC0415 - seldom

    return print_time(time_ms)
