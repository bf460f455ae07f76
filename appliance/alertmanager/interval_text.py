"""Times, weekdays, days, months and years of an interval as Alertmanager writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.alertmanager.time_interval import TimeInterval, TimeRange

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def interval_texts(interval: TimeInterval, name: str) -> list[Any]:
    """The ranges of one key; empty for keys that are no list of ranges."""
    if name == "times":
        return [_times(one) for one in interval.times]
    if name == "weekdays":
        return [_range(one, lambda day: WEEKDAYS[day]) for one in interval.weekdays]
    if name in {"days_of_month", "months", "years"}:
        return [_range(one, str) for one in getattr(interval, name)]
    return []


def _times(one: TimeRange) -> dict[str, str]:
    return {"start_time": _clock(one.start_time or 0), "end_time": _clock(one.end_time or 0)}


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _range(ends: tuple[int, int], shown: Callable[[int], str]) -> str:
    first, last = ends
    return shown(first) if first == last else f"{shown(first)}:{shown(last)}"
