"""What every integration keeps to; mail, which is not HTTP, has its own tests."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from appliance.base.clock import ManualClock, SystemClock
from appliance.notify.build import build
from appliance.notify.global_config import GlobalConfig
from appliance.notify.integration import Delivery, Integration, NotifyFailed, TemplateFailed
from appliance.notify.kinds import KINDS
from appliance.notify.pagers.pushover import Pushover
from appliance.notify.receiver import Receiver as ReceiverConfig
from appliance.notify.resolve import resolved_receiver
from appliance.notify.template.templates import NotificationTemplates
from tests.ingest.servers import serving
from tests.notify.receiving import NOW_MS, Receiver, a_message, receiving, section_of, sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Sections that can be used as they are; every secret in them is called so.
SECTIONS = {
    "webhook": "url: '{url}/hidden-Secret1'",
    "pagerduty": "routing_key: hidden-Secret1, url: '{url}'",
    "opsgenie": "api_key: hidden-Secret1, api_url: '{url}'",
    "wechat": "api_secret: hidden-Secret1, corp_id: c, api_url: '{url}', send_resolved: true",
    "slack": "api_url: '{url}/hidden-Secret1', channel: x, send_resolved: true",
    "victorops": "api_key: hidden-Secret1, routing_key: r, api_url: '{url}'",
    "pushover": "user_key: hidden-Secret1, token: hidden-Secret2",
    "sns": "api_url: '{url}', topic_arn: t, "
    "sigv4: {{region: eu-west-1, access_key: a, secret_key: hidden-Secret1}}",
    "telegram": "bot_token: hidden-Secret1, chat_id: 1, api_url: '{url}'",
    "discord": "webhook_url: '{url}/hidden-Secret1'",
    "webex": "room_id: r, api_url: '{url}', "
    "http_config: {{authorization: {{credentials: hidden-Secret1}}}}",
    "msteams": "webhook_url: '{url}/hidden-Secret1'",
    "msteamsv2": "webhook_url: '{url}/hidden-Secret1'",
    "jira": "project: P, issue_type: Bug, api_url: '{url}', "
    "http_config: {{basic_auth: {{username: u, password: hidden-Secret1}}}}",
    "rocketchat": "token: hidden-Secret1, token_id: hidden-Secret2, api_url: '{url}', "
    "send_resolved: true",
    "mattermost": "webhook_url: '{url}/hidden-Secret1'",
    "incidentio": "url: '{url}', alert_source_token: hidden-Secret1",
}
#: Codes that are worth another attempt, besides 5xx.
RETRIED = {
    "pagerduty": {429},
    "opsgenie": {429},
    "slack": {429},
    "jira": {429},
    "incidentio": {429},
    "wechat": {400, 403, 429},
    "telegram": {400, 403, 429},
}
#: Where the text of a message is, for integrations that have templates.
BROKEN = "{{ .Nothing.There }}"
TEXTS = {
    "webhook": f"payload: {{text: '{BROKEN}'}}",
    "pagerduty": f"description: '{BROKEN}', details: {{firing: '{BROKEN}'}}",
    "opsgenie": f"description: '{BROKEN}', message: '{BROKEN}'",
    "wechat": f"message: '{BROKEN}'",
    "slack": f"text: '{BROKEN}', title: '{BROKEN}'",
    "victorops": f"state_message: '{BROKEN}', entity_display_name: '{BROKEN}'",
    "pushover": f"message: '{BROKEN}', title: '{BROKEN}'",
    "sns": f"message: '{BROKEN}', subject: '{BROKEN}'",
    "telegram": f"message: '{BROKEN}'",
    "discord": f"message: '{BROKEN}', title: '{BROKEN}'",
    "webex": f"message: '{BROKEN}'",
    "msteams": f"text: '{BROKEN}', title: '{BROKEN}', summary: '{BROKEN}'",
    "msteamsv2": f"text: '{BROKEN}', title: '{BROKEN}'",
    "jira": f"description: '{BROKEN}', summary: '{BROKEN}'",
    "rocketchat": f"text: '{BROKEN}', title: '{BROKEN}'",
    "mattermost": f"text: '{BROKEN}', title: '{BROKEN}'",
}
#: What any of them takes for success.
OPEN = {"status": {"statusCategory": {"key": "new"}}}
FINE = {
    "ok": True,
    "success": True,
    "errcode": 0,
    "access_token": "t",
    "issues": [{"key": "P-1", "fields": OPEN}],
}


@asynccontextmanager
async def made(kind: str, address: str, more: str = "") -> AsyncIterator[Integration]:
    """An integration as a configuration makes it."""
    text = SECTIONS[kind].format(url=address) + (f", {more}" if more else "")
    receiver = section_of(ReceiverConfig, f"{{name: r, {kind}_configs: [{{{text}}}]}}")
    async with aiohttp.ClientSession() as session:
        [integration] = build(
            resolved_receiver(receiver, GlobalConfig()),
            session=lambda: session,
            templates=NotificationTemplates(),
            clock=ManualClock(NOW_MS),
            directory=Path(),
        )
        if isinstance(integration, Pushover):
            integration.address = f"{address}/1/messages.json"
        yield integration


@asynccontextmanager
async def server() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        receiver.usual = lambda _: (200, FINE)
        yield receiver


def everything(receiver: Receiver) -> str:
    """All that came, as text."""
    return " ".join(f"{request.query} {request.body.decode()}" for request in receiver.requests)


def test_every_integration_is_tested_here() -> None:
    names = [field.name for field in dataclasses.fields(ReceiverConfig)]
    keys = {name for name in names if name.endswith("_configs")}
    assert {kind.key for kind in KINDS.values()} == keys
    assert SECTIONS.keys() == KINDS.keys() - {"email"}
    assert TEXTS.keys() == SECTIONS.keys() - {"incidentio"}


@pytest.mark.parametrize("is_firing", [True, False])
@pytest.mark.parametrize("kind", SECTIONS)
async def test_messages_arrive(kind: str, *, is_firing: bool) -> None:
    async with server() as receiver, made(kind, receiver.address) as integration:
        delivery = await sent(integration, a_message(is_firing=is_firing))
    assert integration.send_resolved
    assert (integration.kind, integration.index) == (kind, 0)
    is_closed = kind == "opsgenie" and not is_firing  # which names only the group
    assert ("HighLoad" in everything(receiver)) is not is_closed
    assert len(delivery.exchanges) == len(receiver.requests)
    assert {exchange.status for exchange in delivery.exchanges} == {200}


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
@pytest.mark.parametrize("kind", SECTIONS)
async def test_what_is_worth_another_attempt(kind: str, status: int) -> None:
    said = {"ok": False, "error_code": status, "description": "d"}
    async with server() as receiver, made(kind, receiver.address) as integration:
        receiver.answers = [(200, FINE)] * (kind == "wechat")  # the token
        receiver.answers.append((status, said))
        with pytest.raises(NotifyFailed) as failed:
            await sent(integration)
    assert failed.value.is_retryable == (status >= 500 or status in RETRIED.get(kind, ()))
    reasons = {400: "clientError", 403: "authError", 429: "rateLimited"}
    assert failed.value.reason == reasons.get(status, "serverError")
    assert str(status) in str(failed.value)


@pytest.mark.parametrize("kind", SECTIONS)
async def test_a_server_that_is_gone_is_worth_another_attempt(kind: str) -> None:
    async with made(kind, "http://127.0.0.1:1") as integration:
        delivery = Delivery(clock=ManualClock(NOW_MS))
        with pytest.raises(NotifyFailed, match="connection refused") as failed:
            await integration.send(a_message(), delivery)
    assert failed.value.is_retryable
    assert "hidden-Secret" not in str(failed.value)
    assert delivery.exchanges[0].error


@pytest.mark.parametrize("kind", SECTIONS)
async def test_a_server_that_does_not_answer_is_left(kind: str) -> None:
    is_over = asyncio.Event()

    async def stuck(_: web.Request) -> web.StreamResponse:
        await is_over.wait()
        return web.Response()

    async with serving(stuck) as address, made(kind, f"http://{address}") as integration:
        delivery = Delivery(timeout_seconds=0.05, clock=SystemClock())
        with pytest.raises(NotifyFailed, match="context deadline exceeded") as failed:
            await integration.send(a_message(), delivery)
        is_over.set()
    assert failed.value.reason == "contextDeadlineExceeded"
    assert failed.value.is_retryable


@pytest.mark.parametrize("status", [200, 418])
@pytest.mark.parametrize("kind", SECTIONS)
async def test_secrets_are_not_recorded(kind: str, status: int) -> None:
    delivery, message = Delivery(clock=ManualClock(NOW_MS)), ""
    async with server() as receiver, made(kind, receiver.address) as integration:
        receiver.usual = lambda request: (
            status,
            {**FINE, "echo": f"{request.path} hidden-Secret1"},
        )
        try:
            await integration.send(a_message(), delivery)
        except NotifyFailed as error:
            message = str(error)
    assert receiver.requests
    recorded = repr(delivery.exchanges)
    assert "hidden-Secret" not in recorded
    assert "aGlkZGVu" not in recorded  # the same in base64
    assert "hidden-Secret1" not in message


@pytest.mark.parametrize("kind", TEXTS)
async def test_a_template_that_fails_sends_nothing(kind: str) -> None:
    async with server() as receiver, made(kind, receiver.address, TEXTS[kind]) as integration:
        with pytest.raises(TemplateFailed, match="Nothing"):
            await sent(integration)
    assert receiver.requests == []


@pytest.mark.parametrize("kind", TEXTS)
async def test_the_fallback_carries_every_label(kind: str) -> None:
    alert: Any = {"odd_label": "odd value"}
    async with server() as receiver, made(kind, receiver.address, TEXTS[kind]) as integration:
        await sent(integration, a_message(**alert), is_fallback=True)
    found = everything(receiver).replace("+", " ").replace("%3D", "=")
    for part in ("severity", "page", "instance", "n1", "odd_label", "odd value"):
        assert part in found
