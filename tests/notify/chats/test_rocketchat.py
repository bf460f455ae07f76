"""Rocket.Chat: `chat.postMessage`."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.notify.chats.rocketchat import Rocketchat, RocketchatConfig
from appliance.notify.integration import NotifyFailed
from tests.notify.receiving import deps_of, receiving, section_of, sent

KEYS = """
token: tok-123456
token_id_file: id
channel: '#{{ .GroupLabels.alertname }}'
emoji: ':x:'
icon_url: 'http://i'
text: 'T {{ .Status }}'
short_fields: true
fields: [{title: 'f {{ .Status }}', value: v}, {title: g, value: w, short: false}]
actions: [{type: link, text: 'a {{ .Status }}', url: 'http://u', msg: m}]
"""


async def test_the_message_and_the_login(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("id-987654\n")
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        server.usual = lambda _: (200, {"success": True})
        config = section_of(RocketchatConfig, f"api_url: {server.address}/rc/\n{KEYS}")
        delivery = await sent(Rocketchat(config, deps, index=0))
    [request] = server.requests
    assert request.path == "/rc/api/v1/chat.postMessage"
    assert request.headers["X-Auth-Token"] == "tok-123456"
    assert request.headers["X-User-Id"] == "id-987654"
    assert request.json == {
        "channel": "#HighLoad",
        "emoji": ":x:",
        "avatar": "http://i",
        "attachments": [
            {
                "title": "[FIRING:1] HighLoad (n1 page)",
                "title_link": "http://am/#/alerts?receiver=team-x",
                "text": "T firing",
                "color": "red",
                "fields": [
                    {"title": "f firing", "value": "v", "short": True},
                    {"title": "g", "value": "w", "short": False},
                ],
                "actions": [
                    {
                        "type": "button",
                        "text": "a firing",
                        "url": "http://u",
                        "msg": "m",
                        "is_webview": False,
                        "msg_in_chat_window": False,
                    }
                ],
            }
        ],
    }
    record = repr(delivery.exchanges)
    assert "123456" not in record
    assert "987654" not in record


async def test_an_error_with_status_200() -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers += [(200, {"success": False, "error": "no room"}), (200, "<html>")]
        text = f"{{api_url: '{server.address}', token: a, token_id: b, channel: '#a'}}"
        rocketchat = Rocketchat(section_of(RocketchatConfig, text), deps, index=0)
        with pytest.raises(NotifyFailed) as caught:
            await sent(rocketchat)
        assert str(caught.value) == 'channel "#a": error response from Rocketchat: no room'
        assert (caught.value.is_retryable, caught.value.reason) == (False, "clientError")
        with pytest.raises(NotifyFailed, match="could not unmarshal JSON response"):
            await sent(rocketchat)
