"""The webhook integration against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.notify.integration import NotifyFailed, TemplateFailed
from appliance.notify.webhook import Webhook, WebhookConfig
from tests.notify.receiving import a_message, an_alert, deps_of, receiving, section_of, sent


async def test_the_whole_message() -> None:
    async with receiving() as server, deps_of() as deps:
        config = section_of(WebhookConfig, f"url: {server.address}/in?x=a%2Fb")
        await sent(Webhook(config, deps, index=0))
    [request] = server.requests
    assert (request.path, request.query) == ("/in", {"x": "a/b"})
    found = request.json
    assert found | {"alerts": []} == {
        "version": "4",
        "groupKey": '{}:{alertname="HighLoad"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "team-x",
        "externalURL": "http://am",
        "groupLabels": {"alertname": "HighLoad"},
        "commonLabels": {"alertname": "HighLoad", "instance": "n1", "severity": "page"},
        "commonAnnotations": {"summary": "load <b>high</b>"},
        "notification_reason": "",
        "routeLabels": {},
        "alerts": [],
    }
    [alert] = found["alerts"]
    assert alert["status"] == "firing"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert alert["generatorURL"] == "http://prom/graph"


async def test_alerts_beyond_the_limit_are_counted() -> None:
    alerts = [an_alert(annotations={}, alertname="A", i=str(i)) for i in range(5)]
    async with receiving() as server, deps_of() as deps:
        config = section_of(WebhookConfig, f"{{url: '{server.address}', max_alerts: 2}}")
        await sent(Webhook(config, deps, index=0), a_message(alerts=alerts))
    found = server.requests[0].json
    assert [alert["labels"]["i"] for alert in found["alerts"]] == ["0", "1"]
    assert found["truncatedAlerts"] == 3


async def test_an_address_from_a_file_and_by_a_template(tmp_path: Path) -> None:
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        (tmp_path / "url").write_text(f"{server.address}/{{{{ .CommonLabels.severity }}}}/hook\n")
        config = section_of(WebhookConfig, "url_file: url")
        delivery = await sent(Webhook(config, deps, index=0))
    assert server.paths == ["POST /page/hook"]
    assert "hook" not in delivery.exchanges[0].url


async def test_a_payload_of_ones_own() -> None:
    text = """
url: ADDRESS
payload:
  project: OPS
  title: '{{ .CommonLabels.alertname }}'
  labels: [alert, '{{ .CommonLabels.severity }}']
  count: '{{ len .Alerts }}'
  nested: {urgent: true, n: 3}
"""
    async with receiving() as server, deps_of() as deps:
        config = section_of(WebhookConfig, text.replace("ADDRESS", server.address))
        await sent(Webhook(config, deps, index=0))
    assert server.requests[0].json == {
        "project": "OPS",
        "title": "HighLoad",
        "labels": ["alert", "page"],
        "count": 1,
        "nested": {"urgent": True, "n": 3},
    }


async def test_client_errors_are_final_and_an_empty_address_too() -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers += [(429, "slow"), (502, "gone")]
        config = section_of(WebhookConfig, f"url: {server.address}")
        for is_retryable in (False, True):
            with pytest.raises(NotifyFailed, match="unexpected status code") as caught:
                await sent(Webhook(config, deps, index=0))
            assert caught.value.is_retryable is is_retryable
        config = section_of(WebhookConfig, "url: '{{ .CommonLabels.none }}'")
        with pytest.raises(NotifyFailed, match="empty after templating"):
            await sent(Webhook(config, deps, index=0))


async def test_the_fallback_of_a_payload_that_fails() -> None:
    async with receiving() as server, deps_of() as deps:
        text = f"{{url: '{server.address}', payload: {{text: '{{{{ .NoSuchField }}}}'}}}}"
        integration = Webhook(section_of(WebhookConfig, text), deps, index=0)
        with pytest.raises(TemplateFailed):
            await sent(integration)
        assert not server.requests
        await sent(integration, is_fallback=True)
    assert "severity" in server.requests[0].body.decode()
    assert "load <b>high</b>" in server.requests[0].json["text"]
