"""Who is on call: turns over changes of the clock, hours, overrides, calendars."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.oncall.schedule import Schedule, Span
from appliance.oncall.times import ns_of
from tests.oncall.duty import oncall_of

HOUR_NS = 3600 * 10**9


def schedule(rota: str, *spans: Span, calendar: tuple[Span, ...] = ()) -> Schedule:
    users = "{a: {email: a@x}, b: {email: b@x}, c: {email: c@x}}"
    text = f"users: {users}\nrotas: {{r: {rota}}}\npolicies: {{}}"
    return Schedule(
        "r", oncall_of(text).rotas["r"], overrides=lambda: spans, calendar=lambda: calendar
    )


def at(text: str) -> int:
    return ns_of(dt.datetime.fromisoformat(text), dt.UTC)


def shown(found: Schedule, start: str, end: str) -> list[str]:
    """Shifts as `user from until`, in UTC."""
    return [
        f"{one.user or '-'} {utc(one.starts_ns)} {utc(one.ends_ns)}"
        for one in found.shifts(at(start), at(end))
    ]


def utc(at_ns: int) -> str:
    return f"{dt.datetime.fromtimestamp(at_ns // 10**9, tz=dt.UTC):%m-%dT%H:%M}"


def test_turns_change_at_the_same_local_time_when_clocks_go_forward() -> None:
    rota = "{timezone: Europe/Berlin, handoff: monday 09:00, start: 2025-03-17, users: [a, b]}"
    assert shown(schedule(rota), "2025-03-20T00:00", "2025-04-08T00:00") == [
        "a 03-20T00:00 03-24T08:00",
        "b 03-24T08:00 03-31T07:00",
        "a 03-31T07:00 04-07T07:00",
        "b 04-07T07:00 04-08T00:00",
    ]


def test_turns_of_half_a_day_change_at_the_same_local_time_when_clocks_go_back() -> None:
    rota = (
        '{timezone: Europe/Berlin, every: 12h, handoff: "08:00", start: 2025-10-25, users: [a, b]}'
    )
    assert shown(schedule(rota), "2025-10-25T07:00", "2025-10-27T06:00") == [
        "a 10-25T07:00 10-25T18:00",
        "b 10-25T18:00 10-26T07:00",  # an hour longer
        "a 10-26T07:00 10-26T19:00",
        "b 10-26T19:00 10-27T06:00",
    ]


@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
def test_a_handoff_at_a_time_that_is_skipped_or_doubled_happens_once(day: str) -> None:
    rota = (
        '{timezone: Europe/Berlin, every: 1d, handoff: "02:30", start: 2025-01-01, users: [a, b]}'
    )
    found = schedule(rota).shifts(at(f"{day}T00:00"), at(f"{day}T12:00"))
    assert len(found) == 2


@given(
    st.integers(at("2020-01-01T00:00") // 10**9, at("2030-01-01T00:00") // 10**9),
    st.sampled_from(["1h", "12h", "1d", "1w", "2w"]),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_shifts_follow_one_another_and_agree_with_single_instants(
    start: int, every: str, zone: str
) -> None:
    found = schedule(f"{{timezone: {zone}, every: {every}, users: [a, b, c]}}")
    begin = start * 10**9
    end = begin + 40 * HOUR_NS
    shifts = found.shifts(begin, end)
    assert shifts[0].starts_ns == begin
    assert shifts[-1].ends_ns == end
    for one, other in itertools.pairwise(shifts):
        assert one.ends_ns == other.starts_ns
        assert one.user != other.user
    for one in shifts:
        middle = (one.starts_ns + one.ends_ns) // 2
        assert found.user_at(one.starts_ns)[0] == one.user
        assert found.user_at(middle)[0] == one.user


def test_outside_its_hours_a_rota_has_nobody() -> None:
    rota = (
        "{timezone: Europe/Berlin, users: a, restrictions: [{weekdays: ['monday:friday'],"
        " times: [{start_time: '08:00', end_time: '18:00'}]}]}"
    )
    assert shown(schedule(rota), "2025-03-28T00:00", "2025-04-01T00:00") == [
        "- 03-28T00:00 03-28T07:00",
        "a 03-28T07:00 03-28T17:00",
        "- 03-28T17:00 03-31T06:00",
        "a 03-31T06:00 03-31T16:00",
        "- 03-31T16:00 04-01T00:00",
    ]


def test_overrides_come_before_calendars_before_turns_and_later_ones_before_earlier() -> None:
    noon = at("2025-01-01T12:00")
    rota = "{users: a, overrides: [{user: b, from: 2025-01-01T12:00, to: 2025-01-01T16:00}]}"
    entered = Span("c", noon + HOUR_NS, noon + 2 * HOUR_NS)
    event = Span("c", noon - 2 * HOUR_NS, noon + 6 * HOUR_NS)
    found = schedule(rota, entered, calendar=(event,))
    assert shown(found, "2025-01-01T08:00", "2025-01-01T20:00") == [
        "a 01-01T08:00 01-01T10:00",
        "c 01-01T10:00 01-01T12:00",
        "b 01-01T12:00 01-01T13:00",
        "c 01-01T13:00 01-01T14:00",
        "b 01-01T14:00 01-01T16:00",
        "c 01-01T16:00 01-01T18:00",
        "a 01-01T18:00 01-01T20:00",
    ]


def test_an_override_of_nobody_leaves_a_gap_and_local_times_are_the_rotas() -> None:
    gap = "{user: '', from: 2025-01-01T12:00, to: 2025-01-01T13:00}"
    rota = f"{{timezone: Asia/Tokyo, users: a, overrides: [{gap}]}}"
    assert shown(schedule(rota), "2025-01-01T02:00", "2025-01-01T05:00") == [
        "a 01-01T02:00 01-01T03:00",
        "- 01-01T03:00 01-01T04:00",
        "a 01-01T04:00 01-01T05:00",
    ]


def test_now_and_next_look_as_far_ahead_as_need_be() -> None:
    now, later = schedule(
        "{every: 4w, handoff: monday 09:00, start: 2025-01-06, users: [a, b]}"
    ).now_and_next(at("2025-01-07T00:00"))
    assert (now.user, utc(now.ends_ns)) == ("a", "02-03T09:00")
    assert later is not None
    assert (later.user, utc(later.ends_ns)) == ("b", "03-03T09:00")
    now, later = schedule("{users: a}").now_and_next(at("2025-01-07T00:00"))
    assert (now.user, now.ends_ns, later) == ("a", 0, None)
