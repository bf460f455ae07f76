"""What the Alertmanager is made with, and what it asks of the store and of who delivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.alert import Alert
    from appliance.model.alert_event import Recorder
    from appliance.model.silence import Silence
    from appliance.notify.message import Flush, Message

    #: Fills in a route's labels for a message: templates by name -> texts by name.
    LabelExpander = Callable[[Mapping[str, str], Message], Mapping[str, str]]


class AlertStorage(Protocol):
    """Keeps alerts and silences; any thread may call, futures end when it is durable."""

    def load_alerts(self) -> list[Alert]:
        """All alerts."""
        ...

    def put_alerts(self, alerts: Sequence[Alert]) -> Future[None]:
        """Set alerts by their fingerprints."""
        ...

    def delete_alerts(self, fingerprints: Sequence[str]) -> Future[None]:
        """Forget alerts."""
        ...

    def load_silences(self) -> list[Silence]:
        """All silences."""
        ...

    def put_silences(self, silences: Sequence[Silence]) -> Future[None]:
        """Set silences by their ids."""
        ...

    def delete_silences(self, ids: Sequence[str]) -> Future[None]:
        """Forget silences."""
        ...


class Notifier(Protocol):
    """Delivers what groups have to tell."""

    async def notify(self, flush: Flush) -> bool:
        """Tell every integration of the receiver what is new to it.

        Returns:
            Whether all are up to date, so that resolved alerts may be forgotten.
        """
        ...


@dataclass(frozen=True, slots=True)
class AlertmanagerOptions:
    """What the original has flags for, and options of ours; times in seconds.

    Attributes:
        retention_seconds: How long expired silences are kept.
        gc_seconds: How often resolved alerts are forgotten.
        maintenance_seconds: How often silences are.
        per_alertname_limit: Alerts of one name; 0 is no limit.
        max_alerts: All alerts.
        max_groups: 0 is no limit.
        max_silences, max_silence_bytes: 0 is no limit.
        send_resolved_when_silenced: Tell that an alert is over, if it was told of, though it is
            silenced by now.
        look_seconds: How often alerts are looked at that are newly held back or released.
        flushes_per_receiver: How many groups of a receiver are delivered at the same time.
    """

    retention_seconds: float = 120 * 3600
    gc_seconds: float = 1800
    maintenance_seconds: float = 900
    per_alertname_limit: int = 0
    max_alerts: int = 200_000
    max_groups: int = 0
    max_silences: int = 0
    max_silence_bytes: int = 0
    send_resolved_when_silenced: bool = False
    look_seconds: float = 15.0
    flushes_per_receiver: int = 100


@dataclass(frozen=True, slots=True)
class AlertmanagerDeps:
    """What the Alertmanager is made with.

    Attributes:
        pipeline: Makes what delivers, from a configuration and the directory of its file.
        expand: Makes what fills in the labels of routes; asked only when one is a template.
    """

    clock: Clock
    telemetry: Telemetry
    store: AlertStorage
    pipeline: Callable[[AlertmanagerConfig, Path], Notifier]
    recorder: Recorder
    external_url: str = ""
    expand: Callable[[AlertmanagerConfig, Path], LabelExpander] | None = None
    options: AlertmanagerOptions = AlertmanagerOptions()
