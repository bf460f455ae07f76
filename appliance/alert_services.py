"""What stands in for Alertmanager: its configuration, the engine, who delivers, the record."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.alert_templates import expander, has_integrations, templates_of
from appliance.base.errors import ApplianceError, BadInput
from appliance.base.tasks import every
from appliance.config.problem import has_errors, render_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import aiohttp

    from appliance.alertmanager.config import AlertmanagerConfig
    from appliance.alertmanager.deps import AlertmanagerOptions, Notifier
    from appliance.alertmanager.route import Origin
    from appliance.alertmanager.service import Alertmanager
    from appliance.api.alertmanager.deps import AlertmanagerApiDeps
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.model.alert import AlertSink
    from appliance.notify.forwarding import Forwarding
    from appliance.notify.integration import Integration
    from appliance.notify.log import NotificationLog
    from appliance.notify.metrics import NotifyMetrics
    from appliance.notify.pipeline import Pipeline
    from appliance.oncall.service import Oncall
    from appliance.oncall_setup import OncallFile
    from appliance.rule_setup.couriers import OwnAlertmanager
    from appliance.settings.root import Settings
    from appliance.store.alerts.recorder import StoredRecorder
    from appliance.stores import Stores
    from appliance.supervisor import Component

_log = logging.getLogger(__name__)
#: The receiver where there is no file.
_NOBODY = "nobody"
_MS_NS = 1_000_000
#: How often the notification log is tidied up (`--data.maintenance-interval`).
_MAINTENANCE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class AlertmanagerFile:
    """`alertmanager.yml` as it was read.

    Attributes:
        directory: Of the file; names in it are relative to it.
        origin: Where a section was written; None without a file.
        oncall: `oncall.yml`, which names receivers of this one.
    """

    config: AlertmanagerConfig
    directory: Path
    origin: Origin | None
    oncall: OncallFile


class AlertServices:
    """Each part is made when first asked for.

    Args:
        urls: Addresses of the open listeners by name.
    """

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        clock: Clock,
        telemetry: Telemetry,
        *,
        urls: Callable[[], Mapping[str, str]],
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._urls = urls
        self._session: aiohttp.ClientSession | None = None
        self._pipeline: Pipeline | None = None
        self._oncall_file: OncallFile | None = None

    # -- the configuration

    def read(self, settings: Settings) -> AlertmanagerFile:
        """`alertmanager.yml` as it is now; without one, the routing of a pack, or one of our own.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        from appliance.alertmanager.config import AlertmanagerConfig  # noqa: PLC0415 - schemas
        from appliance.config.load import load_file  # noqa: PLC0415
        from appliance.oncall_setup import read_oncall  # noqa: PLC0415

        path = settings.alertmanager.config or self._pack_routing(settings)
        if path is None:
            config = _usual()
            oncall = read_oncall(settings.oncall, settings.variables, config)
            return AlertmanagerFile(config, Path(), None, oncall)
        decoded = load_file(AlertmanagerConfig, path, settings.variables)
        if decoded.value is None or has_errors(decoded.problems):
            raise BadInput(render_errors(decoded.problems))
        for problem in decoded.problems:
            _log.warning("%s", problem.render())
        oncall = read_oncall(settings.oncall, settings.variables, decoded.value)
        return AlertmanagerFile(decoded.value, path.parent, decoded.origin, oncall)

    def _pack_routing(self, settings: Settings) -> Path | None:
        """The routing of the first pack that has one and whose variables are set."""
        if not settings.packs:
            return None
        from appliance.packs.load import load_packs  # noqa: PLC0415 - only where packs are named

        base = settings.file.parent if settings.file else Path()
        for pack in load_packs(settings.packs, settings.variables, directory=base):
            if pack.routing is not None and not pack.missing:
                return pack.routing
            if pack.missing:
                names = ", ".join(pack.missing)
                _log.warning("pack %s: its routing is not used: set %s", pack.name, names)
        return None

    def components(self) -> list[Component]:
        """What runs, in the order in which it starts."""
        found: list[Component] = [self.alertmanager, self.oncall]
        return [*found, self.forwarding] if self.forwarding is not None else found

    async def keep_log(self) -> None:
        """Tidy up the notification log now and then, until cancelled."""
        await every(self._clock, _MAINTENANCE_SECONDS, self.log.maintain)

    async def close(self) -> None:
        """Write what is left, and let go of connections."""
        await self.recorder.stop()
        if self._session is not None:
            await self._session.close()

    async def apply(self, settings: Settings, file: AlertmanagerFile) -> None:
        """Use another configuration.

        Raises:
            BadInput: Its template files have errors; nothing has been changed.
        """
        oncall, self._oncall_file = self._oncall_file, file.oncall
        try:
            await self.alertmanager.apply(file.config, file.directory, origin=file.origin)
        except ApplianceError:
            self._oncall_file = oncall
            raise
        self._settings = settings
        await self.oncall.apply(file.oncall.config, file.oncall.directory)

    # -- parts

    @cached_property
    def recorder(self) -> StoredRecorder:
        """Takes what happens to alerts."""
        from appliance.store.alerts.recorder import StoredRecorder  # noqa: PLC0415 - with the store

        return StoredRecorder(self._stores.alerts, self._telemetry)

    @cached_property
    def log(self) -> NotificationLog:
        """What every integration was told last."""
        from appliance.notify.log import NotificationLog  # noqa: PLC0415 - with the engine

        retention_ns = int(self._settings.alertmanager.data_retention) * _MS_NS
        return NotificationLog(
            self._stores.alerts, self._clock, self._telemetry, retention_ns=retention_ns
        )

    @cached_property
    def _metrics(self) -> NotifyMetrics:
        from appliance.notify.metrics import NotifyMetrics  # noqa: PLC0415 - with the engine

        return NotifyMetrics(self._telemetry)

    @cached_property
    def alertmanager(self) -> Alertmanager:
        """The engine.

        Raises:
            BadInput: The configuration has errors; the text has all of them.
        """
        from appliance.alertmanager.deps import AlertmanagerDeps  # noqa: PLC0415
        from appliance.alertmanager.service import Alertmanager  # noqa: PLC0415

        file = self.read(self._settings)
        self._oncall_file = file.oncall
        deps = AlertmanagerDeps(
            clock=self._clock,
            telemetry=self._telemetry,
            store=self._stores.alerts,
            pipeline=self._make_pipeline,
            recorder=self.recorder,
            external_url=self._external_url(),
            expand=expander,
            options=self._options(),
        )
        return Alertmanager(deps, file.config, file.directory, origin=file.origin)

    def _options(self) -> AlertmanagerOptions:
        from appliance.alertmanager.deps import AlertmanagerOptions  # noqa: PLC0415

        given = self._settings.alertmanager
        return AlertmanagerOptions(
            retention_seconds=int(given.data_retention) / 1000,
            gc_seconds=int(given.alerts_gc_interval) / 1000,
            per_alertname_limit=int(given.per_alertname_limit),
            max_alerts=int(given.max_alerts),
            max_silences=int(given.max_silences),
            max_silence_bytes=int(given.max_silence_size),
            send_resolved_when_silenced=given.send_resolved_when_silenced,
        )

    def _external_url(self) -> str:
        url = self._settings.external_url or self._urls().get("alertmanager", "")
        return str(url).rstrip("/")

    def _make_pipeline(self, config: AlertmanagerConfig, directory: Path) -> Notifier:
        """Who delivers under a configuration; its template files are read now.

        Raises:
            BadInput: A template file has errors.
        """
        from appliance.notify.pipeline import Pipeline  # noqa: PLC0415
        from appliance.oncall.repeats import QuietRepeats  # noqa: PLC0415
        from appliance.oncall_setup import with_own_receivers  # noqa: PLC0415

        if self._oncall_file is not None:
            config = with_own_receivers(config, self._oncall_file.config)
        receivers: Mapping[str, Sequence[Integration]] = {one.name: () for one in config.receivers}
        if config.templates or any(has_integrations(one) for one in config.receivers):
            receivers = self._build(config, directory)
        self._pipeline = Pipeline(
            receivers,
            self.log,
            recorder=self.recorder,
            clock=self._clock,
            metrics=self._metrics,
            external_url=self._external_url(),
            links=lambda flush: self.oncall.message_links(flush),  # noqa: PLW0108 - made later
        )
        is_quiet = lambda flush: self.oncall.is_quiet(flush)  # noqa: E731, PLW0108 - made later
        return QuietRepeats(self._pipeline, is_quiet)

    def _build(
        self, config: AlertmanagerConfig, directory: Path
    ) -> dict[str, Sequence[Integration]]:
        from appliance.notify.build import build  # noqa: PLC0415 - only where somebody is notified
        from appliance.notify.resolve import resolved_receiver  # noqa: PLC0415

        templates = templates_of(config, directory)
        return {
            receiver.name: build(
                resolved_receiver(receiver, config.global_config),
                session=self._http_session,
                templates=templates,
                clock=self._clock,
                directory=directory,
            )
            for receiver in config.receivers
        }

    def _http_session(self) -> aiohttp.ClientSession:
        """What notifications go through."""
        if self._session is None or self._session.closed:
            from appliance.notify.build import open_session  # noqa: PLC0415 - the HTTP library

            self._session = open_session()
        return self._session

    def own(self) -> OwnAlertmanager:
        """The engine as rules send to it."""
        from appliance.rule_setup.couriers import OwnAlertmanager  # noqa: PLC0415 - aiohttp client

        return OwnAlertmanager(self.sink, lambda: self._urls().get("alertmanager"))

    @cached_property
    def forwarding(self) -> Forwarding | None:
        """Passes everything on, where `forward_to` names others."""
        urls = [str(url) for url in self._settings.alertmanager.forward_to]
        if not urls:
            return None
        from appliance.notify.forwarding import Forwarding  # noqa: PLC0415 - aiohttp client

        return Forwarding(self.alertmanager, urls, self._clock, self._telemetry)

    @property
    def sink(self) -> AlertSink:
        """Where alerts go that come in."""
        return self.forwarding or self.alertmanager

    @property
    def api(self) -> AlertmanagerApiDeps:
        """What the API needs."""
        from appliance.api.alertmanager.deps import AlertmanagerApiDeps  # noqa: PLC0415

        return AlertmanagerApiDeps(
            alertmanager=self.alertmanager,
            record=self._stores.alerts,
            flush_record=self.recorder.flush,
            pipeline=self._current_pipeline,
            ui_url=lambda: self._urls().get("ui", ""),
            sink=self.sink,
            oncall=lambda: self.oncall,
        )

    @cached_property
    def oncall(self) -> Oncall:
        """Acknowledgements, rotas, escalations, heartbeats."""
        from appliance.oncall.deps import OncallDeps  # noqa: PLC0415 - with the engine
        from appliance.oncall.service import Oncall  # noqa: PLC0415

        alertmanager = self.alertmanager
        assert self._oncall_file is not None  # noqa: S101 - it was read with the routing
        deps = OncallDeps(
            clock=self._clock,
            telemetry=self._telemetry,
            store=self._stores.alerts,
            recorder=self.recorder,
            alertmanager=alertmanager,
            notify=lambda flush: self._current_pipeline().notify(flush),
            session=self._http_session,
            key_file=self._stores.path / "ack.key",
            external_url=self._external_url,
        )
        return Oncall(deps, self._oncall_file.config, self._oncall_file.directory)

    def _current_pipeline(self) -> Pipeline:
        assert self._pipeline is not None  # noqa: S101 - the engine has made it
        return self._pipeline


class AlertKeeper:
    """What has to be there before the engine, and to end after it; a component."""

    name = "alert record"

    def __init__(self, services: AlertServices) -> None:
        self._services = services

    async def start(self) -> None:
        """Know what was delivered."""
        await self._services.log.load()

    async def run(self) -> None:
        """Tidy up the notification log now and then, until cancelled."""
        await self._services.keep_log()

    async def stop(self) -> None:
        """Write what is left."""
        await self._services.close()


def _usual() -> AlertmanagerConfig:
    """Without a file alerts are grouped and shown, and nobody is notified."""
    from appliance.alertmanager.config import AlertmanagerConfig, RouteConfig  # noqa: PLC0415
    from appliance.notify.receiver import Receiver  # noqa: PLC0415

    return AlertmanagerConfig(
        route=RouteConfig(receiver=_NOBODY, group_by=("alertname",)),
        receivers=(Receiver(name=_NOBODY),),
    )
