from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from appliance.alertmanager.explain.explainer import ExplainDeps, Explainer
from appliance.api.alertmanager.deps import ALERTMANAGER
from appliance.api.alertmanager.routes import routes
from appliance.api.ui.app import UiDeps, make_app
from appliance.model.alert import Alert, fingerprint_of
from appliance.model.labels import Labels
from tests.api.alertmanager_app import HOUR_NS, Api, alertmanager_api
from tests.api.serving import Answer, Client, http_deps, serving
from tests.api.ui.test_app import ELSEWHERE, HTML, Page
from tests.ui.memory import MemoryOverview

HOSTILE = "<script>alert(1)</script>\"'&"


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


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
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
        app[ALERTMANAGER] = replace(api.deps, explainer=lambda: explainer)
        app.add_routes(routes())
        async with serving(app) as client:
            yield Site(client, api)


class _NothingTold:
    """A notification log without entries."""

    def get(self, _key: object) -> None:
        return None


FORM = {"m": '{alertname="Down"}', "duration": "2h", "by": "ann", "comment": "upgrade <b>"}


async def test_empty_pages_say_what_fills_them(site: Site) -> None:
    assert "appliance alerts add Trial" in await site.page("/alerts")
    assert "appliance silence add" in await site.page("/silences")
    assert "Write matchers above" in await site.page("/silences/new")
    assert "packs: [immoflow]" in await site.page("/runbooks")


async def test_an_alert_is_shown_with_all_its_ways_out(site: Site) -> None:
    notes = {"summary": "No answer", "runbook_url": "https://books.test/Down"}
    fingerprint = await site.fire(notes, alertname="Down", severity="critical", team="a")
    text = await site.page("/alerts")
    for part in ("Down", "critical", "No answer", "1 m ago", "Receivers: pager, team-a"):
        assert part in text, part
    links = Page(text).links
    matchers = quote('{alertname="Down",severity="critical",team="a"}')
    assert {
        "https://books.test/Down",
        "http://prometheus.test/graph?g0.expr=up",
        f"/alerts/{fingerprint}",
        f"/silences/new?m={matchers}",
    } <= set(links)
    for link in links:
        if link.startswith("/") and link not in ELSEWHERE[1:]:
            assert (await site.client.get(link)).status == 200, link


async def test_the_worst_comes_first_and_matchers_narrow(site: Site) -> None:
    await site.fire(alertname="Slow", severity="warning")
    await site.fire(alertname="Down", severity="critical")
    text = await site.page("/alerts")
    assert text.index(">Down<") < text.index(">Slow<")
    for query in ("m=alertname%3DSlow", "m=" + quote('{alertname="Slow"}'), "receiver=default"):
        found = (await site.client.get(f"/alerts.json?{query}")).json
        assert [one["name"] for one in found["alerts"]] == ["Slow"], query
        assert found["total"] == 2
    assert "Show all 2" in await site.page("/alerts?m=alertname%3DNone")
    assert "write m=alertname" in await site.page("/alerts?m=%7Ba", 400)


async def test_what_senders_write_does_no_harm(site: Site) -> None:
    notes = {"summary": HOSTILE, "runbook_url": "javascript:alert(1)"}
    fingerprint = await site.fire(notes, alertname=HOSTILE, severity=HOSTILE, x=HOSTILE)
    silence = quote(f"x={HOSTILE[:8]}")
    for path in ("/alerts", f"/alerts/{fingerprint}", f"/silences/new?m={silence}"):
        text = await site.page(path)
        assert "<script>alert" not in text
        assert not [link for link in Page(text).links if link.startswith("javascript:")]


async def test_an_alert_is_explained(site: Site) -> None:
    fingerprint = await site.fire(alertname="Down", severity="critical")
    text = await site.page(f"/alerts/{fingerprint}")
    assert "received" in text
    assert f"appliance alerts explain {fingerprint}" in text
    found = (await site.client.get(f"/alerts/{fingerprint}.json")).json
    assert found["explanation"]["fingerprint"] == fingerprint
    assert [line["text"] for line in found["explanation"]["lines"]]
    assert "received" in {event["kind"] for event in found["events"]}


@pytest.mark.parametrize("fingerprint", ["0123456789abcdef", "nonsense"])
async def test_an_unknown_alert_says_what_to_do(site: Site, fingerprint: str) -> None:
    text = await site.page(f"/alerts/{fingerprint}", 404)
    assert "appliance alerts explain NAME" in text
    assert fingerprint in text


async def test_what_holds_an_alert_back_is_linked(site: Site) -> None:
    await site.fire(alertname="Down", node="1")
    answer = await site.submit("/silences/new", FORM)
    assert answer.status == 303
    source = await site.fire(alertname="NodeDown", node="1")
    await site.fire(alertname="ServiceDown", node="1")
    await site.fire(alertname="Muted", severity="critical")
    text = await site.page("/alerts")
    assert answer.headers["Location"] in Page(text).links
    assert f'Inhibited by <a href="/alerts/{source}">' in text
    assert "Muted by always" in text


async def test_a_silence_is_made_shown_and_ended(site: Site) -> None:
    await site.fire(alertname="Down")
    text = await site.page("/silences/new?m=" + quote(FORM["m"]))
    assert "matches 1 alert now" in text
    assert "appliance silence add &#39;alertname=&#34;Down&#34;&#39;" in text
    assert "amtool silence add" in text
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    text = await site.page(at)
    assert "upgrade &lt;b&gt;" in text
    assert "Alerts that match: 1" in text
    assert "2 h left" in await site.page("/silences")
    assert (await site.client.get(at + ".json")).json["silence"]["state"] == "active"
    assert (await site.client.get(at + "/edit")).status == 200
    assert (await site.submit(at, {})).status == 303
    assert [one["state"] for one in (await site.client.get("/silences.json")).json["expired"]]
    assert "End it now" not in await site.page(at)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"m": ""}, "at least one matcher"),
        ({"m": "{a"}, "write m=alertname"),
        ({"by": " "}, "say who silences"),
        ({"duration": "soon"}, "not a valid duration"),
        ({"duration": "0"}, "must last some time"),
    ],
)
async def test_a_form_that_cannot_be_used_is_shown_again(
    site: Site, change: dict[str, str], reason: str
) -> None:
    answer = await site.submit("/silences/new", FORM | change)
    assert answer.status == 400
    assert reason in answer.text
    assert "upgrade &lt;b&gt;" in answer.text
    assert site.api.alertmanager.silences.all() == []


async def test_only_those_who_may_change_silences(site: Site) -> None:
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    for path in ("/silences/new", at):
        wrong = await site.submit(path, FORM, token="guess")
        assert wrong.status == 401
        assert wrong.headers["WWW-Authenticate"].startswith("Basic")
        assert (await site.submit(path, FORM, origin="http://evil.test")).status == 403
    (silence,) = site.api.alertmanager.silences.all()
    assert silence.ends_ns > site.api.clock.now_ns()


async def test_an_unknown_silence_says_where_there_are_some(site: Site) -> None:
    assert "Those there are: /silences" in await site.page("/silences/nothing", 404)
