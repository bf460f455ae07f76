from __future__ import annotations

from urllib.parse import quote

from appliance.model.alert import Alert
from appliance.model.alert_event import AlertEvent, EventKind
from appliance.model.labels import Labels
from tests.api.ui.alert_site import FORM, HOSTILE, Site
from tests.api.ui.test_app import ELSEWHERE
from tests.ui.html_page import Page


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
