from __future__ import annotations

from appliance.oncall.schedule import Shift
from appliance.ui.oncall import colours_of, day_marks, shift_bars

HOUR = 3600 * 10**9
DAY = 24 * HOUR


def test_shifts_are_cut_to_the_window_and_people_keep_their_colour() -> None:
    shifts = [
        Shift("ann", 0, 2 * DAY, "turns"),
        Shift("", 2 * DAY, 3 * DAY, "override"),
        Shift("bob", 3 * DAY, 0, "turns"),
    ]
    bars = shift_bars(shifts, (DAY, 5 * DAY), colours_of(["bob", "ann"]))
    assert [(bar.user, bar.left, bar.width, bar.colour) for bar in bars] == [
        ("ann", 0, 250, 1),
        ("", 250, 250, -1),
        ("bob", 500, 500, 0),
    ]
    assert bars[1].title.startswith("nobody, from ")
    assert "until" not in bars[2].title


def test_days_are_marked_where_they_begin() -> None:
    marks = day_marks((12 * HOUR, 12 * HOUR + 4 * DAY))
    assert [mark.left for mark in marks] == [125, 375, 625, 875]
    assert marks[0].text == "Fri 2"
