"""Times of Alertmanager's API survive printing and reading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.wire.alertmanager.times import parse_time, print_time

#: Years 2 to 9999.
MS = st.integers(-62_104_060_800_000, 253_402_300_799_999)


@given(MS)
def test_what_is_printed_can_be_read(at_ms: int) -> None:
    assert parse_time(print_time(at_ms * 10**6)) == at_ms * 10**6
