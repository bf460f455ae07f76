"""Targets that an HTTP server lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from appliance.base.clock import ManualClock
from appliance.base.errors import ApplianceError, BadInput
from appliance.http_client.client import HttpClient
from appliance.ingest.discovery.http import HttpDiscovery, HttpSdConfig, groups_of
from appliance.ingest.discovery.static import TargetGroup
from tests.ingest.servers import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GROUPS = '[{"targets": ["a:1", "b:2"], "labels": {"env": "x"}}, {"targets": ["c:3"]}]'


class Lister:
    """Answers with what it is told to."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.body, self.kind, self.status = GROUPS, "application/json; charset=utf-8", 200
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        headers = {"Content-Type": self.kind}
        return web.Response(body=self.body.encode(), headers=headers, status=self.status)

    async def ask(self) -> list[TargetGroup]:
        config = HttpSdConfig(url=self.url)
        async with aiohttp.ClientSession() as session:
            client = HttpClient(config, lambda: session, ManualClock())
            return await HttpDiscovery(config, client).refresh()


@pytest.fixture
async def lister() -> AsyncIterator[Lister]:
    made = Lister()
    async with serving(made.handle) as address:
        made.url = f"http://{address}/targets"
        yield made


async def test_groups_are_listed_with_the_url(lister: Lister) -> None:
    url = lister.url
    assert await lister.ask() == [
        TargetGroup(
            f"{url}:0",
            [{"__address__": "a:1"}, {"__address__": "b:2"}],
            {"env": "x", "__meta_url": url},
        ),
        TargetGroup(f"{url}:1", [{"__address__": "c:3"}], {"__meta_url": url}),
    ]
    (request,) = lister.requests
    assert request.headers["Accept"] == "application/json"
    assert request.headers["X-Prometheus-Refresh-Interval-Seconds"] == "60"


async def test_answers_of_no_use_are_refused(lister: Lister) -> None:
    lister.kind = "text/plain"
    with pytest.raises(BadInput, match="unsupported content type 'text/plain'"):
        await lister.ask()
    lister.status = 503
    with pytest.raises(ApplianceError, match="server returned HTTP status 503"):
        await lister.ask()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[", "is not JSON"),
        (b"{}", "not a list of target groups"),
        (b"[null]", "nil target group item found"),
        (b'["a"]', "a target group is an object"),
        (b'[{"targets": [1]}]', "a list of texts"),
        (b'[{"targets": [], "labels": {"a": 1}}]', "are texts by name"),
    ],
)
def test_other_forms_are_refused(body: bytes, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        groups_of(body, "u")
