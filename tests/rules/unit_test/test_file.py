"""Times in test files, and Prometheus' names of sections."""

from __future__ import annotations

import pytest

from appliance.base.errors import BadInput
from appliance.rules.unit_test.file import StartTime, section_type


@pytest.mark.parametrize(
    ("text", "time_ms"),
    [
        ("1609459200", 1_609_459_200_000),
        ("0.5", 500),
        ("2021-01-01T00:00:00Z", 1_609_459_200_000),
        ("2021-01-01T01:00:00+01:00", 1_609_459_200_000),
    ],
)
def test_start_times(text: str, time_ms: int) -> None:
    assert StartTime.from_text(text) == time_ms


def test_what_is_no_time() -> None:
    with pytest.raises(BadInput, match='cannot parse "soon" to a valid timestamp'):
        StartTime.from_text("soon")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x", "main.unitTestFile"),
        ("tests[0].x", "main.testGroup"),
        ("tests[0].alert_rule_test[1].exp_alerts[2].x", "main.alert"),
    ],
)
def test_names_of_sections(path: str, name: str) -> None:
    assert section_type(path) == name
