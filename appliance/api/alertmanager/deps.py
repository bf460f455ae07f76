"""What Alertmanager's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from aiohttp import web

from appliance.base.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from appliance.alertmanager.explain.explainer import Explainer
    from appliance.alertmanager.service import Alertmanager
    from appliance.backtest.service import Backtester
    from appliance.model.alert import AlertSink
    from appliance.notify.pipeline import Pipeline
    from appliance.oncall.service import Oncall
    from appliance.store.alerts.store import AlertStore


def _not_here() -> NoReturn:
    raise Unavailable("this server has been started without that part")


@dataclass(frozen=True, slots=True)
class AlertmanagerApiDeps:
    """What the API needs.

    Attributes:
        record: The flight record; what is read of it is read in a worker thread.
        flush_record: Returns when all that has happened is in the record.
        pipeline: The one in use.
        ui_url: Address of the pages.
        sink: Where alerts go that come in; None for straight to the engine.
        explainer: Tells why somebody was told of an alert, or was not.
        backtester: Tells when rules would have fired.
        oncall: Acknowledgements, rotas, escalations, heartbeats.
    """

    alertmanager: Alertmanager
    record: AlertStore
    flush_record: Callable[[], Awaitable[None]]
    pipeline: Callable[[], Pipeline]
    ui_url: Callable[[], str]
    sink: AlertSink | None = None
    explainer: Callable[[], Explainer] = _not_here
    backtester: Callable[[], Backtester] = _not_here
    oncall: Callable[[], Oncall] = _not_here


ALERTMANAGER = web.AppKey("alertmanager", AlertmanagerApiDeps)
