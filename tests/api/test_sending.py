from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from appliance.api.http import HttpDeps, base_app, require_token
from appliance.api.request import body_of
from appliance.api.sending import sending
from appliance.base.errors import BadInput
from appliance.model.accepted import Accepted, Origin, Reject
from tests.api.serving import http_deps, serving

HEADERS = {"User-Agent": "shipper/2", "X-Scope-OrgID": "acme"}


@pytest.fixture
def deps() -> HttpDeps:
    return http_deps(token="secret")


def app_of(deps: HttpDeps) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        with sending(request, "logs", "loki") as sent:
            require_token(request)
            body = await body_of(request)
            if body == b"bad":
                raise BadInput("not a push request")
            rejects = (Reject(0, "line too long", 2),)
            sent.took(Accepted(7, 2, rejects, (Origin("shop"),)))
        return web.Response()

    app = base_app("test", deps)
    app.add_routes([web.post("/push", take)])
    return app


async def send(deps: HttpDeps, body: bytes, **headers: str) -> Any:
    async with serving(app_of(deps)) as client:
        await client.post("/push", data=body, headers=HEADERS | headers)
    (row,) = deps.senders.rows()
    return row


async def test_a_request_is_taken_down(deps: HttpDeps) -> None:
    row = await send(deps, b"hello", Authorization="Bearer secret")
    assert row.key == ("logs", "loki", "acme", "127.0.0.1", "shipper/2", "shop", "")
    assert (row.requests, row.failures, row.items, row.rejected) == (1, 0, 7, 2)
    assert row.size_bytes == 5
    assert row.reasons["line too long"].count == 2
    assert row.last_ms == deps.clock.now_ms()


@pytest.mark.parametrize(
    ("token", "reason"), [("wrong", "missing or wrong token"), ("secret", "not a push request")]
)
async def test_what_is_refused_is_taken_down_with_its_reason(
    deps: HttpDeps, token: str, reason: str
) -> None:
    row = await send(deps, b"bad", Authorization=f"Bearer {token}")
    assert (row.requests, row.failures, row.items) == (1, 1, 0)
    assert list(row.reasons) == [reason]
