"""Requests of integrations against a real server: what is sent, recorded, and how answers count."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.config.secret import Secret
from appliance.notify.chats.slack import SlackConfig
from appliance.notify.http import (
    CUT,
    RECORDED_CHARS,
    Answer,
    check,
    post,
    truncated,
    truncated_bytes,
)
from appliance.notify.integration import Delivery, NotifyFailed
from appliance.notify.secrets import Secrets
from tests.notify.receiving import deps_of, receiving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def silent_server() -> AsyncIterator[str]:
    """Takes connections and never answers."""
    held: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in held:
            writer.close()
            await writer.wait_closed()


async def test_what_is_sent_and_what_is_recorded() -> None:
    async with receiving() as server, deps_of() as deps:
        delivery = Delivery()
        server.answers.append((201, {"id": 7}))
        answer = await post(
            deps.http, delivery, f"{server.address}/in?a=1", json={"é": 1}, headers={"X-A": "b"}
        )
    [request] = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/in", {"a": "1"})
    assert request.json == {"é": 1}
    assert request.headers["User-Agent"].startswith("Alertmanager/")
    assert request.headers["Content-Type"] == "application/json"
    assert (answer.status, answer.json(), answer.is_json) == (201, {"id": 7}, True)
    [exchange] = delivery.exchanges
    assert (exchange.method, exchange.status, exchange.body) == ("POST", 201, '{"é":1}')
    assert exchange.answer == '{"id": 7}'
    assert exchange.headers["X-A"] == "b"


async def test_secrets_are_in_no_part_of_the_record() -> None:
    token = 'tok-4711-"quoted"/&'
    config = SlackConfig(app_token=Secret(token))
    secrets = Secrets(config, Path())
    async with receiving() as server, deps_of() as deps:
        server.answers.append((400, {"you": f"sent {token}"}))
        delivery = Delivery()
        await post(
            deps.http,
            delivery,
            f"{server.address}/x?token=tok-4711-%22quoted%22%2F%26",
            json={"key": token},
            headers={"Authorization": f"Bearer {token}"},
            secrets=secrets,
        )
    assert server.requests[0].headers["Authorization"] == f"Bearer {token}"
    assert "4711" not in repr(delivery.exchanges)
    assert "<secret:app_token>" in delivery.exchanges[0].body


async def test_half_a_secret_is_not_left_where_a_text_is_cut() -> None:
    secrets = Secrets(SlackConfig(app_token=Secret("s3cr3t-token-of-some-length")), Path())
    body = ("x" * 40 + "s3cr3t-token-of-some-length") * 3000
    async with receiving() as server, deps_of() as deps:
        delivery = Delivery()
        await post(deps.http, delivery, server.address, body=body, secrets=secrets)
    shown = delivery.exchanges[0].body
    assert len(server.requests[0].body) == len(body)
    assert len(shown) <= RECORDED_CHARS + len(CUT)
    assert shown.endswith(CUT)
    assert "s3cr3t" not in shown


async def test_no_connection_is_worth_another_attempt() -> None:
    async with deps_of() as deps:
        delivery = Delivery()
        with pytest.raises(NotifyFailed, match="connection refused") as caught:
            await post(deps.http, delivery, "http://127.0.0.1:1/hook", json={})
    assert caught.value.is_retryable
    assert caught.value.reason == "other"
    assert delivery.exchanges[0].status == 0
    assert "connection refused" in delivery.exchanges[0].error


async def test_a_flush_that_is_over_is_told_apart_from_a_timeout_of_the_section() -> None:
    async with silent_server() as address, deps_of() as deps:
        for own, reason in ((None, "contextDeadlineExceeded"), (0.02, "other")):
            delivery = Delivery(timeout_seconds=0.05)
            with pytest.raises(NotifyFailed, match="deadline exceeded") as caught:
                await post(deps.http, delivery, address, json={}, timeout_seconds=own)
            assert (caught.value.reason, caught.value.is_retryable) == (reason, True)


@pytest.mark.parametrize(
    ("status", "retry_on", "is_retryable", "reason"),
    [
        (500, (), True, "serverError"),
        (503, (), True, "serverError"),
        (400, (), False, "clientError"),
        (404, (), False, "clientError"),
        (429, (), False, "rateLimited"),
        (429, (429,), True, "rateLimited"),
        (401, (), False, "authError"),
        (403, (403,), True, "authError"),
        (307, (), False, "other"),
    ],
)
def test_how_answers_count(
    status: int, retry_on: tuple[int, ...], *, is_retryable: bool, reason: str
) -> None:
    with pytest.raises(NotifyFailed) as caught:
        check(Answer(status, b"no"), retry_on=retry_on, prefix='channel "#a": ')
    error = caught.value
    assert str(error) == f'channel "#a": unexpected status code {status}: no'
    assert (error.is_retryable, error.reason) == (is_retryable, reason)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success(status: int) -> None:
    check(Answer(status, b""))


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [(429, "7", 7), (503, "1.5", 1.5), (500, "7", None), (429, "Wed, 21 Oct", None)],
)
def test_what_a_receiver_asks_for(status: int, header: str, seconds: float | None) -> None:
    with pytest.raises(NotifyFailed) as caught:
        check(Answer(status, b"", {"retry-after": header}))
    assert caught.value.retry_after_seconds == seconds


def test_cutting() -> None:
    assert truncated("abcd", 4) == "abcd"
    assert truncated("abcde", 4) == "abc…"
    assert truncated("abcde", 3) == "abc"
    assert truncated_bytes("ä" * 10, 20) == "ä" * 10
    assert truncated_bytes("ä" * 10, 10) == "äää…"
