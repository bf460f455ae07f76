"""Variables in texts: the cases that the browser's twin is held to, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from appliance.dashboards.interpolate import Moment, Value, built_in, interpolate, names_in

CASES: dict[str, Any] = orjson.loads(
    (Path(__file__).parent / "interpolate.cases.json").read_bytes()
)


def values() -> dict[str, Value]:
    given = {
        name: Value(
            tuple(one["values"]),
            tuple(one.get("texts", ())),
            multi=one.get("multi", False),
            literal=one.get("literal"),
        )
        for name, one in CASES["values"].items()
    }
    at = CASES["moment"]
    moment = Moment(
        at["startMs"], at["endMs"], at["stepMs"], at["scrapeMs"], at["title"], at["uid"]
    )
    return built_in(moment) | given


@pytest.mark.parametrize(("text", "language", "expected"), CASES["cases"])
def test_variables_are_replaced(text: str, language: str, expected: str) -> None:
    assert interpolate(text, values(), language=language) == expected


def test_names_are_found_in_every_form() -> None:
    text = "$a ${b:csv} [[c]] ${d.e} $a ${__from:date:YYYY-MM}"
    assert names_in(text) == ["a", "b", "c", "d", "__from"]


def test_long_steps_make_long_rate_intervals() -> None:
    found = built_in(Moment(0, 1, step_ms=300_000, scrape_ms=30_000))
    assert found["__rate_interval"].values == ("5m30s",)


def test_times_beyond_the_calendar_stay_numbers() -> None:
    value = {"x": Value(("9" * 30,)), "y": Value(("soon",))}
    assert interpolate("${x:date} ${y:date}", value) == f"{'9' * 30} soon"
