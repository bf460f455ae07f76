"""What the on-call page shows of rotas: two weeks as a row of shifts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.oncall.schedule import Shift

_DAY_NS = 24 * 3600 * 10**9
#: Colours that tell people apart (with their names, which are always there).
_COLOURS = 8


@dataclass(frozen=True, slots=True)
class ShiftBar:
    """A shift in a row that is 1000 wide.

    Attributes:
        user: Empty: nobody.
        colour: 0 to 7, the same for a user in all rows; -1 for nobody.
        source: `turns`, `override`, `calendar`.
        title: Who, from when until when.
    """

    user: str
    left: int
    width: int
    colour: int
    source: str
    title: str


@dataclass(frozen=True, slots=True)
class DayMark:
    """The start of a day (UTC) in the same row."""

    left: int
    text: str


def colours_of(users: Iterable[str]) -> dict[str, int]:
    """A colour for everybody, in the order of the configuration."""
    return {name: number % _COLOURS for number, name in enumerate(dict.fromkeys(users))}


def shift_bars(
    shifts: Sequence[Shift], window: tuple[int, int], colours: dict[str, int]
) -> list[ShiftBar]:
    """Shifts within a window (nanoseconds), cut at its edges."""
    start, end = window

    def place(at_ns: int) -> int:
        return round(1000 * (min(max(at_ns, start), end) - start) / (end - start))

    found = []
    for shift in shifts:
        left, right = place(shift.starts_ns), place(shift.ends_ns or end)
        if right <= left:
            continue
        colour = colours.get(shift.user, 0) if shift.user else -1
        until = f" until {_time(shift.ends_ns)}" if shift.ends_ns else ""
        title = f"{shift.user or 'nobody'}, from {_time(shift.starts_ns)}{until} ({shift.source})"
        found.append(ShiftBar(shift.user, left, right - left, colour, shift.source, title))
    return found


def day_marks(window: tuple[int, int]) -> list[DayMark]:
    """Midnights (UTC) within a window."""
    start, end = window
    first = -(-start // _DAY_NS) * _DAY_NS
    return [
        DayMark(round(1000 * (at - start) / (end - start)), f"{_moment(at):%a} {_moment(at).day}")
        for at in range(first, end, _DAY_NS)
    ]


def _moment(at_ns: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ns // 10**9, dt.UTC)


def _time(at_ns: int) -> str:
    return f"{_moment(at_ns):%a %d %b %H:%M} UTC"
