"""Loki's HTTP API: names, values and sets of labels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.loki_reading import API, loki
from tests.wire.loki_messages import read

PROTOBUF = {"Accept": "application/vnd.google.protobuf"}


async def names(path: str, *, prefix: str = API, **params: Any) -> Any:
    async with loki() as client:
        answer = await client.get(f"{prefix}/{path}", params=params)
        posted = await client.post(f"{prefix}/{path}", data=params)
    assert answer.status == 200, answer.text
    assert posted.body == answer.body
    found = json.loads(answer.body)
    return found.get("data") if found.get("status") == "success" else found


async def test_labels() -> None:
    assert await names("labels") == ["app", "pod"]
    assert await names("label") == ["app", "pod"]
    assert await names("label/pod/values") == ["a", "b"]
    assert await names("label/pod/values", query='{pod=~"b.*"}') == ["b"]
    assert await names("label/pod/values", query="{ }") == ["a", "b"]
    assert await names("label/app/values", since="9h") == ["ancient", "x"]
    assert await names("labels", start="1", end="2") is None


async def test_series() -> None:
    assert await names("series", **{"match[]": '{pod="a"}'}) == [{"app": "x", "pod": "a"}]
    assert await names("series", match="{ }") == await names("series")
    assert len(await names("series")) == 2
    assert await names("series", **{"match[]": '{pod="z"}'}) == []
    both = {"match[]": '{pod="a"}', "match": '{pod="b"}'}
    assert len(await names("series", **both)) == 2
    assert len(await names("series", match='{pod=~".*"}')) == 2


async def test_the_old_paths() -> None:
    prefix = "/api/prom"
    assert await names("label", prefix=prefix) == {"values": ["app", "pod"]}
    assert await names("label/pod/values", prefix=prefix) == {"values": ["a", "b"]}
    assert await names("label/none/values", prefix=prefix) == {}
    assert len(await names("series", prefix=prefix, match='{pod="a"}')) == 1


async def test_protobuf() -> None:
    async with loki() as client:
        labels = await client.get(API + "/labels", headers=dict(PROTOBUF))
        series = await client.get(
            API + "/series", params={"match[]": '{pod="a"}'}, headers=dict(PROTOBUF)
        )
    assert list(read(labels.body).labels.data) == ["app", "pod"]
    (found,) = read(series.body).series.data
    assert {pair.name: pair.value for pair in found.labels} == {"app": "x", "pod": "a"}


@pytest.mark.parametrize(
    ("path", "params", "message"),
    [
        ("labels", {"start": "x"}, "could not parse 'start' parameter"),
        ("labels", {"query": "{app="}, "parse error"),
        ("label/app/values", {"query": '{app="x"} |= "y"'}, "only label matchers are supported"),
        ("series", {"match[]": "{app="}, "parse error"),
        ("series", {"match[]": '{app="x"}', "match": "{}"}, "0 matchers in group: {}"),
    ],
)
async def test_errors(path: str, params: dict[str, str], message: str) -> None:
    async with loki() as client:
        answer = await client.get(f"{API}/{path}", params=params)
    assert answer.status == 400
    assert message in answer.text
