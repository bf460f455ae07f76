"""What integrations over HTTP share: threads for large messages, timeouts, sending again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from appliance.notify.http_integration import OFFLOADED_ALERTS, composed
from appliance.notify.integration import Delivery, NotifyFailed
from appliance.notify.webhook import Webhook, WebhookConfig
from tests.notify.receiving import a_message, an_alert, deps_of, receiving, section_of, sent
from tests.notify.test_http import silent_server


@pytest.mark.parametrize(("more", "in_thread"), [(0, False), (1, True)])
async def test_large_messages_are_composed_in_a_thread(more: int, *, in_thread: bool) -> None:
    count = OFFLOADED_ALERTS + more
    alerts = [an_alert(annotations={}, alertname="A", i=str(i)) for i in range(count)]
    name = await composed(a_message(alerts=alerts), lambda: threading.current_thread().name)
    assert (name != threading.current_thread().name) is in_thread


async def test_the_timeout_of_the_section_holds() -> None:
    async with silent_server() as address, deps_of() as deps:
        webhook = Webhook(
            section_of(WebhookConfig, f"{{url: '{address}', timeout: 20ms}}"), deps, index=0
        )
        with pytest.raises(NotifyFailed, match="deadline exceeded") as caught:
            await sent(webhook)
    assert (caught.value.is_retryable, caught.value.reason) == (True, "other")


async def test_a_recorded_request_is_sent_again_with_todays_secrets(tmp_path: Path) -> None:
    async with receiving() as server, deps_of(directory=tmp_path) as deps:
        (tmp_path / "url").write_text(f"{server.address}/old/first-token")
        webhook = Webhook(section_of(WebhookConfig, "url_file: url"), deps, index=0)
        [exchange] = (await sent(webhook)).exchanges
        (tmp_path / "url").write_text(f"{server.address}/new/second-token")
        await webhook.resend(exchange, Delivery())
        server.answers.append((500, "down"))
        with pytest.raises(NotifyFailed, match="500: down"):
            await webhook.resend(exchange, Delivery())
    assert server.paths[:2] == ["POST /old/first-token", "POST /new/second-token"]
    assert server.requests[0].body == server.requests[1].body
    assert server.requests[1].headers["Content-Type"] == "application/json"
