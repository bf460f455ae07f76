"""Times in templates."""

from __future__ import annotations

import pytest

from tests.gotemplate.sprig.drawing import drawn


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ toDate "2006-01-02" "2021-11-02" | unixEpoch }}', "1635811200"),
        ('{{ toDate "2006-01-02" "x" | unixEpoch }}', "-62135596800"),
        ('{{ date "2006-01-02 15:04" 1635811200 }}', "2021-11-02 00:00"),
        ('{{ dateInZone "15:04 MST" 1635811200 "Europe/Berlin" }}', "01:00 CET"),
        ('{{ dateInZone "15:04 MST" 1635811200 "No/Where" }}', "00:00 UTC"),
        ('{{ toDate "2006-01-02" "2021-11-02" | dateModify "-90m" | date "15:04" }}', "22:30"),
        ('{{ toDate "2006-01-02" "2021-11-02" | dateModify "x" | date "15:04" }}', "00:00"),
        ("{{ htmlDate 0 }}", "1970-01-01"),
        (
            '{{ gt (now | unixEpoch | int) 1600000000 }} {{ gt (date "2006" "?") "2019" }}',
            "true true",
        ),
    ],
)
def test_dates(text: str, expected: str) -> None:
    assert drawn(text) == expected
