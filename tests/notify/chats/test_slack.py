"""Slack: webhooks and bots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from appliance.notify.chats.slack import Slack, SlackConfig
from appliance.notify.integration import Delivery, NotifyFailed, TemplateFailed
from tests.ingest.servers import serving
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    section_of,
    sent,
)

LINK = "http://am/#/alerts?receiver=team-x"


async def request_of(text: str, **options: Any) -> dict[str, Any]:
    """What is sent for a section; `api_url` is added."""
    async with receiving() as server, deps_of() as deps:
        server.answers.append((200, "ok"))
        config = section_of(SlackConfig, f"api_url: {server.address}\n{text}")
        await sent(Slack(config, deps, index=0), a_message(**options))
        found: dict[str, Any] = server.requests[0].json
        return found


async def test_the_defaults() -> None:
    title = "[FIRING:1] HighLoad (n1 page)"
    assert await request_of("channel: '#alerts'") == {
        "channel": "#alerts",
        "username": "Alertmanager",
        "attachments": [
            {
                "title": title,
                "title_link": LINK,
                "text": "",
                "fallback": f"{title} | {LINK}",
                "callback_id": "",
                "footer": "",
                "color": "danger",
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    }
    found = await request_of("", is_firing=False)
    assert "channel" not in found
    assert found["attachments"][0]["color"] == "good"


async def test_every_key() -> None:
    found = await request_of("""
channel: '{{ .GroupLabels.alertname | toLower }}'
username: 'bot {{ .Status }}'
icon_emoji: ':fire:'
icon_url: 'http://i/{{ .Status }}.png'
link_names: true
message_text: 'msg {{ .Status }}'
callback_id: 'cb-{{ .Status }}'
color: warning
fallback: fb
footer: 'foot {{ len .Alerts }}'
mrkdwn_in: [text]
pretext: 'pre {{ .ExternalURL }}'
short_fields: true
text: 'T {{ .Status }}'
title: 'Ti {{ .Status }}'
title_link: 'http://l/{{ .Status }}'
image_url: 'http://img/{{ .Status }}'
thumb_url: 'http://thumb/{{ .Status }}'
fields:
- {title: 'S {{ .Status }}', value: '{{ .CommonLabels.severity }}'}
- {title: Long, value: x, short: false}
actions:
- {type: button, text: 'Run {{ .Status }}', url: 'http://r/{{ .Status }}', style: primary, name: no}
- type: button
  text: Ack
  name: ack
  value: 'v-{{ .Status }}'
  confirm: {title: 'Sure {{ .Status }}?', text: really, ok_text: 'Yes', dismiss_text: 'No'}
""")
    [attachment] = found.pop("attachments")
    assert found == {
        "channel": "highload",
        "username": "bot firing",
        "icon_emoji": ":fire:",
        "icon_url": "http://i/firing.png",
        "link_names": True,
        "text": "msg firing",
    }
    assert attachment == {
        "title": "Ti firing",
        "title_link": "http://l/firing",
        "pretext": "pre http://am",
        "text": "T firing",
        "fallback": "fb",
        "callback_id": "cb-firing",
        "footer": "foot 1",
        "color": "warning",
        "mrkdwn_in": ["text"],
        "image_url": "http://img/firing",
        "thumb_url": "http://thumb/firing",
        "fields": [
            {"title": "S firing", "value": "page", "short": True},
            {"title": "Long", "value": "x", "short": False},
        ],
        "actions": [
            {
                "type": "button",
                "text": "Run firing",
                "url": "http://r/firing",
                "style": "primary",
            },
            {
                "type": "button",
                "text": "Ack",
                "name": "ack",
                "value": "v-firing",
                "confirm": {
                    "title": "Sure firing?",
                    "text": "really",
                    "ok_text": "Yes",
                    "dismiss_text": "No",
                },
            },
        ],
    }


async def test_long_titles_are_cut() -> None:
    found = await request_of("title: '{{ .CommonAnnotations.long }}'", long="ä" * 1500)
    title = found["attachments"][0]["title"]
    assert (len(title), title[-2:]) == (1024, "ä…")


@pytest.mark.parametrize(
    ("answer", "error", "is_retryable"),
    [
        ((200, "invalid_payload"), "received an error response from Slack: invalid_payload", False),
        (
            (200, {"ok": False, "error": "no_channel"}),
            "error response from Slack: no_channel",
            False,
        ),
        ((200, ["x"]), 'error response from Slack: ["x"]', False),
        ((404, "channel_not_found"), "unexpected status code 404: channel_not_found", False),
        ((429, "slow"), "unexpected status code 429: slow", True),
        ((500, "oops"), "unexpected status code 500: oops", True),
    ],
)
async def test_answers_that_are_errors(
    answer: tuple[int, Any], error: str, *, is_retryable: bool
) -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers.append(answer)
        config = section_of(SlackConfig, f"{{api_url: '{server.address}', channel: '#a'}}")
        with pytest.raises(NotifyFailed) as caught:
            await sent(Slack(config, deps, index=0))
    assert str(caught.value) == f'channel "#a": {error}'
    assert caught.value.is_retryable is is_retryable


async def test_an_answer_that_is_broken_json_may_do_better() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text='{"ok"', content_type="application/json")

    async with serving(answer) as address, deps_of() as deps:
        config = section_of(SlackConfig, f"{{api_url: 'http://{address}', channel: '#a'}}")
        with pytest.raises(NotifyFailed, match='channel "#a": could not unmarshal') as caught:
            await sent(Slack(config, deps, index=0))
    assert (caught.value.is_retryable, caught.value.reason) == (True, "clientError")


async def test_a_bot_changes_its_message() -> None:
    async with receiving() as server, deps_of() as deps:
        server.usual = lambda _: (200, {"ok": True, "ts": "17.1", "channel": "C9"})
        url = f"{server.address}/api/chat.postMessage"
        text = f"{{api_url: '{url}', channel: '#a', update_message: true}}"
        slack = Slack(section_of(SlackConfig, text), deps, index=0)
        first = await sent(slack)
        assert first.data == {"threadTs": "17.1", "channelId": "C9"}
        second = Delivery(data=dict(first.data))
        await slack.send(a_message(is_firing=False), second)
    assert server.paths == ["POST /api/chat.postMessage", "POST /api/chat.update"]
    assert "ts" not in server.requests[0].json
    changed = server.requests[1].json
    assert (changed["ts"], changed["channel"]) == ("17.1", "C9")
    assert second.data == first.data


async def test_the_address_in_a_file_is_not_recorded(tmp_path: Path) -> None:
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        (tmp_path / "url").write_text(f" {server.address}/services/T0/B0/abcd1234 \n")
        server.answers.append((200, "ok"))
        config = section_of(SlackConfig, "{channel: x, api_url_file: url}")
        delivery = await sent(Slack(config, deps, index=0))
    assert server.paths == ["POST /services/T0/B0/abcd1234"]
    assert "abcd1234" not in repr(delivery.exchanges)


async def test_the_fallback_says_everything() -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers.append((200, "ok"))
        text = f"api_url: {server.address}\ntitle: '{{{{ .Nope }}}}'\ncolor: '{{{{ .No }}}}'"
        slack = Slack(section_of(SlackConfig, text), deps, index=0)
        with pytest.raises(TemplateFailed):
            await sent(slack)
        await sent(slack, is_fallback=True)
    [attachment] = server.requests[0].json["attachments"]
    assert "instance" in attachment["title"]
    assert "load <b>high</b>" in attachment["title"]
    assert "color" not in attachment


def test_what_is_refused() -> None:
    both = "{api_url: 'http://x', app_token: t}"
    [message] = errors_of(SlackConfig, both)
    assert "at most one of api_url/api_url_file & app_token/app_token_file" in message
    [message] = errors_of(SlackConfig, "{api_url: 'http://x', update_message: true}")
    assert "only be used with bot tokens" in message
    [message] = errors_of(SlackConfig, "{api_url: 'http://x', actions: [{type: b, text: t}]}")
    assert message == "missing name or url in Slack action configuration"
    assert not errors_of(SlackConfig, "{app_token: t, update_message: true}")
