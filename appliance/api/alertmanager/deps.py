"""What Alertmanager's API is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from appliance.alertmanager.service import Alertmanager
    from appliance.model.alert_event import AlertEvent, EventKind
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.notify.pipeline import Pipeline


class AlertRecord(Protocol):
    """The flight record; methods may take long: call them in a worker thread."""

    def events(  # noqa: PLR0913 - keywords only, each a filter
        self,
        *,
        fingerprints: Sequence[str] = (),
        group_key: str = "",
        receiver: str = "",
        kinds: Sequence[EventKind] = (),
        start_ns: int = 0,
        end_ns: int = 0,
        after_id: int = 0,
        limit: int = 1000,
        newest_first: bool = False,
    ) -> list[AlertEvent]:
        """Events that all filters let through; an end of 0 is none."""
        ...

    def event(self, event_id: int) -> AlertEvent | None:
        """One of them."""
        ...

    def known_labels(self, fingerprints: Sequence[str]) -> Mapping[str, Labels]:
        """Labels of alerts, also of those that are long over."""
        ...

    def find_labels(self, matchers: Sequence[Matcher]) -> Mapping[str, Labels]:
        """Alerts by fingerprint, also those that are long over."""
        ...


@dataclass(frozen=True, slots=True)
class AlertmanagerApiDeps:
    """What the API needs.

    Attributes:
        flush_record: Returns when all that has happened is in the record.
        pipeline: The one in use.
        ui_url: Address of the pages, without a slash at the end.
    """

    alertmanager: Alertmanager
    record: AlertRecord
    flush_record: Callable[[], Awaitable[None]]
    pipeline: Callable[[], Pipeline]
    ui_url: Callable[[], str]


ALERTMANAGER = web.AppKey("alertmanager", AlertmanagerApiDeps)
