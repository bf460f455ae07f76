"""What stands in for promtail: its configuration, the tailing it asks for, its listeners."""

from __future__ import annotations

import dataclasses
import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from appliance.addresses import host_for, is_loopback
from appliance.api.http import DEFAULT_TENANT
from appliance.base.errors import BadInput
from appliance.config.problem import has_errors, render_errors

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from appliance.api.http import HttpDeps
    from appliance.base.clock import Clock
    from appliance.base.telemetry import Telemetry
    from appliance.ingest.log_deletion import LogDeleter
    from appliance.ingest.logs import LogDoor
    from appliance.ingest.tail.entry import EntryPipeline
    from appliance.ingest.tail.manager import TailManager, TailSetup
    from appliance.ingest.tail.push import PushTaker
    from appliance.ingest.tail.service import TailService
    from appliance.ingest.tail.stage_config import Stage
    from appliance.ingest.tail.stages.context import StageContext
    from appliance.rule_setup.files import RuleFaults
    from appliance.rule_setup.managers import RuleParts
    from appliance.rules.log_queries import LogQueries
    from appliance.rules.log_rules import LogRules
    from appliance.settings.root import Settings
    from appliance.stores import Stores

_log = logging.getLogger(__name__)
#: Listeners that take pushes.
_LISTENERS = ("loki", "ui")


class LogServices:
    """Each part is made when first asked for.

    Args:
        door: Where entries enter the store.
        rules: What rules over logs share with the others, and who shows what is wrong with them.
        http: What listeners need.
        urls: Addresses of the open listeners by name.
    """

    def __init__(
        self,
        stores: Stores,
        settings: Settings,
        clock: Clock,
        telemetry: Telemetry,
        *,
        door: Callable[[], LogDoor],
        rules: Callable[[], tuple[RuleParts, RuleFaults]],
        http: Callable[[], HttpDeps],
        urls: Callable[[], Mapping[str, str]],
    ) -> None:
        self._stores = stores
        self._settings = settings
        self._clock = clock
        self._telemetry = telemetry
        self._door = door
        self._rules = rules
        self._http = http
        self._urls = urls

    @cached_property
    def tail(self) -> TailService:
        """Tailing, as promtail's configuration asks for it.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        from appliance.ingest.tail.service import TailService  # noqa: PLC0415

        return TailService(self._read_promtail(self._settings), self._make_tail)

    def _make_tail(self, setup: TailSetup) -> TailManager:
        from appliance.ingest.tail.manager import (  # noqa: PLC0415 - aiohttp client
            TailDeps,
            TailManager,
        )

        deps = TailDeps(
            door=self._door(),
            appender=self._stores.logs,
            keeper=self._stores.logs,
            make_pipeline=self._make_pipeline,
            own_ports=self._own_ports,
            tenant=DEFAULT_TENANT,
            open_push=self._open_push,
            host_for=lambda host, owner: host_for(self._settings, host, owner=owner),
        )
        return TailManager(setup, deps, self._clock, self._telemetry)

    @cached_property
    def deleter(self) -> LogDeleter:
        """Deletion of entries on request."""
        from appliance.ingest.log_deletion import LogDeleter  # noqa: PLC0415 - numpy

        return LogDeleter(self._stores.logs)

    @cached_property
    def rules(self) -> LogRules:
        """Rules over logs; nothing is evaluated before `LogRules.load`."""
        from appliance.rule_setup.managers import log_rules  # noqa: PLC0415 - numpy

        parts, faults = self._rules()
        return log_rules(
            parts,
            self._queries,
            folder=self._stores.path / "loki-rules",
            show=partial(faults.show, "logs"),
        )

    def _queries(self) -> LogQueries:
        from appliance.rules.log_queries import LogQueries  # noqa: PLC0415 - LogQL

        limits = self._settings.limits.query.limits
        return LogQueries(self._stores.logs.source, self._clock, limits, DEFAULT_TENANT)

    async def apply(self, settings: Settings, tailed: TailSetup | None) -> None:
        """Use another configuration."""
        self._settings = settings
        await self.tail.apply(tailed)
        await self.rules.load()

    def read(self, settings: Settings) -> TailSetup | None:
        """The file of promtail as it is now; None when there is none.

        Raises:
            BadInput: The file has errors, or one of rules over logs; the text has all of them.
        """
        from appliance.rule_setup.files import log_groups, refuse_errors  # noqa: PLC0415 - numpy

        refuse_errors(log_groups(settings)[1])  # told before anything is changed
        return self._read_promtail(settings)

    def _read_promtail(self, settings: Settings) -> TailSetup | None:
        """The file of promtail; None when there is none.

        Raises:
            BadInput: The file has errors; the text has all of them.
        """
        path = settings.promtail.config
        return None if path is None else self._read_tailed(path, settings)

    def _read_tailed(self, path: Path, settings: Settings) -> TailSetup:
        from appliance.config.http_client import rebased  # noqa: PLC0415 - yaml
        from appliance.config.load import load_file  # noqa: PLC0415
        from appliance.ingest.tail.config import PromtailConfig  # noqa: PLC0415
        from appliance.ingest.tail.manager import TailSetup  # noqa: PLC0415 - aiohttp client

        decoded = load_file(PromtailConfig, path, settings.variables)
        if decoded.value is None or has_errors(decoded.problems):
            raise BadInput(render_errors(decoded.problems))
        for problem in decoded.problems:
            _log.warning("%s", problem.render())
        setup = TailSetup(rebased(decoded.value, path.parent), path)
        self._try(setup)
        return setup

    def _try(self, setup: TailSetup) -> None:
        """Refuse what cannot work before anything is changed."""
        from appliance.ingest.tail.positions import read_positions  # noqa: PLC0415 - yaml

        read_positions(setup.config.positions)
        for job in setup.config.scrape_configs:
            self._make_pipeline(job.pipeline_stages, job.job_name)

    def _make_pipeline(self, stages: tuple[Stage, ...], job: str) -> EntryPipeline | None:
        from appliance.ingest.tail.stages.pipeline import Pipeline  # noqa: PLC0415 - re2, jmespath

        return Pipeline(stages, job, context=self._stage_context) if stages else None

    @cached_property
    def _stage_context(self) -> StageContext:
        from appliance.ingest.tail.stages.context import StageContext  # noqa: PLC0415
        from appliance.ingest.tail.stages.metrics import PipelineMetrics  # noqa: PLC0415

        metrics = PipelineMetrics(self._telemetry, self._clock)
        return StageContext(clock=self._clock, metrics=metrics)

    def _own_ports(self) -> frozenset[int]:
        urls = self._urls()
        ports = [urlsplit(urls[name]).port for name in _LISTENERS if name in urls]
        return frozenset(port for port in ports if port is not None)

    async def _open_push(
        self, host: str, port: int, taker: PushTaker
    ) -> tuple[int, Callable[[], Awaitable[None]]]:
        from appliance.api.loki.promtail_push import listen  # noqa: PLC0415 - rarely configured

        http = dataclasses.replace(self._http(), is_open=is_loopback(host))
        return await listen(http, host, port, taker)
