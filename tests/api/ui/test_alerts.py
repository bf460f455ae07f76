from __future__ import annotations

import html
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlencode

import pytest

from appliance.alertmanager.explain.explainer import ExplainDeps, Explainer
from appliance.api.alertmanager.deps import ALERTMANAGER, LoadedRules
from appliance.api.alertmanager.routes import routes
from appliance.api.ui.app import UiDeps, make_app
from appliance.model.alert import Alert, fingerprint_of
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from appliance.oncall.config import OncallConfig
from appliance.oncall.deps import OncallDeps
from appliance.oncall.service import Oncall
from appliance.rules.group_state import GroupState
from appliance.rules.load import load_groups
from appliance.wire.alertmanager.times import print_time
from tests.api.alertmanager_app import HOUR_NS, Api, alertmanager_api
from tests.api.serving import Answer, Client, http_deps, serving
from tests.api.ui.test_app import ELSEWHERE, HTML
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
    for part in ("Down", "critical", "No answer", "1 m ago", "pager, team-a</div>"):
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


async def test_many_alerts_are_shown_in_part(site: Site) -> None:
    for i in range(120):
        await site.fire(alertname="Many", number=f"{i}")
    text = await site.page("/alerts")
    assert text.count('class="alert"') == 100
    assert "The first 100 are shown" in text
    found = (await site.client.get("/alerts.json?limit=110")).json
    assert (len(found["alerts"]), found["matching"], found["total"]) == (110, 120, 120)
    found = (await site.client.get("/silences/new.json?m=alertname%3DMany")).json
    assert (found["count"], len(found["alerts"])) == (120, 100)


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
    assert "<strong>2 h</strong>" in await site.page("/silences")
    assert "1 alert silenced now" in await site.page("/silences")
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


async def test_an_alert_is_acknowledged_with_a_form(site: Site) -> None:
    fingerprint = await site.fire(alertname="Down", severity="critical")
    fields = {"fingerprint": fingerprint, "by": "ann", "back": "/alerts?m=x"}
    answer = await site.submit("/alerts/ack", {**fields, "action": "ack"})
    assert (answer.status, answer.headers["Location"]) == (303, "/alerts?m=x")
    assert "Acked by ann" in await site.page("/alerts")
    (row,) = (await site.client.get("/alerts.json")).json["alerts"]
    assert (row["ack"]["by"], row["ack"]["kind"]) == ("ann", "alert")
    fields["back"] = "http://evil.test/alerts"
    answer = await site.submit("/alerts/ack", {**fields, "action": "unack"})
    assert answer.headers["Location"] == "/alerts"
    assert "Acked" not in await site.page("/alerts")


async def test_only_those_who_may_acknowledge(site: Site) -> None:
    fields = {"fingerprint": await site.fire(alertname="Down")}
    assert (await site.submit("/alerts/ack", fields, token="guess")).status == 401
    assert (await site.submit("/alerts/ack", fields, origin="http://evil.test")).status == 403
    assert (await site.submit("/alerts/ack", {})).status == 400


async def test_what_was_resolved_is_shown_on_request(site: Site) -> None:
    await site.fire(alertname="Down", job="api")
    now_ns = site.api.clock.now_ns()
    over = Alert(Labels.of({"alertname": "Over"}), {}, now_ns - 10**9, now_ns, now_ns)
    site.api.recorder.record(
        AlertEvent(
            now_ns - 10**9,
            EventKind.RECEIVED,
            (over.fingerprint,),
            detail={"labels": {"alertname": "Over"}},
        ),
        AlertEvent(now_ns, EventKind.RESOLVED, (over.fingerprint,)),
    )
    assert "Over" not in await site.page("/alerts")
    found = (await site.client.get("/alerts.json?resolved=1")).json
    assert [one["name"] for one in found["resolved"]] == ["Over"]
    assert "Resolved in the last 24 h" in await site.page("/alerts?resolved=1")
    found = (await site.client.get("/alerts.json?resolved=1&m=alertname%3DDown")).json
    assert found["resolved"] == []


async def test_an_alert_knows_its_rule(site: Site) -> None:
    fingerprint = await site.fire(alertname="High", severity="critical", job="api")
    (row,) = (await site.client.get("/alerts.json")).json["alerts"]
    assert row["fingerprint"] == fingerprint
    assert row["rule"]["place"].endswith("shop.yml:4")
    assert row["rule"]["watched"] == {"expr": "latency", "op": ">", "threshold": 0.5}
    assert row["rule"]["value"] == 0.75
    assert row["rule"]["link"] == "/metrics?g0.expr=latency%20%3E%200.5"
    assert row["logs"] == "/logs?q=%7Bservice_name%3D%22api%22%7D"
    assert "0.75" in await site.page("/alerts")


async def test_rules_are_found_by_words_and_state(site: Site) -> None:
    text = await site.page("/alerts?view=rules")
    assert "latency &gt; 0.5" in text
    assert "unexpected end of input" in text
    for query, names in (
        ("", ["High", "job:x", "Broken"]),
        ("q=LATENCY+shop", ["High"]),
        ("q=nothing", []),
        ("state=firing", ["High"]),
        ("state=recording", ["job:x"]),
        ("state=err", ["Broken"]),
    ):
        found = (await site.client.get(f"/alerts.json?view=rules&{query}")).json
        rules = [rule["name"] for group in found["groups"] for rule in group["rules"]]
        assert rules == names, query
        assert found["counts"]["all"] == 3
    assert "Show all 3" in await site.page("/alerts?view=rules&q=nothing")


async def test_the_page_of_rules_is_a_tab(site: Site) -> None:
    answer = await site.client.get("/rules?q=x", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/alerts?view=rules&q=x")
    answer = await site.client.get("/rules.json", allow_redirects=False)
    assert answer.headers["Location"] == "/alerts.json?view=rules"


async def test_groups_are_shown_per_receiver(site: Site) -> None:
    assert "Receivers: default, pager, team-a" in await site.page("/alerts?view=groups")
    fingerprint = await site.fire(alertname="Down", team="a")
    await site.fire(alertname="Slow")
    text = await site.page("/alerts?view=groups")
    assert f'href="/alerts/{fingerprint}"' in text
    assert "alertmanager.yml:7" in text
    found = (await site.client.get("/alerts.json?view=groups&m=alertname%3DDown")).json
    assert [one["receiver"] for one in found["groups"]] == ["team-a"]
    assert found["groups"][0]["alerts"] == [[fingerprint, "Down", "team=a", "active"]]


async def test_rules_to_try_are_listed(site: Site) -> None:
    assert "appliance alerts backtest Broken" in await site.page("/alerts?view=backtest")
    found = (await site.client.get("/alerts.json?view=backtest")).json
    known = {one["name"]: one for one in found["rules"]}
    assert known["High"] | {"labels": {}} == {
        "name": "High",
        "language": "promql",
        "expr": "latency > 0.5",
        "for": "0s",
        "keep_firing_for": "0s",
        "interval": "15s",
        "labels": {},
        "threshold": 0.5,
    }


async def test_the_chart_of_an_alert_has_its_threshold_and_time(site: Site) -> None:
    fingerprint = await site.fire(alertname="High", severity="critical", job="api")
    text = html.unescape(await site.page(f"/alerts/{fingerprint}"))
    assert '"watched":{"expr":"latency","op":">","threshold":0.5}' in text
    start_ms = site.api.clock.now_ms() - 60_000
    assert f'"spans":[{{"state":"firing","from":{start_ms}' in text
    assert f"/logs?q=%7Bservice_name%3D%22api%22%7D&from={start_ms - 600_000}" in text
    assert f"/traces?service=api&from={start_ms - 600_000}" in text


async def test_what_happened_is_told_in_words(site: Site) -> None:
    fingerprint = await site.fire(alertname="Down")
    now_ns = site.api.clock.now_ns()
    attempt = {
        "integration": "webhook",
        "index": 0,
        "method": "POST",
        "url": "http://hook.test/<secret:url>",
        "headers": {"Content-Type": "application/json"},
        "body": '{"a":1}',
        "status": 503,
        "answer": "busy",
        "seconds": 0.25,
        "attempt": 2,
        "will_retry": True,
    }
    for i in range(3):
        event = AlertEvent(now_ns + i, EventKind.ATTEMPT, (fingerprint,), "", "pager", attempt)
        site.api.recorder.record(event)
    text = await site.page(f"/alerts/{fingerprint}")
    for part in ("HTTP 503", "3 times", "250 ms", "try 2", "busy", "Send it now", "&#34;a&#34;: 1"):
        assert part in text, part
    assert "Put into group" not in text
    events = (await site.client.get(f"/alerts/{fingerprint}.json?all=1")).json["events"]
    assert (await site.submit(f"/alerts/{fingerprint}", {"event": "999"})).status == 404
    number = str(next(one["id"] for one in events if one["kind"] == "received"))
    assert (await site.submit(f"/alerts/{fingerprint}", {"event": number})).status == 400


async def test_a_silence_is_extended_and_edited(site: Site) -> None:
    await site.fire(alertname="Down")
    at = (await site.submit("/silences/new", FORM)).headers["Location"]
    (before,) = site.api.alertmanager.silences.all()
    answer = await site.submit(at, {"extend": "1h", "back": "/silences"})
    assert answer.headers["Location"] == "/silences"
    (after,) = site.api.alertmanager.silences.all()
    assert after.ends_ns - before.ends_ns == HOUR_NS
    text = await site.page(at + "/edit")
    assert "upgrade &lt;b&gt;" in text
    times = {"starts": print_time(after.starts_ns), "ends": print_time(after.ends_ns)}
    change = {**FORM, **times, "duration": "", "comment": "longer"}
    assert (await site.submit(at + "/edit", change)).headers["Location"] == at
    (edited,) = site.api.alertmanager.silences.all()
    assert (edited.comment, edited.starts_ns) == ("longer", after.starts_ns)
    other = {**change, "m": 'alertname="Other"', "duration": "1h"}
    assert (await site.submit(at + "/edit", other)).headers["Location"] != at
    assert len((await site.client.get("/silences.json")).json["expired"]) == 1
    answer = await site.submit(at, {"extend": "1h"})
    assert answer.status == 400
    assert "is over" in answer.text


async def test_a_silence_may_begin_later(site: Site) -> None:
    await site.fire(alertname="Down")
    starts_ns = site.api.clock.now_ns() + HOUR_NS
    answer = await site.submit("/silences/new", {**FORM, "starts": print_time(starts_ns)})
    assert answer.status == 303
    (pending,) = (await site.client.get("/silences.json")).json["pending"]
    assert pending["alerts"] == 1
    assert pending["ends_ns"] - pending["starts_ns"] == 2 * HOUR_NS
    assert "1 alert would match" in await site.page("/silences")
    answer = await site.submit("/silences/new", {**FORM, "starts": "tomorrow"})
    assert "is no time" in answer.text
