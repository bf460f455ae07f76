"""What Alertmanager's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.alertmanager.service import Alertmanager
    from appliance.notify.pipeline import Pipeline
    from appliance.store.alerts.store import AlertStore


@dataclass(frozen=True, slots=True)
class AlertmanagerApiDeps:
    """What the API needs.

    Attributes:
        record: The flight record; what is read of it is read in a worker thread.
        flush_record: Returns when all that has happened is in the record.
        pipeline: The one in use.
        ui_url: Address of the pages.
    """

    alertmanager: Alertmanager
    record: AlertStore
    flush_record: Callable[[], Awaitable[None]]
    pipeline: Callable[[], Pipeline]
    ui_url: Callable[[], str]


ALERTMANAGER = web.AppKey("alertmanager", AlertmanagerApiDeps)
