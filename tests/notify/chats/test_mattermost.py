"""Mattermost: incoming webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.chats.mattermost import Mattermost, MattermostConfig
from appliance.notify.integration import NotifyFailed
from tests.notify.receiving import a_message, deps_of, receiving, section_of, sent


async def request_of(text: str, **options: Any) -> dict[str, Any]:
    async with receiving() as server, deps_of() as deps:
        config = section_of(MattermostConfig, f"webhook_url: {server.address}/hooks/x\n{text}")
        await sent(Mattermost(config, deps, index=0), a_message(**options))
        found: dict[str, Any] = server.requests[0].json
        return found


async def test_the_defaults() -> None:
    found = await request_of("")
    assert found.keys() == {"attachments", "username"}
    assert found["username"] == "Alertmanager"
    [box] = found["attachments"]
    assert box.keys() == {"color", "fallback", "text", "title", "title_link"}
    assert box["title"] == "[FIRING:1] HighLoad (n1 page)"


async def test_every_key() -> None:
    found = await request_of("""
channel: 'c-{{ .Status }}'
username: u
icon_url: 'http://i'
icon_emoji: ':x:'
text: 'T {{ .Status }}'
type: 'custom_{{ .Status }}'
props: {card: 'card {{ .Status }}'}
priority: {priority: '{{ "Urgent" }}', requested_ack: true, persistent_notifications: true}
attachments:
- fallback: 'fb {{ .Status }}'
  color: '#fff'
  text: 'a {{ .Status }}'
  author_name: me
  fields: [{title: 't {{ .Status }}', value: v, short: true}, {title: t2, value: v2}]
""")
    assert found == {
        "channel": "c-firing",
        "username": "u",
        "icon_url": "http://i",
        "icon_emoji": ":x:",
        "text": "T firing",
        "type": "custom_firing",
        "props": {"card": "card firing"},
        "priority": {
            "priority": "urgent",
            "requested_ack": True,
            "persistent_notifications": True,
        },
        "attachments": [
            {
                "fallback": "fb firing",
                "color": "#fff",
                "text": "a firing",
                "author_name": "me",
                "fields": [
                    {"title": "t firing", "value": "v", "short": True},
                    {"title": "t2", "value": "v2"},
                ],
            }
        ],
    }


async def test_keys_of_the_message_make_an_attachment_when_none_is_listed() -> None:
    found = await request_of("title: 'T {{ .Status }}'\nfooter: f\ntext: t")
    [box] = found["attachments"]
    assert (box["title"], box["footer"], box["text"]) == ("T firing", "f", "t")
    assert "text" not in found
    found = await request_of("title: T\ntext: t\nattachments: [{footer: f}]")
    assert (found["text"], found["attachments"]) == ("t", [{"footer": "f"}])


@pytest.mark.parametrize(
    ("given", "sent_as"),
    [
        ("important", {"priority": "important", "requested_ack": True}),
        ("standard", {"priority": "standard"}),
        ("whatever", {"priority": "standard"}),
    ],
)
async def test_priorities(given: str, sent_as: dict[str, Any]) -> None:
    text = f"priority: {{priority: {given}, requested_ack: true, persistent_notifications: true}}"
    assert (await request_of(text))["priority"] == sent_as


async def test_a_text_that_is_empty_is_left_out() -> None:
    assert "text" not in await request_of("text: ''\nattachments: [{title: t}]")


async def test_long_texts_are_cut_and_errors_name_the_channel() -> None:
    text = "text: '{{ .CommonAnnotations.long }}'"
    found = await request_of(f"{text}\nattachments: [{{title: t}}]", long="é" * 20_000)
    assert len(found["text"]) == 16_383
    found = await request_of(text, long="é" * 20_000)
    assert len(found["attachments"][0]["text"]) == 16_383
    async with receiving() as server, deps_of() as deps:
        server.answers.append((400, "bad"))
        text = f"{{webhook_url: '{server.address}', channel: town}}"
        with pytest.raises(NotifyFailed, match='channel "town": unexpected status code 400: bad'):
            await sent(Mattermost(section_of(MattermostConfig, text), deps, index=0))
