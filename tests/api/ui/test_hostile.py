"""Names and parameters that nobody means well with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appliance.api.ui.app import UiDeps, make_app
from appliance.ui.pages import Pages
from tests.api.serving import http_deps, serving
from tests.ui.memory import MemoryOverview

TEMPLATES = Path("appliance/ui/templates")
ODD = "a/b?c#d%e\"'<f>"


async def test_old_addresses_lead_to_pages_of_this_server_only() -> None:
    async with serving(make_app(http_deps(), UiDeps(MemoryOverview()))) as client:
        path = "/d-solo/a%2F%2Fb%3Fc%23d%0D%0AX-Evil:1?panelId=2%0D%0AX-Evil:1"
        answer = await client.get(path, allow_redirects=False)
        assert answer.status == 302
        assert answer.headers["Location"].startswith("/d/a%2F%2Fb%3Fc%23d")
        assert "X-Evil" not in answer.headers
        answer = await client.get("/services/?from=now-3h", allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (302, "/services?from=now-3h")


async def test_runbooks_of_any_name_are_found_by_their_links() -> None:
    deps = UiDeps(MemoryOverview(), lambda: {ODD: "# x\n\n[a](javascript:alert(1))"})
    async with serving(make_app(http_deps(), deps)) as client:
        text = (await client.get("/runbooks")).text
        link = re.search(r'href="(/runbooks/[^"]+)"', text)
        assert link is not None
        answer = await client.get(link[1])
        assert answer.status == 200
        assert "<f>" not in answer.text
        assert 'href="javascript' not in answer.text
        assert (await client.get(f"{link[1]}.json")).json["name"] == ODD


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_names_in_paths_are_quoted_and_nothing_is_inline(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r'="/(services|runbooks)/\{\{ [\w.]+ \| urlencode', text)
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<script(?! (type=\"module\" )?src=)", text)


def test_a_name_is_one_part_of_a_path() -> None:
    quoted = Pages(UiDeps(MemoryOverview()).assets, "1")._environment.filters["segment"]
    assert quoted("a/b?c#d") == "a%2Fb%3Fc%23d"


async def test_names_of_files_need_not_be_utf8() -> None:
    name = b"a\xff".decode(errors="surrogateescape")
    deps = UiDeps(MemoryOverview(), lambda: {name: f"# x\n\n{name}", "b": "# b"})
    async with serving(make_app(http_deps(), deps)) as client:
        answer = await client.get("/runbooks")
        assert (answer.status, "a?" in answer.text) == (200, True)
        assert (await client.get("/runbooks.json")).json == {"runbooks": ["a?", "b"]}
