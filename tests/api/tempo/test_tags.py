"""Tempo's HTTP API: names and values of tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from appliance.wire.messages import tempo_pb2 as pb
from tests.api.tempo_app import T0, tempo


async def get(path: str) -> Any:
    async with tempo() as client:
        answer = await client.get(path)
    assert answer.status == 200, answer.text
    return answer.json


async def test_names() -> None:
    assert (await get("/api/search/tags"))["tagNames"] == [
        "db.system", "exception.type", "ratio", "region", "retry", "rows", "service.name", "tags",
    ]  # fmt: skip
    assert (await get("/api/search/tags?scope=event"))["tagNames"] == ["exception.type"]
    assert "span:kind" in (await get("/api/search/tags?scope=intrinsic"))["tagNames"]
    assert (await get("/api/search/tags?scope=span&limit=2"))["tagNames"] == ["db.system", "ratio"]


async def test_names_by_scope() -> None:
    scopes = {
        scope["name"]: scope["tags"] for scope in (await get("/api/v2/search/tags"))["scopes"]
    }
    assert list(scopes) == ["resource", "span", "event", "intrinsic"]
    assert len(scopes["intrinsic"]) == 25
    filtered = await get("/api/v2/search/tags?scope=span&q={ name = `job` }")
    assert filtered["scopes"] == [{"name": "span", "tags": ["retry"]}]
    window = await get(f"/api/v2/search/tags?scope=span&start={T0 + 50}&end={T0 + 70}")
    assert window["scopes"] == [{"name": "span", "tags": ["retry"]}]
    assert (await get("/api/v2/search/tags?scope=span&start=9&end=5"))["scopes"] == []


async def test_values() -> None:
    assert (await get("/api/search/tag/service.name/values"))["tagValues"] == ["cron", "db", "shop"]
    assert (await get("/api/search/tag/root.name/values"))["tagValues"] == ["", "GET /", "job"]
    assert (await get("/api/search/tag/name/values?limit=1"))["tagValues"] != []
    assert (await get("/api/search/tag/rows/values"))["tagValues"] == ["3"]
    assert (await get("/api/search/tag/span.rows/values"))["tagValues"] == []
    assert (await get("/api/search/tag/status.code/values"))["tagValues"] == [
        "error",
        "ok",
        "unset",
    ]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("span.rows", [("int", "3")]),
        (".rows", [("int", "3")]),
        ("span.ratio", [("float", "1.0")]),
        ("span.tags", [("string", "a"), ("string", "b")]),
        ("span.%22db.system%22", [("string", "sqlite")]),
        ("resource.service.name", [("string", "cron"), ("string", "db"), ("string", "shop")]),
        ("span%3Astatus", [("keyword", "error"), ("keyword", "ok"), ("keyword", "unset")]),
        ("rootName?q={ status = error }", [("string", "GET /")]),
        ("span.a%2Fb", []),
    ],
)
async def test_typed_values(tag: str, expected: list[tuple[str, str]]) -> None:
    name, _, query = tag.partition("?")
    found = await get(f"/api/v2/search/tag/{name}/values?{query}")
    shown = [(value["type"], value.get("value", "")) for value in found["tagValues"]]
    assert shown == expected


async def test_other_forms() -> None:
    path = "/api/v2/search/tag/span.rows/values"
    async with tempo() as client:
        message = await client.get(path, headers={"Accept": "application/protobuf"})
        brief = await client.get(path, headers={"Accept": "application/vnd.grafana.llm"})
        names = await client.get("/api/search/tags", headers={"Accept": "application/protobuf"})
        form = await client.post("/api/search/tags", data={"scope": "event"})
    assert pb.SearchTagValuesV2Response.FromString(message.body).tagValues[0].value == "3"
    assert json.loads(brief.body)["tagValues"] == {"int": ["3"]}
    assert len(pb.SearchTagsResponse.FromString(names.body).tagNames) == 8
    assert form.json["tagNames"] == ["exception.type"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/search/tags?scope=nope", "invalid scope: nope"),
        ("/api/v2/search/tags?start=x", "invalid start: strconv.ParseUint"),
        ("/api/v2/search/tag/rows/values", "please provide a valid tagName: "),
        ("/api/v2/search/tag/name, kind/values", "is not one field"),
        ("/api/v2/search/tag/name) | select(kind/values", "is not one field"),
        ("/api/v2/search/tag//values", "please provide a non-empty tagName"),
    ],
)
async def test_errors(path: str, message: str) -> None:
    async with tempo() as client:
        answer = await client.get(path)
    assert answer.status == 400
    assert message in answer.text
