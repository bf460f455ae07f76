"""What the framework does around operations: media types, methods, pages of other origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.alertmanager_app import alertmanager_api

ALLOWED = "only [application/json] are allowed"
UNREADABLE = "parsing Content-Type header from"
PREFLIGHT = {"Origin": "http://x.test", "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        ("application/json; charset=utf-8", 200, ""),
        ("Application/JSON", 200, ""),
        ("text/plain", 415, f'unsupported media type "text/plain", {ALLOWED}'),
        ("application/octet-stream", 415,
         f'unsupported media type "application/octet-stream", {ALLOWED}'),
        ("garbage", 400,
         f'{UNREADABLE} "garbage" failed, because mediatype: malformed: "garbage" has no subtype'),
        (";", 400, 'parsing Content-Type header from ";" failed, because mime: no media type'),
        ("application/json;;", 400,
         f'{UNREADABLE} "application/json;;" failed, because mime: invalid media parameter'),
    ],
)  # fmt: skip
async def test_content_types(tmp_path: Path, given: str, status: int, message: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        headers = {"Content-Type": given}
        answer = await api.client.post("/api/v2/alerts", data=b"[]", headers=headers)
    assert answer.status == status
    if message:
        assert answer.json == {"code": status, "message": message}


async def test_an_empty_body_has_no_content_type(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.client.post("/api/v2/alerts")
    assert answer.status == 422
    assert answer.json == {"code": 602, "message": "alerts in body is required"}


async def test_bodies_that_cannot_be_read(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        broken = await api.post("/api/v2/alerts", b"[")
        lacking = await api.post("/api/v2/alerts", [{}])
    message = 'parsing alerts body from "" failed, because unexpected EOF'
    assert (broken.status, broken.json) == (400, {"code": 400, "message": message})
    assert (lacking.status, lacking.json["code"]) == (422, 602)


@pytest.mark.parametrize(
    ("accept", "status"),
    [("application/json", 200), ("*/*", 200), ("text/html, */*;q=0.8", 200), ("text/html", 406)],
)
async def test_accepted_types(tmp_path: Path, accept: str, status: int) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.client.get("/api/v2/alerts", headers={"Accept": accept})
    assert answer.status == status


async def test_paths_and_methods_that_do_not_exist(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        path = await api.client.get("/api/v2/nope")
        method = await api.client.put("/api/v2/alerts")
        head = await api.client.request("HEAD", "/api/v2/alerts")
        outside = await api.client.get("/nope")
    assert (path.status, path.json) == (
        404, {"code": 404, "message": "path /api/v2/nope was not found"},
    )  # fmt: skip
    assert method.json["message"] == "method PUT is not allowed, but [GET,POST] are"
    assert head.status == 405
    assert (outside.status, outside.text) == (404, "404 page not found\n")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"), ("GET", "/receivers"), ("GET", "/alerts"), ("POST", "/alerts"),
        ("GET", "/silences"), ("POST", "/silences"), ("GET", "/silence/x"),
        ("DELETE", "/silence/x"),
    ],
)  # fmt: skip
async def test_the_first_version_is_gone(tmp_path: Path, method: str, path: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        answer = await api.client.request(method, f"/api/v1{path}")
    assert answer.status == 410
    assert answer.json["status"] == "deprecated"
    assert "removed as of version 0.27.0" in answer.json["error"]


async def test_pages_of_all_origins_may_read(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        page = {"Origin": "http://x.test"}
        plain = await api.client.get("/api/v2/alerts")
        read = await api.client.get("/api/v2/alerts", headers=page)
        refused = await api.client.get("/api/v2/alerts?filter=x", headers=page)
    assert "Access-Control-Allow-Origin" not in plain.headers
    for answer in (read, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Vary"] == "Origin"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v2/alerts"),
        ("POST", "/api/v2/silences"),
        ("DELETE", "/api/v2/silence/8d6b3f1e-62d1-4a5f-9c8f-3a2b1c0d9e8f"),
    ],
)
async def test_pages_of_other_sites_may_not_write(tmp_path: Path, method: str, path: str) -> None:
    async with alertmanager_api(tmp_path) as api:
        page = {"Origin": "http://x.test", "Content-Type": "application/json"}
        document = b'[{"labels": {"a": "b"}}]' if path.endswith("alerts") else b"{}"
        answer = await api.client.request(method, path, headers=page, data=document)
        asked = await api.client.request("OPTIONS", "/api/v2/alerts", headers=PREFLIGHT)
        assert not api.alertmanager.alerts()
    assert answer.status == 403
    assert "Access-Control-Allow-Methods" not in asked.headers


async def test_preflights(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:

        async def ask(**headers: str) -> tuple[int, str, str]:
            own = PREFLIGHT | {"Host": "x.test"}
            answer = await api.client.request("OPTIONS", "/api/v2/alerts", headers=own | headers)
            allowed = answer.headers.get("Access-Control-Allow-Methods", "")
            return answer.status, allowed, answer.headers.get("Access-Control-Allow-Headers", "")

        assert await ask() == (204, "POST", "")
        asked = {"Access-Control-Request-Headers": "content-type"}
        assert await ask(**asked) == (204, "POST", "content-type")
        assert await ask(**{"Access-Control-Request-Headers": "x-own"}) == (204, "", "")
        assert await ask(**{"Access-Control-Request-Method": "DELETE"}) == (204, "", "")
        plain = await api.client.request("OPTIONS", "/api/v2/alerts")
    assert plain.status == 405


async def test_requests_are_measured_by_path(tmp_path: Path) -> None:
    async with alertmanager_api(tmp_path) as api:
        await api.client.get("/api/v2/alerts")
        await api.client.get("/api/v2/silence/8d6b3f1e-62d1-4a5f-9c8f-3a2b1c0d9e8f")
        await api.client.get("/made/up/1")
        await api.client.get("/made/up/2")
        exposed = (await api.client.get("/metrics")).text
    count = "alertmanager_http_request_duration_seconds_count"
    assert f'{count}{{code="200",handler="/api/v2/alerts",method="get"}} 1.0' in exposed
    assert (
        f'{count}{{code="404",handler="/api/v2/silence/{{silenceID}}",method="get"}} 1.0' in exposed
    )
    assert f'{count}{{code="404",handler="unmatched",method="get"}} 2.0' in exposed
    assert "/made/up" not in exposed
    assert (
        'alertmanager_http_response_size_bytes_bucket{code="200",handler="/api/v2/alerts"'
        in exposed
    )
    assert "alertmanager_cluster_enabled 0.0" in exposed
