"""Webex: messages in Markdown."""

from __future__ import annotations

import pytest

from appliance.notify.chats.webex import Webex, WebexConfig, payload
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

LOGIN = "http_config: {authorization: {credentials: t}}"


async def test_the_message_goes_to_the_room() -> None:
    async with receiving() as server:
        text = (
            f"{{api_url: '{server.address}/v1/messages', room_id: 'R {{{{ .Status }}}}', {LOGIN}}}"
        )
        config = section_of(WebexConfig, text)
        async with deps_of(config.http_config) as deps:
            await sent(Webex(config, deps, index=0))
    [request] = server.requests
    assert (request.path, request.headers["Authorization"]) == ("/v1/messages", "Bearer t")
    assert request.json["roomId"] == "R firing"
    assert request.json["markdown"].startswith("load <b>high</b>\n\nAlerts Firing:\nLabels:")


def test_long_messages_are_cut_to_bytes() -> None:
    message = a_message(long="ä" * 5000)
    text = f"{{room_id: r, message: '{{{{ .CommonAnnotations.long }}}}', {LOGIN}}}"
    markdown = payload(section_of(WebexConfig, text), renderer_of(message))["markdown"]
    assert (len(markdown.encode()), markdown[-2:]) == (7439, "ä…")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{{{LOGIN}}}", "missing room_id on webex_config"),
        ("{room_id: r}", "missing webex_configs.http_config.authorization"),
        ("{room_id: r, http_config: {}}", "missing webex_configs.http_config.authorization"),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert errors_of(WebexConfig, text) == [message]
