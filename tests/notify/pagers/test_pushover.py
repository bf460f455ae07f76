"""Pushover: parameters in the query."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.notify.pagers.pushover import Pushover, PushoverConfig, parameters
from tests.notify.receiving import (
    a_message,
    deps_of,
    errors_of,
    receiving,
    renderer_of,
    section_of,
    sent,
)

LOGIN = "user_key: UserKey12, token: Token1234"


def found(text: str, **options: Any) -> dict[str, str]:
    message = a_message(**options)
    config = section_of(PushoverConfig, f"{{{LOGIN}, {text}}}")
    return parameters(config, message, renderer_of(message))


async def test_everything_is_in_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as server, deps_of() as deps:
        monkeypatch.setattr(Pushover, "address", f"{server.address}/1/messages.json")
        config = section_of(PushoverConfig, f"{{{LOGIN}}}")
        delivery = await sent(Pushover(config, deps, index=0))
    [request] = server.requests
    query = request.query
    assert (request.method, request.path, request.body) == ("POST", "/1/messages.json", b"")
    assert (query["user"], query["token"]) == ("UserKey12", "Token1234")
    assert query["title"] == "[FIRING:1] HighLoad (n1 page)"
    assert query["url"] == "http://am/#/alerts?receiver=team-x"
    assert (query["priority"], query["retry"], query["expire"]) == ("2", "60", "3600")
    assert not {"html", "monospace", "ttl"} & query.keys()
    assert "UserKey12" not in delivery.exchanges[0].url
    assert "Token1234" not in delivery.exchanges[0].url


def test_what_is_over_has_no_priority() -> None:
    assert found("", is_firing=False)["priority"] == "0"


def test_html_is_escaped() -> None:
    asked = found("html: true, message: '<b>{{ .CommonAnnotations.summary }}</b>'")
    assert (asked["html"], asked["message"]) == ("1", "<b>load &lt;b&gt;high&lt;/b&gt;</b>")


def test_options() -> None:
    asked = found("monospace: true, ttl: 1h30m, retry: 1m30.5s, expire: 2h, device: d, sound: s")
    assert [asked[name] for name in ("monospace", "ttl", "retry", "expire", "device", "sound")] == [
        *("1", "5400", "90", "7200", "d", "s")
    ]


def test_texts_are_cut_and_an_empty_message_is_filled() -> None:
    long = "'{{ .CommonAnnotations.long }}'"
    asked = found(f"title: {long}, message: {long}, url: {long}", long="z" * 2000)
    assert [len(asked[name]) for name in ("title", "message", "url")] == [250, 1024, 512]
    assert found("message: ' '")["message"] == "(no details)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{token: t}", "one of user_key or user_key_file must be configured"),
        ("{user_key: u}", "one of token or token_file must be configured"),
        (
            "{user_key: u, user_key_file: f, token: t}",
            "at most one of user_key & user_key_file must be configured",
        ),
        (
            "{user_key: u, token: t, html: true, monospace: true}",
            "at most one of monospace & html must be configured",
        ),
    ],
)
def test_sections_that_alertmanager_refuses(text: str, message: str) -> None:
    assert errors_of(PushoverConfig, text) == [message]
