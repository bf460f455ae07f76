"""What on-call duty is made with, and what it asks of the store and of who delivers."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from appliance.base.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    import aiohttp

    from appliance.alertmanager.service import Alertmanager
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.alert_event import Recorder
    from appliance.notify.message import Flush

_log = logging.getLogger(__name__)


class DocumentStorage(Protocol):
    """Keeps small JSON objects; any thread may call, futures end when it is durable."""

    def documents(self, kind: str) -> dict[str, dict[str, Any]]:
        """All objects of a kind by name."""
        ...

    def put_document(self, kind: str, name: str, document: Mapping[str, Any]) -> Future[None]:
        """Set an object."""
        ...

    def delete_document(self, kind: str, name: str) -> Future[None]:
        """Forget an object."""
        ...


@dataclass(frozen=True, slots=True)
class OncallDeps:
    """What on-call duty is made with.

    Attributes:
        notify: Delivers a page; True when all integrations of its receiver were told.
        session: What HTTP requests go through.
        key_file: Where the key is that signs links.
        external_url: How people reach the server.
    """

    clock: Clock
    telemetry: Telemetry
    store: DocumentStorage
    recorder: Recorder
    alertmanager: Alertmanager
    notify: Callable[[Flush], Awaitable[bool]]
    session: Callable[[], aiohttp.ClientSession]
    key_file: Path
    external_url: Callable[[], str]


async def stored(write: Callable[[], Future[None]], what: str) -> bool:
    """Wait until something is durable; if it cannot be, that is logged, and work goes on."""
    try:
        await asyncio.wrap_future(write())
    except ApplianceError as error:
        _log.error("%s cannot be stored, a restart will not know it: %s", what, error)
        return False
    return True
