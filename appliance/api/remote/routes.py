"""Prometheus' remote protocols as one set of routes: write, read, federation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.api.remote import federate
from appliance.api.remote import read as remote_read
from appliance.api.remote import write as remote_write
from appliance.api.remote.deps import REMOTE, RemoteDeps

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["REMOTE", "RemoteDeps", "routes"]


def routes() -> list[web.RouteDef]:
    """All paths; an application that has them needs `REMOTE`."""
    return [*remote_write.routes(), *remote_read.routes(), *federate.routes()]
