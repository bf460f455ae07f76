from __future__ import annotations

import pytest
from aiohttp import web

from appliance.api import old_links
from appliance.api.http import base_app
from tests.api.serving import http_deps, serving

HTML = {"Accept": "text/html"}
PAGES = "http://127.0.0.1:3000"


def app(listener: str, pages: str = PAGES) -> web.Application:
    made = base_app(listener, http_deps())
    made.add_routes(old_links.routes(listener, lambda _: pages))
    return made


@pytest.mark.parametrize(
    ("listener", "old", "new"),
    [
        ("prometheus", "/graph?g0.expr=up%7Ba%3D%22%22%7D", "/metrics?g0.expr=up%7Ba%3D%22%22%7D"),
        ("prometheus", "/query?g0.expr=up", "/metrics?g0.expr=up"),
        ("prometheus", "/classic/targets", "/targets"),
        ("prometheus", "/", "/metrics"),
        ("loki", "/", "/logs"),
        ("jaeger", "/search?service=shop&lookback=1h", "/traces?service=shop&lookback=1h"),
        ("jaeger", "/trace/abcdef0123456789", "/traces/abcdef0123456789"),
        ("jaeger", "/trace/aa...bb", "/traces/compare?a=aa&b=bb"),
        ("jaeger", "/dependencies", "/map"),
        ("zipkin", "/zipkin/?serviceName=shop", "/traces?service=shop"),
        ("pushgateway", "/", "/push"),
    ],
)  # fmt: skip
async def test_an_old_link_leads_to_the_page_of_today(listener: str, old: str, new: str) -> None:
    async with serving(app(listener)) as client:
        answer = await client.get(old, headers=dict(HTML), allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, PAGES + new)


async def test_programs_and_servers_without_pages_are_told_that_there_is_nothing() -> None:
    async with serving(app("loki")) as client:
        assert (await client.get("/", allow_redirects=False)).status == 404
    async with serving(app("prometheus", pages="")) as client:
        assert (await client.get("/graph", headers=dict(HTML), allow_redirects=False)).status == 404


async def test_what_is_sent_to_such_an_address_is_nowhere() -> None:
    async with serving(app("otlp_http")) as client:
        assert (await client.post("/", headers=dict(HTML), data=b"x")).status == 404
