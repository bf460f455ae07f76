"""Handlers that are imported at their first request, so that a start does not wait for them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from appliance.base.tasks import offload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def lazily(path: str) -> Handler:
    """The handler that `module:function` names; the module is one of `appliance.api`."""
    module, _, name = path.partition(":")

    handler: Handler | None = None

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal handler
        if handler is None:  # an import takes up to some hundred milliseconds
            found = await offload(import_module, f"appliance.api.{module}")
            handler = cast("Handler", getattr(found, name))
        return await handler(request)

    return handle
