"""PagerDuty: events of both versions."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.notify.http import Answer
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from appliance.notify.message import Message
from appliance.notify.pagers.pagerduty import Pagerduty, PagerdutyConfig
from tests.notify.receiving import a_message, deps_of, errors_of, receiving, section_of, sent

KEY = hashlib.sha256(b'{}:{alertname="HighLoad"}').hexdigest()


async def event_of(text: str, **options: Any) -> dict[str, Any]:
    async with receiving() as server, deps_of() as deps:
        server.answers.append((202, {"status": "success"}))
        config = section_of(PagerdutyConfig, f"url: {server.address}/v2/enqueue\n{text}")
        await sent(Pagerduty(config, deps, index=0), a_message(**options))
        [request] = server.requests
        assert request.headers["Content-Type"] == "application/json"
        found: dict[str, Any] = request.json
        return found


class Intercepted(Pagerduty):
    """Keeps what goes to the fixed address of version 1."""

    urls: list[str]
    bodies: list[dict[str, Any]]
    status = 200

    async def post(self, _: Delivery, url: str, **options: Any) -> Answer:  # type: ignore[override]  # its name is of no use
        self.urls.append(url)
        self.bodies.append(orjson.loads(options["body"]))
        return Answer(self.status, b"{}")


async def events_v1(text: str, *messages: Message) -> Intercepted:
    async with deps_of() as deps:
        pagerduty = Intercepted(section_of(PagerdutyConfig, text), deps, index=0)
        pagerduty.urls, pagerduty.bodies = [], []
        for message in messages:
            await pagerduty.send(message, Delivery())
    return pagerduty


async def test_the_defaults() -> None:
    event = await event_of("routing_key: R0UT")
    details = event["payload"].pop("custom_details")
    assert event == {
        "routing_key": "R0UT",
        "dedup_key": KEY,
        "event_action": "trigger",
        "client": "Alertmanager",
        "client_url": "http://am/#/alerts?receiver=team-x",
        "payload": {
            "summary": "[FIRING:1] HighLoad (n1 page)",
            "source": "Alertmanager",
            "severity": "error",
        },
    }
    assert (details["num_firing"], details["num_resolved"]) == (1, 0)
    assert details["firing"][0]["labels"]["instance"] == "n1"
    assert details["resolved"] == []
    event = await event_of("routing_key: R", is_firing=False)
    assert (event["event_action"], event["dedup_key"]) == ("resolve", KEY)


async def test_every_key() -> None:
    event = await event_of("""
routing_key: '{{ .CommonLabels.severity }}-key'
client: 'cl {{ .Status }}'
client_url: 'http://c/{{ .Status }}'
description: 'd {{ len .Alerts }}'
severity: '{{ if eq .CommonLabels.severity "page" }}critical{{ end }}'
source: 'src {{ .Status }}'
component: comp
group: 'grp {{ .Receiver }}'
class: cls
details: {firing: 'own {{ .Status }}', nested: {a: ['{{ .Status }}', 7]}}
images:
- {src: 'http://i/{{ .Status }}', alt: a, href: 'http://h'}
- {src: '{{ .CommonLabels.none }}', alt: dropped}
links:
- {href: 'http://l/{{ .Status }}', text: 't {{ .Status }}'}
- {href: '', text: dropped}
""")
    details = event["payload"].pop("custom_details")
    assert event == {
        "routing_key": "page-key",
        "dedup_key": KEY,
        "event_action": "trigger",
        "client": "cl firing",
        "client_url": "http://c/firing",
        "payload": {
            "summary": "d 1",
            "source": "src firing",
            "severity": "critical",
            "component": "comp",
            "group": "grp team-x",
            "class": "cls",
        },
        "images": [{"src": "http://i/firing", "alt": "a", "href": "http://h"}],
        "links": [{"href": "http://l/firing", "text": "t firing"}],
    }
    assert details["firing"] == "own firing"
    assert details["nested"] == {"a": ["firing", 7]}
    assert details["num_firing"] == 1


async def test_version_1() -> None:
    text = "service_key: SVC-123456"
    found = await events_v1(text, a_message(), a_message(is_firing=False))
    assert found.urls == ["https://events.pagerduty.com/generic/2010-04-15/create_event.json"] * 2
    trigger, resolve = found.bodies
    assert trigger | {"details": {}} == {
        "service_key": "SVC-123456",
        "incident_key": KEY,
        "event_type": "trigger",
        "description": "[FIRING:1] HighLoad (n1 page)",
        "event_action": "",
        "payload": None,
        "client": "Alertmanager",
        "client_url": "http://am/#/alerts?receiver=team-x",
        "details": {},
    }
    assert (resolve["event_type"], "client" in resolve) == ("resolve", False)


async def test_an_event_that_is_too_large_goes_without_details() -> None:
    event = await event_of("routing_key: R", long="x" * 600_000)
    details = event["payload"]["custom_details"]
    assert list(details) == ["error"]
    assert "exceeds the maximum size of 512KB" in details["error"]
    found = await events_v1("service_key: S", a_message(long="x" * 600_000))
    assert list(found.bodies[0]["details"]) == ["error"]


async def test_long_summaries_are_cut() -> None:
    text = "routing_key: R\ndescription: '{{ .CommonAnnotations.long }}'"
    event = await event_of(text, long="é" * 1500)
    summary = event["payload"]["summary"]
    assert (len(summary), summary[-2:]) == (1024, "é…")


@pytest.mark.parametrize(
    ("status", "body", "error", "is_retryable"),
    [
        (
            400,
            {"status": "invalid event", "message": "Event object is invalid", "errors": ["a", "b"]},
            "unexpected status code 400: Event object is invalid: a,b",
            False,
        ),
        (400, "nonsense", "unexpected status code 400", False),
        (429, "slow", "unexpected status code 429", True),
        (503, "down", "unexpected status code 503", True),
        (403, "no", "unexpected status code 403", False),
    ],
)
async def test_errors(status: int, body: object, error: str, *, is_retryable: bool) -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers.append((status, body))
        config = section_of(PagerdutyConfig, f"{{routing_key: R, url: '{server.address}'}}")
        with pytest.raises(NotifyFailed) as caught:
            await sent(Pagerduty(config, deps, index=0))
    assert str(caught.value) == error
    assert caught.value.is_retryable is is_retryable


async def test_the_key_is_read_from_its_file_and_not_recorded(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" FILEKEY-42 \n")
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        text = f"{{routing_key_file: key, url: '{server.address}'}}"
        pagerduty = Pagerduty(section_of(PagerdutyConfig, text), deps, index=0)
        delivery = await sent(pagerduty)
        assert server.requests[0].json["routing_key"] == "FILEKEY-42"
        assert "FILEKEY" not in repr(delivery.exchanges)
        (tmp_path / "key").write_text("NEWKEY-43")
        await pagerduty.resend(delivery.exchanges[0], Delivery())
        again = server.requests[1].json
        assert again == server.requests[0].json | {"routing_key": "NEWKEY-43"}
        (tmp_path / "key").write_text("")
        with pytest.raises(NotifyFailed, match="routing key cannot be empty"):
            await sent(pagerduty)


async def test_the_fallback_says_everything() -> None:
    async with receiving() as server, deps_of() as deps:
        broken = "description: '{{ .Nope }}'\nseverity: '{{ .No }}'"
        text = f"routing_key: R\nurl: {server.address}\n{broken}"
        pagerduty = Pagerduty(section_of(PagerdutyConfig, text), deps, index=0)
        with pytest.raises(TemplateFailed):
            await sent(pagerduty)
        await sent(pagerduty, is_fallback=True)
    payload = server.requests[0].json["payload"]
    assert "instance" in payload["summary"]
    assert payload["severity"] == "error"


def test_a_key_is_needed() -> None:
    [message] = errors_of(PagerdutyConfig, "{client: x}")
    assert message == "missing service or routing key in PagerDuty config"
