from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from appliance.api.ui.app import UiDeps, make_app
from tests.api.serving import Client, http_deps, serving
from tests.ui.memory import MemoryOverview


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with serving(make_app(http_deps(), UiDeps(MemoryOverview()))) as client:
        yield client


@pytest.mark.parametrize(
    ("language", "query", "told"),
    [
        ("promql", "sum(up) foo", "1:9: parse error"),
        ("logql", '{a="b"} | json | = "x"', "line 1, col 18"),
        ("traceql", "{ .a = }", "line 1, col 8"),
    ],
)
async def test_a_slip_is_told_with_its_place(
    client: Client, language: str, query: str, told: str
) -> None:
    answer = await client.get("/api/ui/parse", params={"language": language, "query": query})
    assert answer.status == 200
    assert told in answer.json["error"]


@pytest.mark.parametrize(
    ("language", "query"),
    [
        ("promql", "min_of(1, 2) + rate(x[5m] offset 1d)"),
        ("logql", 'sum by (x) (rate({a="b"} | unwrap duration(y) [5m]))'),
        ("traceql", "{ nestedSetParent < 0 } | rate() with (sample=true)"),
        ("promql", " "),
    ],
)
async def test_nothing_is_said_of_what_can_be_run(
    client: Client, language: str, query: str
) -> None:
    answer = await client.post("/api/ui/parse", data={"language": language, "query": query})
    assert (answer.status, answer.json) == (200, {"error": None})


async def test_an_unknown_language_is_refused(client: Client) -> None:
    answer = await client.get("/api/ui/parse", params={"language": "sql", "query": "x"})
    assert answer.status == 400
    assert "promql, logql, traceql" in answer.json["error"]
