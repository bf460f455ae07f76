"""Every page of a real server with data: answers, links, policy; sizes of what browsers load."""

from __future__ import annotations

import gzip
import json
import re
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from appliance.testing import Appliance
from appliance.ui.assets import STATIC
from appliance.ui.pages import NAVIGATION
from tests.browser import shop
from tests.ui.html_page import Page

PATHS = [path for _, group in NAVIGATION for path, _, _ in group]
#: Pages that no navigation names.
MORE = ["/map", "/metrics/cardinality", "/silences/new"]
#: How many links a walk follows, and how many with the same path but for its last part.
MOST_LINKS, MOST_ALIKE = 90, 3
#: Bytes, compressed: what every page loads; the editor on top of it; everything.
SHELL, EDITOR, TOTAL = 40_960, 184_320, 409_600

needs_build = pytest.mark.skipif(
    not (STATIC / "manifest.json").is_file(), reason="the front end is not built"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages of a server with a quarter of an hour of a shop."""
    with Appliance(tmp_path_factory.mktemp("pages") / "data") as server:
        shop.send_shop(server.urls["ui"], time.time_ns())
        yield server.urls["ui"]


def get(url: str, accept: str = "text/html") -> tuple[int, dict[str, str], str]:
    """Status, headers and text of an answer, whatever its status."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


@pytest.mark.parametrize("path", PATHS + MORE)
def test_pages_answer_people_and_programs(url: str, path: str) -> None:
    status, headers, text = get(url + path)
    page = Page(text)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8"), text[-300:]
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert page.tags.count("h1") == 1
    assert page.inline == []
    assert {"header", "main", "footer"} <= set(page.tags)
    assert "nav" in page.tags or path == "/status"  # which is for people outside, too
    for link in page.links:
        assert not link.startswith("#") or link[1:] in page.ids, link
    for twin in (f"{path}.json", f"{path}?format=json"):
        status, headers, text = get(url + twin, "*/*")
        assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/json")
        assert isinstance(json.loads(text), dict | list), twin


def test_links_lead_somewhere(url: str) -> None:
    """A walk over the pages, a few of each kind."""
    waiting = deque((path, "") for path in PATHS)
    seen, alike, broken = set(PATHS), dict.fromkeys(PATHS, 1), []
    for _ in range(MOST_LINKS):
        if not waiting:
            break
        path, source = waiting.popleft()
        status, headers, text = get(url + path)
        if status != 200:
            broken.append(f"{status} {path} on {source}")
        if not headers.get("Content-Type", "").startswith("text/html"):
            continue
        for link in Page(text).links:
            target = urldefrag(urljoin(url + path, link)).url
            if not target.startswith(url + "/") or "/static/" in target:
                continue
            found = target.removeprefix(url)
            kind = urlsplit(found).path.rpartition("/")[0] or urlsplit(found).path
            if found not in seen and alike.get(kind, 0) < MOST_ALIKE:
                alike[kind] = alike.get(kind, 0) + 1
                seen.add(found)
                waiting.append((found, path))
    assert broken == []
    assert len(seen) > len(PATHS)


def packed(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), 9))


def loaded_with(script: str) -> set[str]:
    """A script and all that it imports at once."""
    found, waiting = set(), [script]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            text = (STATIC / name).read_text()
            waiting += re.findall(r'(?:from|import)"\./([^"]+\.js)"', text)
    return found


@needs_build
def test_what_browsers_load_is_small() -> None:
    files = json.loads((STATIC / "manifest.json").read_text())["files"]
    scripts = loaded_with(files["main.js"])
    shell = {*scripts, files["style.css"], files["theme.js"], files["icons.svg"]}
    editor = next(path.name for path in STATIC.glob("chunk-codemirror-*.js"))
    sizes = {
        "shell": sum(map(packed, shell)),
        "editor": sum(map(packed, loaded_with(editor) - scripts)),
        "total": sum(packed(path.name) for path in STATIC.iterdir() if is_served(path)),
    }
    most = {"shell": SHELL, "editor": EDITOR, "total": TOTAL}
    assert {name: size for name, size in sizes.items() if size > most[name]} == {}, sizes


def is_served(path: Path) -> bool:
    return path.suffix in {".js", ".css", ".svg"}
