"""What the pages about the server itself are given to work with."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from appliance.api.http import require_control, sender_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.ingest.pushgateway.gateway import PushGateway
    from appliance.ui.system.config import Configuration
    from appliance.ui.system.status import StatusPage
    from appliance.ui.system.storage import Storage
    from appliance.ui.system.tail import Tailing
    from appliance.ui.system.targets import Scraping

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SystemDeps:
    """What the pages need.

    Attributes:
        pushgateway: Raises Unavailable when its listener is not open.
        status_services: What the status page lists; empty for all.
        services: Names of services that sent traces to a tenant; a plain call that may take long.
        status: The last status page and when it was made, in monotonic seconds.
    """

    scraping: Scraping
    tailing: Tailing
    pushgateway: Callable[[], PushGateway]
    storage: Storage
    configuration: Configuration
    status_services: Callable[[], Sequence[str]]
    services: Callable[[str], Sequence[str]]
    status: list[tuple[float, StatusPage]] = field(default_factory=list)


SYSTEM = web.AppKey("system", SystemDeps)


def begin_change(request: web.Request, what: str) -> None:
    """Let only those change something who may, and take down who did.

    Raises:
        web.HTTPUnauthorized: The token is missing or wrong.
        web.HTTPForbidden: A browser was led here by another site.
    """
    require_control(request)
    _log.info("%s: by %s", what, sender_of(request))
