"""Which service calls which."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.jaeger_app import NOW, get

LINK = {"parent": "web", "child": "db", "callCount": 1}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, [LINK]),
        ({"endTs": str(NOW // 10**6), "lookback": "60000"}, [LINK]),
        ({"endTs": str(NOW // 10**6), "lookback": "50000"}, []),
        ({"service": "db"}, [LINK]),
        ({"service": "none"}, []),
    ],
)
async def test_links(params: dict[str, Any], expected: list[object]) -> None:
    answer = await get("/dependencies", **params)
    assert (answer["data"], answer["total"]) == (expected, 0)


@pytest.mark.parametrize("name", ["endTs", "lookback"])
async def test_times_that_are_none(name: str) -> None:
    params: dict[str, Any] = {name: "x"}
    [error] = (await get("/dependencies", status=400, **params))["errors"]
    assert f"unable to parse param '{name}'" in error["msg"]
