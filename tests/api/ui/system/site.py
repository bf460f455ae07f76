"""The pages about the server itself, over real parts where they are small."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from appliance.api.admin import AdminDeps
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.ui.app import UiDeps, make_app
from appliance.api.ui.system.deps import SYSTEM, SystemDeps
from appliance.base.clock import ManualClock
from appliance.base.errors import BadInput, Unavailable
from appliance.base.notifications import Notifications
from appliance.base.telemetry import Telemetry
from appliance.config.problem import Problem
from appliance.ingest.pushgateway.gateway import PushGateway
from appliance.ingest.tail.manager import TailSetup
from appliance.ingest.tail.status import TailStatus
from appliance.model.labels import Labels
from appliance.settings.root import Settings, load
from appliance.store.retention import Pruned, PrunePass
from appliance.store.usage import StreamUsage, Usage
from appliance.system_facts.configuration import ConfigFacts
from appliance.system_facts.reloads import Reloads
from appliance.ui.system.storage import Look
from tests.api.alertmanager_app import Api, alertmanager_api
from tests.api.serving import Answer, Client, http_deps, serving
from tests.api.test_pushgateway import gateway_of
from tests.api.ui.test_app import HTML
from tests.ingest.test_metrics import Appender
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview
from tests.ui.system.test_targets import Scraping

DAY_MS = 86_400_000
#: The manual clock's.
NOW_MS = ManualClock().now_ms()


@dataclass
class Tailing:
    """Nothing is tailed, unless something is set."""

    found: TailStatus = field(default_factory=lambda: TailStatus("", (), (), (), ()))
    given: TailSetup | None = None

    def status(self) -> TailStatus:
        return self.found

    def setup(self) -> TailSetup | None:
        return self.given


@dataclass
class Files:
    """Implements `ui.system.storage.Storage`."""

    pruned: int = 0

    def look(self) -> Look:
        stream = StreamUsage("acme", Labels.of({"app": "shop"}), 70, 4096)
        usage = Usage(
            file_bytes=4 << 20,
            live_bytes=4 << 20,
            blocks=9,
            items=900,
            oldest_ms=NOW_MS - 4 * DAY_MS,
            newest_ms=NOW_MS,
            by_tenant={"anonymous": 3 << 20, "acme": 1 << 20},
            by_day={NOW_MS // DAY_MS - day: 1 << 20 for day in range(4)},
            streams=(stream,),
        )
        names = ("metrics", "logs", "traces", "alerts")
        return Look(
            at_ms=0,
            directory="/var/lib/appliance",
            is_ephemeral=False,
            usages=dict.fromkeys(names, usage),
            ages_ms=dict.fromkeys(names, 7 * DAY_MS),
            bounds={**dict.fromkeys(names), "logs": 5 << 20},
            special=[("tenant acme", "logs", DAY_MS)],
            passes={"logs": PrunePass(NOW_MS - 1_000, 0.2, Pruned())},
            effective={"logs": PrunePass(NOW_MS - DAY_MS, 0.2, Pruned(2, 5, 4096))},
            leftovers=[("logs.db.damaged-1", 4096)],
            total_bytes=1 << 30,
            disk_bytes=1 << 40,
            disk_free_bytes=1 << 39,
            damaged=["logs.db is damaged (truncated); set aside as logs.db.damaged-1"],
            metric_series=[("up", 3)],
        )

    async def prune(self) -> Mapping[str, PrunePass]:
        self.pruned += 1
        return {"logs": PrunePass(0, 0.1, Pruned(3, 9, 100))}


@dataclass
class Site:
    """What a test looks at.

    Attributes:
        reload: What the next reloads fail with; empty: they work.
    """

    client: Client
    api: Api
    files: Files
    tailing: Tailing
    gateway: PushGateway
    scraping: Scraping
    directory: Path
    reload: list[str] = field(default_factory=list)

    async def page(self, path: str, status: int = 200) -> str:
        """The text of a page that is sound, and without a character of Jinja's."""
        answer = await self.client.get(path, headers=dict(HTML))
        assert answer.status == status, answer.text
        page = Page(answer.text)
        assert {"header", "main", "footer", "h1"} <= set(page.tags)
        assert page.tags.count("h1") == 1
        assert page.inline == []
        return answer.text

    async def json(self, path: str) -> Any:
        answer = await self.client.get(path)
        assert answer.status == 200, answer.text
        return answer.json

    async def submit(
        self, path: str, fields: dict[str, str], *, token: str = "secret", origin: str = ""
    ) -> Answer:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": origin or self.client.base,
            "Authorization": f"Bearer {token}",
            **HTML,
        }
        body = urlencode(fields)
        return await self.client.post(path, data=body, headers=headers, allow_redirects=False)


@asynccontextmanager
async def system_site(folder: Path, **changes: Any) -> AsyncIterator[Site]:
    """The pages; `changes` are of the deps of HTTP."""
    store, gateway = gateway_of(folder, Appender())
    telemetry = Telemetry()
    errors: list[str] = []
    async with alertmanager_api(folder) as api:
        reloads = Reloads(api.clock, telemetry, Notifications(api.clock))

        async def reload() -> None:
            reloads.begin()
            if errors:
                reloads.fail(errors[0])
                raise BadInput(errors[0])
            reloads.succeed()

        admin = AdminDeps(telemetry, lambda: True, list, reload, lambda: None)
        http = http_deps(**{"token": "secret", "admin": admin, "clock": api.clock, **changes})
        site = Site(None, api, Files(), Tailing(), gateway, Scraping(), folder)  # type: ignore[arg-type]  # set below
        site.reload = errors
        app = make_app(http, UiDeps(MemoryOverview()))
        app[ALERTMANAGER] = replace(api.deps, oncall=_no_duty)
        app[SYSTEM] = SystemDeps(
            scraping=site.scraping,
            tailing=site.tailing,
            pushgateway=lambda: gateway,
            storage=site.files,
            configuration=_configuration(folder, reloads),
            status_services=tuple,
            services=lambda _: ["checkout"],
        )
        try:
            async with serving(app) as client:
                site.client = client
                yield site
        finally:
            store.close()


def _no_duty() -> Any:
    raise Unavailable("no on-call duty here")


def _configuration(folder: Path, reloads: Reloads) -> ConfigFacts:
    def reread() -> tuple[Settings, list[Problem]]:
        return load(None, flags={}, environ={}, directory=folder)

    settings, _ = reread()
    return ConfigFacts(
        lambda: settings,
        reread,
        lambda files: [Problem(str(file), 1, 1, "", "odd", "odd") for file in files[:1]],
        at_start=settings,
        reloads=reloads,
        started_ms=0,
        clock=ManualClock(),
    )
