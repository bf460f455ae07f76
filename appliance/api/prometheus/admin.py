"""Prometheus' HTTP API v1: snapshots and deletion (Prometheus 3, "TSDB Admin APIs")."""

from __future__ import annotations

import logging
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api import params
from appliance.api.http import HTTP, require_control, tenant_of
from appliance.api.prometheus.answer import answer
from appliance.api.prometheus.deps import PROMETHEUS
from appliance.api.prometheus.labels import matchers_of, window_of
from appliance.api.request import parameters_of
from appliance.base.errors import BadInput, Unavailable
from appliance.base.tasks import offload
from appliance.wire.api_json import success

if TYPE_CHECKING:
    from appliance.api.http import Handler

_log = logging.getLogger(__name__)
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}


def routes() -> list[web.RouteDef]:
    """The paths; POST and PUT do the same."""
    handlers: dict[str, Handler] = {
        "delete_series": _delete_series,
        "clean_tombstones": _clean_tombstones,
        "snapshot": _snapshot,
    }
    return [
        web.route(method, f"/api/v1/admin/tsdb/{name}", handler)
        for name, handler in handlers.items()
        for method in ("POST", "PUT")
    ]


def _admit(request: web.Request) -> None:
    """Let only those pass who may change the server.

    Raises:
        Unavailable: It is switched off.
        web.HTTPException: No token, or a browser was led here by another site.
    """
    if not request.app[PROMETHEUS].admin_api:
        raise Unavailable("admin APIs disabled")
    require_control(request)


async def _delete_series(request: web.Request) -> web.Response:
    _admit(request)
    given = await parameters_of(request)
    if not given.getall("match[]", []):
        raise BadInput("no match[] parameter provided")
    start, end = window_of(given)
    matchers = matchers_of(given)
    tenant = tenant_of(request)
    deleted = await offload(request.app[PROMETHEUS].tsdb.delete, tenant, matchers, start, end)
    _log.info("deleted %d samples of tenant %s", deleted, tenant)
    return web.Response(status=204)


async def _clean_tombstones(request: web.Request) -> web.Response:
    """Nothing is left to do: deletion rewrites blocks at once."""
    _admit(request)
    return web.Response(status=204)


async def _snapshot(request: web.Request) -> web.Response:
    _admit(request)
    given = await parameters_of(request)
    text = given.get("skip_head", "")
    if text and text not in _TRUE | _FALSE:
        reason = f'unable to parse boolean: strconv.ParseBool: parsing "{text}": invalid syntax'
        raise params.invalid("skip_head", reason)
    now = datetime.fromtimestamp(request.app[HTTP].clock.now_ms() // 1000, UTC)
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
    await offload(request.app[PROMETHEUS].snapshot, name)
    return answer(success({"name": name}))
