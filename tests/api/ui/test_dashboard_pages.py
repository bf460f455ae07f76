"""The pages of dashboards, as the server draws them, and old addresses that lead to them."""

from __future__ import annotations

import re

import orjson
import pytest

from appliance.api.ui.dashboard_pages import slug_of
from tests.api.serving import Client
from tests.api.ui.test_dashboards import client

__all__ = ["client"]


async def test_the_list_has_folders_tags_and_broken_files(client: Client) -> None:
    text = (await client.get("/dashboards")).text
    assert '<a href="/d/shop" data-row>Web shop</a>' in text
    assert re.search(r"<h2[^>]*>team</h2>", text)
    assert "1 not shown" in text
    assert "c.json:1" in text
    assert '/dashboards?tag=web"' in text


async def test_a_search_that_finds_nothing_says_so(client: Client) -> None:
    text = (await client.get("/dashboards?query=nothing")).text
    assert "No dashboard has this in its title" in text


async def test_the_list_as_data(client: Client) -> None:
    found = (await client.get("/dashboards.json?tag=web")).json
    assert [one["uid"] for one in found["dashboards"]] == ["shop"]


async def test_a_dashboard_carries_what_draws_it(client: Client) -> None:
    text = (await client.get("/d/shop/whatever-slug")).text
    props = re.search(r'data-island="dashboard" data-props="([^"]*)"', text)
    assert props
    given = orjson.loads(props[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))
    assert given["answer"]["dashboard"]["uid"] == "shop"
    assert (await client.get("/d/shop.json")).json == given["answer"]


async def test_an_unknown_dashboard_is_not_found(client: Client) -> None:
    assert (await client.get("/d/none")).status == 404
    assert (await client.get("/dashboard/db/none")).status == 404


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/d-solo/shop/slug?panelId=panel-2&from=1", "/d/shop?from=1&viewPanel=2&kiosk=1"),
        ("/dashboard/db/web-shop?var-a=b", "/d/shop?var-a=b"),
    ],
)
async def test_old_addresses_lead_on(client: Client, old: str, new: str) -> None:
    answer = await client.get(old, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, new)


def test_slugs_are_titles_in_lower_case() -> None:
    assert slug_of("Node Exporter (Full) ") == "node-exporter-full"
