"""The intervals of a metrics query, numbered by whole arithmetic.

Interval i is (origin + i * step, origin + (i + 1) * step]: open at its start, closed at its end,
and its point has the time of its end. An instant query has one interval, the whole range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.base.go_quantity import print_go_duration

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SECOND_NS = 1_000_000_000
#: As Tempo's `max_intervals`.
_MOST_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Intervals of equal length.

    Attributes:
        origin_ns: Where the first one begins; a span that starts just then is not in it.
        step_ns: How long each is.
        count: How many.
        is_instant: Whether the query asks for one point.
    """

    origin_ns: int
    step_ns: int
    count: int
    is_instant: bool = False

    @property
    def end_ns(self) -> int:
        """The end of the last interval, which belongs to it."""
        return self.origin_ns + self.count * self.step_ns

    @property
    def times_ns(self) -> NDArray[np.int64]:
        """int64[step]: the times of the points."""
        return self.origin_ns + self.step_ns * np.arange(1, self.count + 1, dtype=np.int64)

    def contains(self, starts_ns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which times are in one of the intervals."""
        return (starts_ns > self.origin_ns) & (starts_ns <= self.end_ns)

    def numbers(self, starts_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """The intervals of times that are in one."""
        if self.count == 1:
            return np.zeros(len(starts_ns), dtype=np.int64)
        return (starts_ns - (self.origin_ns + 1)) // self.step_ns


def default_step_ns(start_ns: int, end_ns: int) -> int:
    """The step of a query that names none: some 240 points, in multiples of 5 s, at least 1 s."""
    wanted = (end_ns - start_ns) // 240
    for unit in (5 * _SECOND_NS, _SECOND_NS):
        if wanted >= unit:
            return wanted // unit * unit
    return _SECOND_NS


def range_steps(start_ns: int, end_ns: int, step_ns: int) -> Steps:
    """Intervals of a range query: aligned outwards to multiples of the step, and one more before.

    Args:
        start_ns, end_ns: As asked for.
        step_ns: 0 for the default.

    Raises:
        BadInput: The range is empty, the step is not positive, or there would be too many steps.
    """
    _check_range(start_ns, end_ns)
    step_ns = step_ns or default_step_ns(start_ns, end_ns)
    if step_ns < 0:
        raise BadInput("step required")
    if (end_ns - start_ns) // step_ns > _MOST_STEPS:
        least_ns = (end_ns - start_ns) // _MOST_STEPS
        raise BadInput(
            f"step of {print_go_duration(step_ns)} is too small,"
            f" minimum step for given range is {print_go_duration(least_ns)}"
        )
    first = start_ns // step_ns * step_ns
    last = -(-end_ns // step_ns) * step_ns
    origin = first - step_ns if first > step_ns else first
    return Steps(origin, step_ns, (last - origin) // step_ns)


def instant_steps(start_ns: int, end_ns: int) -> Steps:
    """The one interval of an instant query.

    Raises:
        BadInput: The range is empty.
    """
    _check_range(start_ns, end_ns)
    return Steps(start_ns, end_ns - start_ns, 1, is_instant=True)


def _check_range(start_ns: int, end_ns: int) -> None:
    """Refuse ranges as Tempo does."""
    if start_ns <= 0:
        raise BadInput("start required")
    if end_ns <= 0:
        raise BadInput("end required")
    if end_ns <= start_ns:
        raise BadInput("end must be greater than start")
