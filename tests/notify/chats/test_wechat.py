"""WeChat: a token, then messages."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.base.clock import ManualClock
from appliance.notify.chats.wechat import Wechat, WechatConfig, payload
from appliance.notify.integration import NotifyFailed
from tests.notify.receiving import (
    NOW_MS,
    Request,
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

LOGIN = "api_secret: WxSecret12, corp_id: corp"


def answer(request: Request) -> tuple[int, Any]:
    is_token = request.path.endswith("/gettoken")
    return 200, {"errcode": 0, **({"access_token": "WxToken123"} if is_token else {})}


def body(text: str) -> dict[str, Any]:
    return payload(section_of(WechatConfig, text), renderer_of(a_message()))


async def test_a_token_is_kept_for_two_hours() -> None:
    clock = ManualClock(NOW_MS)
    async with receiving() as server, deps_of(clock=clock) as deps:
        server.usual = answer
        config = section_of(WechatConfig, f"{{api_url: '{server.address}/wx', {LOGIN}}}")
        integration = Wechat(config, deps, index=0)
        delivery = await sent(integration)
        recorded = " ".join(exchange.url + exchange.answer for exchange in delivery.exchanges)
        await clock.advance(7200)
        await sent(integration)
        await clock.advance(1)
        await sent(integration)
    assert server.paths == [
        *("GET /wx/gettoken", "POST /wx/message/send", "POST /wx/message/send"),
        *("GET /wx/gettoken", "POST /wx/message/send"),
    ]
    assert server.requests[0].query == {"corpid": "corp", "corpsecret": "WxSecret12"}
    assert server.requests[1].query == {"access_token": "WxToken123"}
    assert "WxSecret12" not in recorded
    assert "WxToken123" not in recorded
    assert "<secret:wechat.access_token>" in recorded


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_that_is_refused_is_asked_for_anew(code: int) -> None:
    async with receiving() as server, deps_of() as deps:
        server.usual = answer
        config = section_of(WechatConfig, f"{{api_url: '{server.address}/', {LOGIN}}}")
        integration = Wechat(config, deps, index=0)
        await sent(integration)
        server.answers = [(200, {"errcode": code, "errmsg": "access_token expired"})]
        with pytest.raises(NotifyFailed, match="access_token expired") as failed:
            await sent(integration)
        await sent(integration)
    assert failed.value.is_retryable
    assert server.paths[-2:] == ["GET /gettoken", "POST /message/send"]


@pytest.mark.parametrize(
    ("answers", "message", "is_retryable"),
    [
        ([(200, {"errcode": 40013})], "invalid APISecret for CorpID: corp", False),
        (
            [(200, {"access_token": "t"}), (200, {"errcode": 81013, "errmsg": "no user"})],
            *("no user", False),
        ),
        ([(200, {"access_token": "t"}), (400, {})], "unexpected status code 400", True),
        ([(503, {})], "unexpected status code 503", True),
    ],
)
async def test_refusals(answers: list[Any], message: str, is_retryable: bool) -> None:  # noqa: FBT001 - a table
    async with receiving() as server, deps_of() as deps:
        server.answers = answers
        config = section_of(WechatConfig, f"{{api_url: '{server.address}/', {LOGIN}}}")
        with pytest.raises(NotifyFailed, match=message) as failed:
            await sent(Wechat(config, deps, index=0))
    assert failed.value.is_retryable is is_retryable


def test_the_message() -> None:
    found = body("{to_user: 'u|v', to_party: p, to_tag: t, agent_id: '7', message: m}")
    assert found == {
        "text": {"content": "m"},
        "touser": "u|v",
        "toparty": "p",
        "totag": "t",
        "agentid": "7",
        "safe": "0",
        "msgtype": "text",
        "markdown": {"content": ""},
    }


def test_the_defaults_name_nobody() -> None:
    found = body("{}")
    assert found.keys() == {"text", "safe", "msgtype", "markdown"}
    assert found["text"]["content"].startswith("[FIRING:1] HighLoad (n1 page)\nload <b>high</b>\n")


def test_markdown() -> None:
    found = body("{message_type: markdown, message: '*{{ .Status }}*'}")
    assert (found["msgtype"], found["markdown"]) == ("markdown", {"content": "*firing*"})


def test_sections_that_alertmanager_refuses() -> None:
    assert errors_of(WechatConfig, "message_type: news") == [
        'weChat message type "news" does not match valid options ^(text|markdown)$'
    ]
    assert errors_of(WechatConfig, "{api_secret: a, api_secret_file: b}") == [
        "at most one of api_secret & api_secret_file must be configured"
    ]
