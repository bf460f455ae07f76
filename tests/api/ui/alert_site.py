"""The pages of alerts over a real engine, for their tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

from appliance.alertmanager.explain.explainer import ExplainDeps, Explainer
from appliance.api.alertmanager.deps import ALERTMANAGER, LoadedRules
from appliance.api.alertmanager.routes import routes
from appliance.api.ui.app import UiDeps, make_app
from appliance.model.alert import Alert, fingerprint_of
from appliance.model.labels import Labels
from appliance.oncall.config import OncallConfig
from appliance.oncall.deps import OncallDeps
from appliance.oncall.service import Oncall
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups
from tests.api.alertmanager_app import HOUR_NS, Api, alertmanager_api
from tests.api.serving import Answer, Client, http_deps, serving
from tests.api.ui.test_app import HTML
from tests.ui.html_page import Page
from tests.ui.memory import MemoryOverview

RULES = """\
groups:
- name: shop
  rules:
  - {alert: High, expr: latency > 0.5, labels: {severity: critical}}
  - {record: "job:x", expr: sum(x)}
  - {alert: Broken, expr: up == 0}
"""


HOSTILE = "<script>alert(1)</script>\"'&"


FORM = {"m": '{alertname="Down"}', "duration": "2h", "by": "ann", "comment": "upgrade <b>"}


@dataclass
class Site:
    """The pages over a real engine."""

    client: Client
    api: Api

    async def page(self, path: str, status: int = 200) -> str:
        """The text of a page that is sound."""
        answer = await self.client.get(path, headers=dict(HTML))
        assert answer.status == status, answer.text
        page = Page(answer.text)
        assert {"header", "nav", "main", "footer", "h1"} <= set(page.tags)
        assert page.tags.count("h1") == 1
        assert page.inline == []
        return answer.text

    async def fire(self, annotations: dict[str, str] | None = None, **labels: str) -> str:
        """An alert that has begun; its fingerprint."""
        now_ns = self.api.clock.now_ns()
        found = Alert(
            Labels.of(labels),
            annotations or {},
            now_ns - 60 * 10**9,
            now_ns + HOUR_NS,
            now_ns,
            "http://prometheus.test/graph?g0.expr=up",
        )
        await self.api.alertmanager.put([found])
        return fingerprint_of(found.labels)

    async def submit(
        self, path: str, fields: dict[str, str], *, token: str = "secret", origin: str = ""
    ) -> Answer:
        """Send a form as a browser does."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": origin or self.client.base,
            "Authorization": f"Bearer {token}",
            **HTML,
        }
        body = urlencode(fields)
        return await self.client.post(path, data=body, headers=headers, allow_redirects=False)


@asynccontextmanager
async def alert_site(tmp_path: Path) -> AsyncIterator[Site]:
    """The pages of alerts over an engine with rules and on-call duty."""
    async with alertmanager_api(tmp_path) as api:
        explainer = Explainer(
            ExplainDeps(
                api.alertmanager,
                api.clock,
                _NothingTold(),
                api.deps.record,
                addressees=lambda _: (),
                flush_record=api.recorder.flush,
            )
        )
        app = make_app(http_deps(clock=api.clock, token="secret"), UiDeps(MemoryOverview()))
        groups = {"promql": rule_groups(tmp_path)}
        oncall = await oncall_over(api, tmp_path)
        app[ALERTMANAGER] = replace(
            api.deps,
            explainer=lambda: explainer,
            oncall=lambda: oncall,
            rules=LoadedRules(lambda: groups),
        )
        app.add_routes(routes())
        async with serving(app) as client:
            yield Site(client, api)
        await oncall.stop()


def rule_groups(directory: Path) -> list[GroupState]:
    """An alert that fires, a recording rule, and one that is broken."""
    file = directory / "shop.yml"
    file.write_text(RULES)
    groups, _ = load_groups([file], interval_ms=15_000, offset_ms=0, features=frozenset())
    high, _, broken = groups[0].rules
    labels = Labels.of({"alertname": "High", "severity": "critical", "job": "api"})
    assert high.alerts is not None
    high.alerts.update({labels: (0.75, {})}, 1000)
    broken.health, broken.last_error = "err", "unexpected end of input"
    return groups


async def oncall_over(api: Api, directory: Path) -> Oncall:
    """On-call duty over an engine; nobody is paged."""

    async def notify(_flush: object) -> bool:
        return True

    def session() -> NoReturn:
        raise AssertionError("nothing is sent")

    deps = OncallDeps(
        clock=api.clock,
        telemetry=api.telemetry,
        store=api.deps.record,
        recorder=api.recorder,
        alertmanager=api.alertmanager,
        notify=notify,
        session=session,
        key_file=directory / "ack.key",
        external_url=lambda: "http://am.test",
    )
    oncall = Oncall(deps, OncallConfig(), directory)
    await oncall.start()
    return oncall


class _NothingTold:
    """A notification log without entries."""

    def get(self, _key: object) -> None:
        return None
