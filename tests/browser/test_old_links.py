"""Links into the originals' pages, as people have them in mails and bookmarks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from appliance.testing import Appliance

pytestmark = pytest.mark.browser

SILENCE = "8f3a2b6e-0000-4000-8000-000000000001"
#: The traces page writes what a form says as a query.
CHECKOUT = {"q": ['{ resource.service.name = "checkout" }']}
#: Listener, what a bookmark has behind its address; path and parameters that it leads to.
LINKS: tuple[tuple[str, str, str, dict[str, list[str]]], ...] = (
    ("prometheus", "/graph?g0.expr=up&g0.tab=0", "/metrics", {"g0.expr": ["up"], "g0.tab": ["0"]}),
    ("prometheus", "/targets", "/targets", {}),
    ("loki", "/", "/logs", {}),
    ("tempo", "/", "/traces", {}),
    ("jaeger", "/search?service=checkout", "/traces", CHECKOUT),
    ("jaeger", "/dependencies", "/map", {}),
    ("pushgateway", "/", "/push", {}),
    ("zipkin", "/zipkin/?serviceName=checkout", "/traces", CHECKOUT),
    ("alertmanager", "/", "/alerts", {}),
    (
        "alertmanager",
        '/#/alerts?filter={severity="critical"}&silenced=false',
        "/alerts",
        {"m": ['{severity="critical"}'], "silenced": ["false"]},
    ),
    (
        "alertmanager",
        "/#/silences/new?filter={alertname%3D%22Down%22}",
        "/silences/new",
        {"m": ['{alertname="Down"}']},
    ),
    ("alertmanager", f"/#/silences/{SILENCE}", f"/silences/{SILENCE}", {}),
    ("alertmanager", "/#/status", "/status", {}),
)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with Appliance(tmp_path_factory.mktemp("links") / "data") as server:
        yield server.urls


def test_they_lead_to_the_pages(browser: Any, urls: dict[str, str]) -> None:
    page = browser.new_page()
    for listener, link, path, wanted in LINKS:
        page.goto(urls[listener] + link, wait_until="commit")
        page.wait_for_url(urls["ui"] + path + "*", wait_until="commit")
        page.wait_for_selector("html[data-ready]", state="attached")
        found = urlsplit(page.url)
        assert (found.path, parse_qs(found.query)) == (path, wanted), link
    page.close()
