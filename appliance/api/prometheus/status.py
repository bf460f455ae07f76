"""Prometheus' HTTP API v1: status (Prometheus 3, "HTTP API")."""

from __future__ import annotations

import os
import re
import socket
import sys
import threading
from datetime import UTC, datetime, timedelta

from aiohttp import web

from appliance import __version__
from appliance.api.http import HTTP, tenant_of
from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.base.errors import BadInput
from appliance.base.tasks import offload
from appliance.wire.api_json import success

#: Clients look at it to see what the API can do: that of the Prometheus this follows, then ours.
VERSION = f"3.5.0+appliance.{__version__}"
#: What Prometheus gives as bounds of an empty head.
_NO_MIN_MS, _NO_MAX_MS = 2**63 - 1, -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def routes() -> list[web.RouteDef]:
    """The paths; all of them only answer GET."""
    handlers = {
        "/status/buildinfo": _build_info,
        "/status/runtimeinfo": _runtime_info,
        "/status/config": _config,
        "/status/flags": _flags,
        "/status/walreplay": _wal_replay,
        "/status/tsdb": _tsdb,
    }
    return [
        web.get("/api/v1" + path, handler, allow_head=False) for path, handler in handlers.items()
    ]


def print_time(time_ms: int) -> str:
    """A time as Go prints it in JSON; 0, which means never, is Go's zero time."""
    if time_ms == 0:
        return "0001-01-01T00:00:00Z"
    moment = _EPOCH + timedelta(milliseconds=time_ms)
    fraction = f".{time_ms % 1000:03d}".rstrip("0") if time_ms % 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


async def _build_info(_request: web.Request) -> web.Response:
    facts = {
        "version": VERSION,
        "revision": "",
        "branch": "",
        "buildUser": "",
        "buildDate": "",
        "goVersion": "",
    }
    return answer(success(facts))


async def _runtime_info(request: web.Request) -> web.Response:
    facts = request.app[PROMETHEUS].facts()
    found = {
        "startTime": print_time(facts.started_ms),
        "CWD": facts.directory,
        "hostname": socket.gethostname(),
        "serverTime": print_time(request.app[HTTP].clock.now_ms()),
        "reloadConfigSuccess": facts.reload_worked,
        "lastConfigTime": print_time(facts.reloaded_ms),
        "corruptionCount": 0,
        "goroutineCount": threading.active_count(),
        "GOMAXPROCS": os.cpu_count() or 1,
        "GOMEMLIMIT": sys.maxsize,
        "GOGC": "",
        "GODEBUG": "",
        "storageRetention": facts.retention,
    }
    return answer(success(found))


async def _config(request: web.Request) -> web.Response:
    return answer(success({"yaml": request.app[PROMETHEUS].config()}))


async def _flags(request: web.Request) -> web.Response:
    return answer(success(dict(request.app[PROMETHEUS].flags())))


async def _wal_replay(_request: web.Request) -> web.Response:
    return answer(success({"min": 0, "max": 0, "current": 0}))


async def _tsdb(request: web.Request) -> web.Response:
    text = request.query.get("limit", "") or "10"
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise BadInput("limit must be a positive number")
    tenant, tsdb = tenant_of(request), request.app[PROMETHEUS].tsdb
    found = await offload(tsdb.cardinality, tenant, int(text))
    head = {
        "numSeries": found.series,
        "numLabelPairs": found.label_pairs,
        "chunkCount": found.chunks,
        "minTime": _NO_MIN_MS if found.min_ms is None else found.min_ms,
        "maxTime": _NO_MAX_MS if found.max_ms is None else found.max_ms,
    }
    rankings = {
        "seriesCountByMetricName": found.series_by_name,
        "labelValueCountByLabelName": found.values_by_label,
        "memoryInBytesByLabelName": found.bytes_by_label,
        "seriesCountByLabelValuePair": found.series_by_pair,
    }
    shown = {
        key: [{"name": name, "value": value} for name, value in ranking]
        for key, ranking in rankings.items()
    }
    return answer(success({"headStats": head, **shown}))
