"""A real server with names and texts of people who mean harm: no page runs, breaks or leaks."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from appliance.api.ui.routes import DATA, PAGES
from appliance.testing import Appliance
from appliance.ui.pages import NAVIGATION

TRACE = "ab" * 16
TEXTS = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)>',
    "a/b?c#d%e'\"f",
    "\u202ereversed\u200b\x00x",
    "\x1b[31mred",
    "W" * 2000,
    "javascript:alert(1)",
    "`back\\slash`\nnewline",
    "{{7*7}}${7*7}",
)
PATHS = [path for _, group in NAVIGATION for path, _, _ in group]
MORE = ["/map", "/metrics/cardinality", "/alerts?view=groups", f"/traces/{TRACE}"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: What changes nothing, though it is a POST.
HARMLESS = {"/tail", "/api/ui/parse", "/api/ui/metrics/explain", "/api/ui/logs/fields"}
CHANGES = [
    (method, path)
    for method, path, _ in (*PAGES, *DATA)
    if method != "GET" and path not in HARMLESS
]
TIMES = ("now-999999d", "now-999999y", "9999999999999", "0001-01-01", "9999-12-31", "NaN", "-5")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Appliance(tmp_path_factory.mktemp("hostile") / "data") as server:
        at = server.urls["ui"]
        for path, document in (
            ("/v1/traces", _spans()),
            ("/loki/api/v1/push", _lines()),
            ("/api/v2/alerts", _alerts()),
        ):
            status, _, text = ask(at + path, "POST", json.dumps(document).encode())
            assert status in {200, 204}, text
        yield at


def ask(
    url: str, method: str = "GET", data: bytes | None = None, **headers: str
) -> tuple[int, str, str]:
    """Status, type and text of an answer; redirects are followed."""
    sent = {"Accept": "text/html, */*", "Content-Type": "application/json"} | headers
    request = urllib.request.Request(url, data, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.mark.parametrize("path", PATHS + MORE)
def test_no_page_runs_or_follows_what_it_shows(url: str, path: str) -> None:
    status, kind, text = ask(url + path)
    assert (status, kind) == (200, "text/html; charset=utf-8"), text[-300:]
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not re.search(r"""(href|src|action)=["']?\s*(javascript|data|vbscript):""", text)
    assert len(text) < 2_000_000


@pytest.mark.parametrize("path", ["/logs", "/traces", "/services", "/map", "/services/x"])
@pytest.mark.parametrize("time_text", TIMES)
def test_impossible_times_are_answered_soon(url: str, path: str, time_text: str) -> None:
    for side in ("from", "to"):
        began = time.monotonic()
        status, kind, _ = ask(f"{url}{path}?{side}={quote(time_text)}")
        assert status in {200, 400}
        assert kind == "text/html; charset=utf-8"
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "given",
    ["limit=-1", "limit=" + "9" * 30, "limit=NaN", "q=%ff%fe%00", "q=" + "%28" * 2000, "m=%7B"],
)
def test_nonsense_is_no_fault_of_the_server(url: str, given: str) -> None:
    for path in ("/logs", "/traces", "/alerts", "/metrics", "/silences", "/dashboards"):
        for end in ("", ".json"):
            assert ask(f"{url}{path}{end}?{given}")[0] in {200, 400, 422}


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_no_other_site_changes_anything(url: str, method: str, path: str) -> None:
    silence = _silence(url)
    filled = path.replace("{id}", silence).replace("{fingerprint}", "0" * 16).replace("{uid}", "x")
    data = urlencode({"fingerprint": "0" * 16, "key": "job=x", "m": 'a="b"'}).encode()
    for origin in ("https://elsewhere.example", "null"):
        assert ask(url + filled, method, data, **FORM, Origin=origin)[0] == 403
    assert json.loads(ask(f"{url}/silences/{silence}.json")[2])["silence"]["state"] == "active"


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_looking_changes_nothing(url: str, method: str, path: str) -> None:
    del method
    silence = _silence(url)
    given = urlencode({"fingerprint": "0" * 16, "action": "ack", "extend": "1h", "test": "x"})
    ask(f"{url}{path.replace('{id}', silence).replace('{uid}', 'x')}?{given}")
    found = json.loads(ask(f"{url}/silences/{silence}.json")[2])["silence"]
    assert found["state"] == "active"
    assert found["ends"].startswith("2099-01-01T00:00:00")


def _silence(url: str) -> str:
    known = json.loads(ask(f"{url}/silences.json")[2])["active"]
    if known:
        return str(known[0]["id"])
    document = {
        "matchers": [{"name": "a", "value": "b", "isRegex": False, "isEqual": True}],
        "startsAt": "2024-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": TEXTS[0],
        "comment": TEXTS[0],
    }
    answer = ask(f"{url}/api/v2/silences", "POST", json.dumps(document).encode())[2]
    return str(json.loads(answer)["silenceID"])


def _spans() -> dict[str, Any]:
    now = time.time_ns()

    def attribute(key: str, value: str) -> dict[str, Any]:
        return {"key": key, "value": {"stringValue": value}}

    def resource(number: int, text: str) -> dict[str, Any]:
        span = {
            "traceId": TRACE,
            "spanId": f"{number + 1:016x}",
            "parentSpanId": f"{1:016x}" if number else "",
            "name": text,
            "kind": 2,
            "startTimeUnixNano": str(now - 10**9 + number),
            "endTimeUnixNano": str(now),
            "attributes": [attribute("http.url", text), attribute(text[:200], text)],
            "status": {"code": 2, "message": text},
        }
        return {
            "resource": {"attributes": [attribute("service.name", text)]},
            "scopeSpans": [{"scope": {"name": text}, "spans": [span]}],
        }

    return {"resourceSpans": [resource(number, text) for number, text in enumerate(TEXTS)]}


def _lines() -> dict[str, Any]:
    now = time.time_ns()
    return {
        "streams": [
            {"stream": {"service_name": text, "level": text}, "values": [[str(now), text]]}
            for text in TEXTS
        ]
    }


def _alerts() -> list[dict[str, Any]]:
    return [
        {
            "labels": {"alertname": text, "severity": text, "service": text},
            "annotations": {"summary": text, "description": text, "runbook_url": text},
            "generatorURL": "javascript:alert(1)",
        }
        for text in TEXTS
    ]
