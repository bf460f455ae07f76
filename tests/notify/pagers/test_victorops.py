"""VictorOps: trigger and recovery."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.pagers.victorops import Victorops, VictoropsConfig, payload
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)


def body(text: str, **options: Any) -> dict[str, str]:
    message = a_message(**options)
    return payload(section_of(VictoropsConfig, text), message, renderer_of(message))


async def test_key_and_route_are_in_the_address() -> None:
    async with receiving() as server, deps_of() as deps:
        text = f"""
            api_key: VictorKey
            api_url: '{server.address}/vo'
            routing_key: 'team {{{{ .CommonLabels.severity }}}}'
        """
        delivery = await sent(Victorops(section_of(VictoropsConfig, text), deps, index=0))
    assert server.paths == ["POST /vo/VictorKey/team%20page"]
    assert "VictorKey" not in delivery.exchanges[0].url


def test_the_defaults_trigger_and_recover() -> None:
    firing = body("routing_key: r")
    assert firing["message_type"] == "CRITICAL"
    assert firing["entity_display_name"] == "[FIRING:1] HighLoad (n1 page)"
    assert firing["monitoring_tool"] == "Alertmanager"
    assert "Alerts Firing:\nLabels:" in firing["state_message"]
    resolved = body("routing_key: r", is_firing=False)
    assert (resolved["message_type"], resolved["entity_id"]) == ("RECOVERY", firing["entity_id"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [("WARNING", "WARNING"), ("INFO", "INFO"), ("{{ .Status }}", "CRITICAL"), ("x", "CRITICAL")],
)
def test_unknown_kinds_of_messages_are_critical(given: str, expected: str) -> None:
    assert body(f"{{routing_key: r, message_type: '{given}'}}")["message_type"] == expected


def test_custom_fields_are_added() -> None:
    found = body("{routing_key: r, custom_fields: {Field_A: '{{ .CommonLabels.severity }}'}}")
    assert found["Field_A"] == "page"


def test_long_states_are_cut() -> None:
    text = "{routing_key: r, state_message: '{{ .CommonAnnotations.long }}'}"
    assert len(body(text, long="x" * 30_000)["state_message"]) == 20_480


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("api_key: a", "missing Routing key in VictorOps config"),
        (
            "{routing_key: r, custom_fields: {entity_id: b}}",
            (
                "victorOps config contains custom field entity_id which cannot be used as it "
                "conflicts with the fixed/static fields"
            ),
        ),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert errors_of(VictoropsConfig, text) == [message]
