from __future__ import annotations

import json
from pathlib import Path

import pytest

from appliance.ui import format as form

CASES = json.loads(Path("web/src/data/format.cases.json").read_text())
FUNCTIONS = {"count": form.count, "bytes": form.size, "duration": form.duration, "ago": form.ago}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pages_format_as_the_browser_does(name: str) -> None:
    found = [[value, FUNCTIONS[name](value)] for value, _ in CASES[name]]
    assert found == CASES[name]


def test_a_rate_too_small_to_show_is_not_shown_as_zero() -> None:
    assert (form.rate(0), form.rate(0.001), form.rate(1500)) == ("0", "<0.01", "1,500")


def test_times_keep_their_milliseconds() -> None:
    at = 1_700_000_000_042_999_999
    assert form.clock(at) == "22:13:20.042"
    assert form.iso(at) == "2023-11-14T22:13:20.042Z"
