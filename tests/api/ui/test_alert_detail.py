from __future__ import annotations

import html

import pytest

from appliance.model.alert_event import AlertEvent, EventKind
from tests.api.ui.alert_site import Site


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
