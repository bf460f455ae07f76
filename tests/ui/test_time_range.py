"""The window of an address."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.ui.time_range import parse_time, time_range

NOW = 1_700_000_000_000  # Tuesday, 2023-11-14T22:13:20Z
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("now", NOW),
        ("now-3h", NOW - 3 * HOUR),
        ("now-h", NOW - HOUR),
        ("now-1d-30m", NOW - 24 * HOUR - HOUR // 2),
        ("now+5s", NOW + 5000),
        ("now/d", NOW - NOW % (24 * HOUR)),
        ("now/w", 1_699_833_600_000),
        ("now/M", 1_698_796_800_000),
        ("now/y", 1_672_531_200_000),
        ("now-1M", NOW - 31 * 24 * HOUR),
        ("now-1Q/M", 1_690_848_000_000),
        ("1700000000123", 1_700_000_000_123),
        ("1700000000123456789", 1_700_000_000_123),
        ("1700000000", NOW),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14 23:13:20+01:00", NOW),
        ("2023-11-14", 1_699_920_000_000),
    ],
)
def test_times_are_read(text: str, wanted: int) -> None:
    assert parse_time(text, NOW) == wanted


def test_the_end_of_a_rounded_day_is_its_last_millisecond() -> None:
    assert parse_time("now/d", NOW, is_end=True) == 1_700_006_400_000 - 1


@pytest.mark.parametrize("text", ["", "yesterday", "now-3", "now/h/", "12", "now-999999y", "2023"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no time"):
        parse_time(text, NOW)


def test_a_window_has_a_usual_start_and_ends_now() -> None:
    found = time_range({}, NOW, usual="now-6h")
    assert (found.start_ms, found.end_ms) == (NOW - 6 * HOUR, NOW)
    assert found.start_ns == (NOW - 6 * HOUR) * 10**6
    assert found.end_ns == (NOW + 1) * 10**6
    with pytest.raises(BadInput, match="must be before"):
        time_range({"from": "now", "to": "now-1h"}, NOW)
