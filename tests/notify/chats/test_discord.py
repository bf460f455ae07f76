"""Discord: one embed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from appliance.notify.chats.discord import Discord, DiscordConfig, payload
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

HOOK = "webhook_url: 'http://x'"


def body(text: str, **options: Any) -> dict[str, Any]:
    message = a_message(**options)
    return payload(section_of(DiscordConfig, text), message, renderer_of(message))


def test_the_defaults() -> None:
    firing = body(f"{{{HOOK}}}")
    [embed] = firing["embeds"]
    assert firing["content"] == ""
    assert firing.keys() == {"content", "embeds"}
    assert (embed["title"], embed["color"]) == ("[FIRING:1] HighLoad (n1 page)", 0x992D22)
    assert embed["description"].startswith("\n\nAlerts Firing:\nLabels:\n - alertname = HighLoad\n")
    assert body(f"{{{HOOK}}}", is_firing=False)["embeds"][0]["color"] == 0x2ECC71


def test_what_may_be_added() -> None:
    text = f"{{{HOOK}, content: 'c {{{{ .Status }}}}', username: u, avatar_url: 'http://a'}}"
    found = body(text)
    assert (found["content"], found["username"]) == ("c firing", "u")
    assert found["avatar_url"] == "http://a"


def test_texts_are_cut() -> None:
    long = "'{{ .CommonAnnotations.long }}'"
    found = body(f"{{{HOOK}, title: {long}, message: {long}, content: {long}}}", long="é" * 5000)
    embed = found["embeds"][0]
    assert [len(embed["title"]), len(embed["description"]), len(found["content"])] == [
        *(256, 4096, 2000)
    ]


async def test_the_address_may_be_in_a_file_and_is_not_recorded(tmp_path: Path) -> None:
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        (tmp_path / "hook").write_text(f"{server.address}/api/webhooks/1/token123\n")
        config = section_of(DiscordConfig, "webhook_url_file: hook")
        delivery = await sent(Discord(config, deps, index=0))
    assert server.paths == ["POST /api/webhooks/1/token123"]
    assert "token123" not in delivery.exchanges[0].url


def test_sections_that_alertmanager_refuses() -> None:
    assert errors_of(DiscordConfig, "title: t") == [
        "one of webhook_url or webhook_url_file must be configured"
    ]
    assert errors_of(DiscordConfig, f"{{{HOOK}, webhook_url_file: f}}") == [
        "at most one of webhook_url & webhook_url_file must be configured"
    ]
