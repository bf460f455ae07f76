"""Loki's HTTP API: detected_labels, detected_fields, patterns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.loki_app import NOW, S, loki
from tests.sources import Entry, PlainLogs, labels

UUIDS = ["2a6c6f5e-1b7c-4c2e-9f0e-2f6f6a1b2c3d", "2a6c6f5e1b7c4c2e9f0e2f6f6a1b2c3e"]
LOGS = PlainLogs(
    {
        labels(app="shop", pod="7", id=UUIDS[0], flag="1"): [
            Entry(
                NOW - 30 * S,
                '{"level":"info","req":{"method":"GET","ms":12.5},"ok":true,"app":"own"}',
                (("detected_level", "info"), ("trace", "abc")),
            ),
            Entry(
                NOW - 20 * S,
                '{"level":"warn","req":{"method":"PUT","ms":3},"took":"20ms","size":"3KB"}',
                (("detected_level", "warn"),),
            ),
        ],
        labels(app="cart", pod="8", id=UUIDS[1], flag="0"): [
            Entry(NOW - 10 * S, "level=error code=500 msg=gone", (("detected_level", "error"),))
        ],
        labels(app="plain"): [
            *[Entry(NOW - (n + 1) * S, f"user u{n} has paid {n} EUR") for n in range(6)],
            Entry(NOW - 3600 * S, "user u9 has paid 9 EUR"),
        ],
    }
)


async def ask(path: str, status: int = 200, **given: str) -> Any:
    async with loki(LOGS) as client:
        answer = await client.get("/loki/api/v1/" + path, params=given)
    assert answer.status == status, answer.text
    return json.loads(answer.text) if status == 200 else answer.text


async def test_labels_that_are_no_ids() -> None:
    document = await ask("detected_labels")

    assert document == {
        "detectedLabels": [
            {"label": "app", "cardinality": 3},
            {"label": "flag", "cardinality": 2},
            {"label": "pod", "cardinality": 2},
        ]
    }
    assert await ask("detected_labels", query='{app="none"}') == {"detectedLabels": []}
    assert "before or equal" in await ask("detected_labels", 400, start="2", end="1")


async def test_fields_of_json_lines_and_metadata() -> None:
    document = await ask("detected_fields", query='{app="shop"}')

    rows = {row["label"]: row for row in document["fields"]}
    assert document["limit"] == 1000
    assert list(rows) == sorted(rows)
    assert {name: (row["type"], row["cardinality"]) for name, row in rows.items()} == {
        "app_extracted": ("string", 1),
        "detected_level": ("string", 2),
        "level": ("string", 2),
        "ok": ("boolean", 1),
        "req_method": ("string", 2),
        "req_ms": ("float", 2),
        "size": ("bytes", 1),
        "took": ("duration", 1),
        "trace": ("string", 1),
    }
    assert rows["trace"]["parsers"] is None
    assert rows["level"]["parsers"] == ["json"]
    assert rows["req_method"]["jsonPath"] == ["req", "method"]
    assert "jsonPath" not in rows["trace"]


async def test_fields_of_logfmt_lines() -> None:
    document = await ask("detected_fields", query='{app="cart"}')

    assert {row["label"]: (row["type"], row["parsers"]) for row in document["fields"]} == {
        "code": ("int", ["logfmt"]),
        "detected_level": ("string", None),
        "level": ("string", ["logfmt"]),
        "msg": ("string", ["logfmt"]),
    }


async def test_fields_are_those_of_the_newest_lines_that_the_query_finds() -> None:
    newest = await ask("detected_fields", query='{app="shop"}', line_limit="1")
    filtered = await ask("detected_fields", query='{app="shop"} |= "GET"')
    few = await ask("detected_fields", query='{app="shop"}', limit="2")

    assert "took" in {row["label"] for row in newest["fields"]}
    assert "ok" not in {row["label"] for row in newest["fields"]}
    assert "took" not in {row["label"] for row in filtered["fields"]}
    assert (len(few["fields"]), few["limit"]) == (2, 2)


async def test_values_of_a_field() -> None:
    assert await ask("detected_field/req_method/values", query='{app="shop"}') == {
        "values": ["PUT", "GET"],
        "limit": 1000,
    }
    assert await ask("detected_field/level/values", query='{app="shop"}', limit="1") == {
        "values": ["warn"],
        "limit": 1,
    }
    assert await ask("detected_field/none/values", query='{app="shop"}') == {
        "values": [],
        "limit": 1000,
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"query": 'rate({a="b"}[1m])'}, "only log selector is supported"),
        ({"query": '{app="x"}', "line_limit": "5001"}, "max entries limit per query exceeded"),
        ({"query": '{app="x"}', "limit": "x"}, 'strconv.Atoi: parsing "x": invalid syntax'),
        ({"query": '{app="x"}', "step": "-1"}, "zero or negative query resolution step"),
    ],
)
async def test_mistakes(given: dict[str, str], message: str) -> None:
    assert message in await ask("detected_fields", 400, **given)


async def test_patterns() -> None:
    document = await ask("patterns", query='{app="plain"}', since="30m", step="60s")

    at = NOW // S // 60 * 60
    assert document == {
        "status": "success",
        "data": [
            {
                "pattern": "user <_> has paid <_> EUR",
                "level": "unknown",
                "samples": [[at, 6]],
            }
        ],
    }


async def test_patterns_by_level() -> None:
    document = await ask("patterns", query='{app=~"shop|cart"}')

    assert {row["level"] for row in document["data"]} == {"info", "warn", "error"}
    assert "parse error" in await ask("patterns", 400, query="{")
