"""Opsgenie: create, update, close."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.integration import NotifyFailed
from appliance.notify.pagers.opsgenie import Opsgenie, OpsgenieConfig, calls_for
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)


def bodies(text: str, **options: Any) -> list[dict[str, Any]]:
    message = a_message(**options)
    config = section_of(OpsgenieConfig, text)
    return [call.body for call in calls_for(config, message, renderer_of(message))]


async def test_an_alert_is_created_and_closed_by_the_hash_of_its_group() -> None:
    async with receiving() as server, deps_of() as deps:
        config = section_of(OpsgenieConfig, f"{{api_key: K, api_url: '{server.address}/og/'}}")
        integration = Opsgenie(config, deps, index=0)
        delivery = await sent(integration)
        await sent(integration, a_message(is_firing=False))
    create, close = server.requests
    alias = create.json["alias"]
    assert (create.method, create.path, len(alias)) == ("POST", "/og/v2/alerts", 64)
    assert create.headers["Authorization"] == "GenieKey K"
    assert create.json["message"] == "[FIRING:1] HighLoad (n1 page)"
    assert create.json["details"] == {
        "alertname": "HighLoad",
        "instance": "n1",
        "severity": "page",
    }
    assert create.json["source"] == "http://am/#/alerts?receiver=team-x"
    assert create.json["description"].startswith("load <b>high</b>\nAlerts Firing:\nLabels:")
    assert "tags" not in create.json
    assert (close.path, close.query) == (
        f"/og/v2/alerts/{alias}/close",
        {"identifierType": "alias"},
    )
    assert close.json == {"source": "http://am/#/alerts?receiver=team-x"}
    assert delivery.exchanges[0].headers["Authorization"] == "GenieKey <secret:api_key>"


def test_all_fields_are_templates() -> None:
    [body] = bodies("""
        message: 'm {{ .Status }}'
        description: 'd {{ len .Alerts }}'
        source: src
        details: {extra: '{{ .Status }}', severity: own}
        responders:
          - {name: 'team {{ .CommonLabels.severity }}', type: team}
          - {name: 'a, b,,c', type: teams}
          - {username: 'u@{{ .Status }}', type: '{{ "user" }}'}
          - {name: '{{ .CommonLabels.none }}', type: '{{ .CommonLabels.none }}'}
        tags: ' t1,{{ .CommonLabels.severity }},,t3 '
        note: n
        priority: P2
        entity: 'e {{ .GroupLabels.alertname }}'
        actions: 'a1,a2'
    """)
    body.pop("alias")
    assert body == {
        "message": "m firing",
        "description": "d 1",
        "source": "src",
        "details": {
            "alertname": "HighLoad",
            "instance": "n1",
            "severity": "own",
            "extra": "firing",
        },
        "responders": [
            {"name": "team page", "type": "team"},
            {"name": "a", "type": "team"},
            {"name": " b", "type": "team"},
            {"name": "c", "type": "team"},
            {"username": "u@firing", "type": "user"},
        ],
        "tags": ["t1", "page", "t3"],
        "note": "n",
        "priority": "P2",
        "entity": "e HighLoad",
        "actions": ["a1", "a2"],
    }


async def test_updates_follow_the_creation() -> None:
    text = "{api_key: K, update_alerts: true, message: m, description: d, api_url: '%s'}"
    async with receiving() as server, deps_of() as deps:
        config = section_of(OpsgenieConfig, text % server.address)
        await sent(Opsgenie(config, deps, index=0))
    alias = server.requests[0].json["alias"]
    assert server.paths == [
        "POST /v2/alerts",
        f"PUT /v2/alerts/{alias}/message",
        f"PUT /v2/alerts/{alias}/description",
    ]
    assert [request.json for request in server.requests[1:]] == [
        {"message": "m"},
        {"description": "d"},
    ]
    assert server.requests[2].query == {"identifierType": "alias"}


async def test_nothing_follows_a_creation_that_failed() -> None:
    async with receiving() as server, deps_of() as deps:
        text = f"{{api_key: K, update_alerts: true, api_url: '{server.address}'}}"
        server.answers = [(429, {"message": "slow down"})]
        with pytest.raises(NotifyFailed, match="slow down") as failed:
            await sent(Opsgenie(section_of(OpsgenieConfig, text), deps, index=0))
    assert (failed.value.is_retryable, failed.value.reason) == (True, "rateLimited")
    assert len(server.requests) == 1


def test_long_messages_are_cut() -> None:
    [body] = bodies("message: '{{ .CommonAnnotations.long }}'", long="ä" * 200)
    assert (len(body["message"]), body["message"][-2:]) == (130, "ä…")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "responders: [{type: team}]",
            "opsGenieConfig responder {   team} has to have at least one of id, username or name",
        ),
        (
            "responders: [{name: a, type: group}]",
            "type does not match valid options ^(team|teams|user|escalation|schedule)$",
        ),
        ("{api_key: a, api_key_file: b}", "at most one of api_key & api_key_file must be"),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert [message in found for found in errors_of(OpsgenieConfig, text)] == [True]


def test_types_of_responders_may_be_templates_and_in_capitals() -> None:
    text = "responders: [{name: a, type: TEAM}, {name: a, type: '{{ .x }}'}]"
    assert errors_of(OpsgenieConfig, text) == []
