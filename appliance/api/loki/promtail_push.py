"""The listener of a `loki_push_api` job (promtail, configuration, loki_push_api)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.errors import loki_push
from appliance.api.http import base_app, make_runner, require_token, valid_tenant, with_contract
from appliance.api.loki.push import origins_in, streams_of
from appliance.api.ports import PortBusy, open_socket
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.base.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.api.http import HttpDeps
    from appliance.ingest.tail.push import PushTaker

TAKER: web.AppKey[PushTaker] = web.AppKey("push_taker")
_NAME = "loki_push_api"
_TENANT = "X-Scope-OrgID"


def make_app(http: HttpDeps, taker: PushTaker) -> web.Application:
    """The application of one such listener."""
    app = base_app(_NAME, http, contract=loki_push)
    app[TAKER] = taker
    found = [
        web.post("/loki/api/v1/push", _push),
        web.post("/api/prom/push", _push),
        web.post("/promtail/api/v1/raw", _raw),
    ]
    app.add_routes(with_contract(loki_push, found))
    return app


async def _push(request: web.Request) -> web.Response:
    with sending(request, "logs", _NAME) as sent:
        streams = await streams_of(request)
        given = request.headers.get(_TENANT, "")
        await request.app[TAKER].take_streams(streams, valid_tenant(given) if given else "")
        sent.stored(sum(len(one.lines) for one in streams), origins=origins_in(streams))
    return web.Response(status=204)


async def _raw(request: web.Request) -> web.Response:
    with sending(request, "logs", _NAME) as sent:
        require_token(request)
        try:
            body = await body_of(request)
        except web.HTTPUnsupportedMediaType as error:
            raise BadInput(error.text or error.reason) from error
        await request.app[TAKER].take_lines(body)
        sent.stored(len(body.splitlines()))
    return web.Response(status=204)


async def listen(
    http: HttpDeps, host: str, port: int, taker: PushTaker
) -> tuple[int, Callable[[], Awaitable[None]]]:
    """Open a listener; the result are its port and what closes it.

    Args:
        http: Its `is_open` is that of this address.

    Raises:
        Unavailable: The address is taken, or not ours.
    """
    try:
        opened = open_socket(_NAME, host or "0.0.0.0", port)  # noqa: S104 - as configured
    except PortBusy as error:
        message = f"cannot listen at {host}:{port} for {_NAME}: the address is taken or not ours"
        raise Unavailable(message) from error
    try:
        runner = make_runner(make_app(http, taker))
        await runner.setup()
        await web.SockSite(runner, opened).start()
    except BaseException:
        with contextlib.suppress(OSError):
            opened.close()
        raise
    return opened.getsockname()[1], runner.cleanup
