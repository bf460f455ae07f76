"""Telegram: `sendMessage` as a bot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.notify.chats.telegram import Telegram, TelegramConfig, fitted, payload
from appliance.notify.integration import NotifyFailed
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
    config = section_of(TelegramConfig, f"{{chat_id: -100, {text}}}")
    return payload(config, renderer_of(a_message(**options)), chat_id=-100)


async def test_the_bots_token_is_in_the_address_and_not_recorded() -> None:
    async with receiving() as server, deps_of() as deps:
        text = f"{{api_url: '{server.address}/tg', bot_token: '123:abcdefgh', chat_id: -100}}"
        delivery = await sent(Telegram(section_of(TelegramConfig, text), deps, index=0))
    [request] = server.requests
    assert request.path == "/tg/bot123:abcdefgh/sendMessage"
    assert (request.json["chat_id"], request.json["parse_mode"]) == ("-100", "HTML")
    assert "abcdefgh" not in delivery.exchanges[0].url


async def test_token_and_chat_may_be_in_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("123:abc\n")
    (tmp_path / "chat").write_text(" -42\n")
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        text = f"{{api_url: '{server.address}', bot_token_file: token, chat_id_file: chat}}"
        integration = Telegram(section_of(TelegramConfig, text), deps, index=0)
        await sent(integration)
        assert server.requests[0].json["chat_id"] == "-42"
        (tmp_path / "chat").write_text("x")
        with pytest.raises(NotifyFailed, match="could not parse chat_id from chat: 'x'"):
            await sent(integration)


def test_html_is_escaped() -> None:
    found = body("message: '<b>{{ .CommonAnnotations.summary }}</b>'")
    assert found["text"] == "<b>load &lt;b&gt;high&lt;/b&gt;</b>"
    assert found["disable_web_page_preview"] == "true"
    assert "disable_notification" not in found


def test_options() -> None:
    found = body(
        "parse_mode: MarkdownV2, disable_notifications: true, message_thread_id: 7, "
        "message: '*{{ .CommonAnnotations.summary }}*'"
    )
    assert found == {
        "chat_id": "-100",
        "text": "*load <b>high</b>*",
        "parse_mode": "MarkdownV2",
        "disable_notification": "true",
        "disable_web_page_preview": "true",
        "message_thread_id": "7",
    }


def test_plain_texts_are_cut() -> None:
    found = body("parse_mode: '', message: '{{ .CommonAnnotations.long }}'", long="y" * 5000)
    assert "parse_mode" not in found
    assert (len(found["text"]), found["text"][-2:]) == (4096, "y…")


def test_html_that_is_too_long_is_cut_without_its_markup() -> None:
    assert fitted("<b>x</b>") == "<b>x</b>"
    marked = "<b>a</b>&amp;" * 500
    assert fitted(marked) == marked
    cut = fitted("<b>a</b>&amp;" * 3000)
    assert cut.startswith("a&amp;a&amp;")
    assert cut.endswith("a…")
    assert "<" not in cut


@pytest.mark.parametrize(
    ("status", "said", "message", "reason", "after"),
    [
        (
            *(400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}),
            *("telegram: Bad Request: chat not found (400)", "clientError", None),
        ),
        (
            *(401, {"ok": False, "error_code": 401, "description": "Unauthorized"}),
            *("telegram: Unauthorized (401)", "authError", None),
        ),
        (
            *(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}}),
            *("(429)", "rateLimited", 7.0),
        ),
        (502, "<html>", "telegram: <html> (502)", "serverError", None),
    ],
)
async def test_refusals_are_tried_again(
    status: int, said: Any, message: str, reason: str, after: float | None
) -> None:
    async with receiving() as server, deps_of() as deps:
        server.answers = [(status, said)]
        text = f"{{api_url: '{server.address}', bot_token: t, chat_id: 1}}"
        with pytest.raises(NotifyFailed) as failed:
            await sent(Telegram(section_of(TelegramConfig, text), deps, index=0))
    assert message in str(failed.value)
    assert failed.value.is_retryable
    assert (failed.value.reason, failed.value.retry_after_seconds) == (reason, after)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bot_token: t", "missing chat_id or chat_id_file on telegram_config"),
        ("{chat_id: 1, chat_id_file: f}", "at most one of chat_id & chat_id_file must be"),
        (
            "{chat_id: 1, parse_mode: X}",
            "unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty",
        ),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert [message in found for found in errors_of(TelegramConfig, text)] == [True]
