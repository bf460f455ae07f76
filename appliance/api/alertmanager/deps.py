"""What Alertmanager's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from aiohttp import web

from appliance.base.errors import Unavailable
from appliance.model.alert import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from appliance.alertmanager.explain.explainer import Explainer
    from appliance.alertmanager.service import Alertmanager
    from appliance.backtest.service import Backtester
    from appliance.model.alert import AlertSink
    from appliance.model.labels import Labels
    from appliance.notify.pipeline import Pipeline
    from appliance.oncall.service import Oncall
    from appliance.rules.group_state import GroupState
    from appliance.store.alerts.store import AlertStore


def _not_here() -> NoReturn:
    raise Unavailable("this server has been started without that part")


def _as_they_are(labels: Labels) -> tuple[Labels | None, str]:
    return labels, fingerprint_of(labels)


@dataclass(frozen=True, slots=True)
class LoadedRules:
    """The rules of this server.

    Attributes:
        groups: By language (`promql`, `logql`, `traceql`).
        own_labels: Labels of a rule's alert and their fingerprint as our Alertmanager sees them;
            no labels where relabelling drops it.
    """

    groups: Callable[[], Mapping[str, Sequence[GroupState]]] = dict
    own_labels: Callable[[Labels], tuple[Labels | None, str]] = _as_they_are


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
        rules: What makes alerts here.
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
    rules: LoadedRules = field(default_factory=LoadedRules)


ALERTMANAGER = web.AppKey("alertmanager", AlertmanagerApiDeps)
