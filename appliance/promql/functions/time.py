"""Parts of dates, all in UTC, from values that are seconds since the Unix epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.promql.functions.floats import float_frame, frame_of
from appliance.promql.functions.scalar import vector_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.promql.ast import Call
    from appliance.promql.context import Context
    from appliance.promql.frame import Frame, Value

    Seconds = NDArray[np.int64]

_DAY_SECONDS = 86_400
_EPOCH_YEAR = 1970
_EPOCH_WEEKDAY = 4  # 1970-01-01 was a Thursday
#: After so many years days and weekdays come again.
_CYCLE_YEARS, _CYCLE_SECONDS = 400, 146_097 * _DAY_SECONDS
_LEAST = np.iinfo(np.int64).min
_BEFORE_LEAST = 2**63 - _CYCLE_SECONDS


def _days(seconds: Seconds) -> Seconds:
    return seconds // _DAY_SECONDS


def _months(seconds: Seconds) -> Seconds:
    """Months since January 1970."""
    return seconds.astype("M8[s]").astype("M8[M]").astype(np.int64)


def _first_day(months: Seconds) -> Seconds:
    """The day a month begins, counted from the epoch."""
    return months.astype("M8[M]").astype("M8[D]").astype(np.int64)


def _year(seconds: Seconds) -> Seconds:
    return _months(seconds) // 12 + _EPOCH_YEAR


def _month(seconds: Seconds) -> Seconds:
    return _months(seconds) % 12 + 1


def _day_of_month(seconds: Seconds) -> Seconds:
    return _days(seconds) - _first_day(_months(seconds)) + 1


def _day_of_week(seconds: Seconds) -> Seconds:
    return (_days(seconds) + _EPOCH_WEEKDAY) % 7


def _day_of_year(seconds: Seconds) -> Seconds:
    months = _months(seconds)
    return _days(seconds) - _first_day(months - months % 12) + 1


def _days_in_month(seconds: Seconds) -> Seconds:
    months = _months(seconds)
    return _first_day(months + 1) - _first_day(months)


def _hour(seconds: Seconds) -> Seconds:
    return seconds % _DAY_SECONDS // 3600


def _minute(seconds: Seconds) -> Seconds:
    return seconds % 3600 // 60


def _of_any(part: Callable[[Seconds], Seconds], seconds: Seconds) -> Seconds:
    """A part of dates; the least int64 counts as 2^63, which is what Go's time makes of it."""
    is_least = seconds == _LEAST
    if not is_least.any():
        return part(seconds)
    found = part(np.where(is_least, _BEFORE_LEAST, seconds))
    return found + _CYCLE_YEARS * is_least if part is _year else found


def _part(part: Callable[[Seconds], Seconds]) -> Callable[..., Value]:
    def apply(_call: Call, values: Sequence[Value], context: Context) -> Frame:
        if not values:
            return vector_of(part((context.steps_ms / 1000).astype(np.int64)).astype(np.float64))
        frame = frame_of(values[0])
        with np.errstate(all="ignore"):
            # NaN and what no int64 holds become its least value, as on the machines Prometheus
            # mostly runs on; fractions are cut off.
            seconds = frame.values.astype(np.int64)
            found = _of_any(part, seconds).astype(np.float64)
        return float_frame(frame, found, context)

    return apply


IMPLEMENTATIONS: Mapping[str, Callable[[Call, Sequence[Value], Context], Value]] = {
    "day_of_month": _part(_day_of_month),
    "day_of_week": _part(_day_of_week),
    "day_of_year": _part(_day_of_year),
    "days_in_month": _part(_days_in_month),
    "hour": _part(_hour),
    "minute": _part(_minute),
    "month": _part(_month),
    "year": _part(_year),
}
