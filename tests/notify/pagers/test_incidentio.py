"""incident.io: the document of webhooks, with a token."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from appliance.config.http_client import Authorization, HttpClientConfig
from appliance.config.secret import Secret
from appliance.notify.integration import NotifyFailed
from appliance.notify.pagers.incidentio import Incidentio, IncidentioConfig, payload
from tests.notify.receiving import (
    a_message,
    an_alert,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

TOKEN = "alert_source_token: SourceToken1"


async def test_the_document_of_webhooks_is_posted() -> None:
    async with receiving() as server, deps_of() as deps:
        config = section_of(IncidentioConfig, f"{{url: '{server.address}/x', {TOKEN}}}")
        await sent(Incidentio(config, deps, index=0))
    [request] = server.requests
    assert request.headers["Authorization"] == "Bearer SourceToken1"
    assert request.headers["Content-Type"] == "application/json"
    document = request.json
    assert (document["version"], document["truncatedAlerts"]) == ("1", 0)
    assert document["groupKey"] == '{}:{alertname="HighLoad"}'
    assert (document["status"], len(document["alerts"])) == ("firing", 1)


async def test_surplus_alerts_are_counted() -> None:
    alerts = [an_alert(annotations={}, alertname="A", i=str(i)) for i in range(5)]
    async with receiving() as server, deps_of() as deps:
        text = f"{{url: '{server.address}', max_alerts: 2, {TOKEN}}}"
        config = section_of(IncidentioConfig, text)
        await sent(Incidentio(config, deps, index=0), a_message(alerts=alerts))
    document = server.requests[0].json
    assert (len(document["alerts"]), document["truncatedAlerts"]) == (2, 3)


def test_of_a_message_that_is_too_large_the_first_alert_stays() -> None:
    large = {"text": "x" * 200_000}
    message = a_message(alerts=[an_alert(annotations=large, i=str(i)) for i in range(4)])
    document = orjson.loads(payload(message, renderer_of(message), dropped=1))
    assert (len(document["alerts"]), document["truncatedAlerts"]) == (1, 4)


async def test_the_token_comes_before_another_login(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(" FromFile1\n")
    other = HttpClientConfig(authorization=Authorization(credentials=Secret("other")))
    async with receiving() as server, deps_of(other, directory=tmp_path) as deps:
        text = f"{{url: '{server.address}', alert_source_token_file: token}}"
        await sent(Incidentio(section_of(IncidentioConfig, text), deps, index=0))
    assert server.requests[0].headers["Authorization"] == "Bearer FromFile1"


async def test_the_error_says_what_incident_io_says() -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers = [(429, {"message": "m", "error": "e", "errors": ["a", "b"]}), (422, "x")]
        config = section_of(IncidentioConfig, f"{{url: '{server.address}', {TOKEN}}}")
        with pytest.raises(NotifyFailed, match="^unexpected status code 429: m: e: a, b$") as first:
            await sent(Incidentio(config, deps, index=0))
        with pytest.raises(NotifyFailed, match="^unexpected status code 422$") as second:
            await sent(Incidentio(config, deps, index=0))
    assert (first.value.is_retryable, second.value.is_retryable) == (True, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{{{TOKEN}}}", "one of url or url_file must be configured"),
        (f"{{url: 'http://x', url_file: f, {TOKEN}}}", "at most one of url & url_file must be"),
        (
            f"{{url: 'http://x', {TOKEN}, http_config: {{authorization: {{credentials: c}}}}}}",
            "cannot specify alert_source_token or alert_source_token_file when using",
        ),
        (
            "{url: 'http://x', http_config: {}}",
            "at least one of alert_source_token, alert_source_token_file or http_config.author",
        ),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert [message in found for found in errors_of(IncidentioConfig, text)] == [True]


def test_a_login_may_come_from_elsewhere() -> None:
    assert errors_of(IncidentioConfig, "url: 'http://x'") == []
