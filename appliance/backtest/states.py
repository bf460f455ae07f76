"""Pending, firing, over: the states of alerts from runs of evaluations in which they were there.

This is what `rules/alert.py` does step by step, here for all steps at once. A run is a series of
evaluations, one after the other, in which an alert was there. It fires when it lasts as long as
`for`; the next run belongs to the same alert when it begins before `keep_firing_for` is over.
Evaluations that failed change nothing and are left out: they are no gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from appliance.backtest.episodes import Episode
from appliance.base.errors import LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

#: Runs of one backtest: some hundred megabytes.
MOST_RUNS = 2_000_000


class _Runs(NamedTuple):
    """Columns: alert, first and last evaluation (both included), most and least value."""

    alert: Ints
    first: Ints
    last: Ints
    most: Floats
    least: Floats


@dataclass(slots=True)
class RunCollector:
    """Takes blocks of evaluations one after the other, and keeps runs.

    Attributes:
        alerts: Numbers of alerts by their labels.
        times: Of the evaluations that worked.
    """

    alerts: dict[Labels, int] = field(default_factory=dict)
    times: list[Ints] = field(default_factory=list)
    _count: int = 0
    _runs: list[_Runs] = field(default_factory=list)
    _kept: int = 0

    def add(
        self,
        labels: Sequence[Labels],
        present: NDArray[np.bool_],
        values: Floats,
        times_ms: Ints,
    ) -> None:
        """Take the next evaluations.

        Args:
            labels: [row], of alerts, each once.
            present: bool[row, evaluation].
            values: float64[row, evaluation].
            times_ms: int64[evaluation].

        Raises:
            LimitExceeded: There are too many runs.
        """
        rows, width = present.shape
        if rows and width:
            numbers = [self.alerts.setdefault(one, len(self.alerts)) for one in labels]
            self._runs.append(self._find(np.array(numbers, dtype=np.int64), present, values))
            self._kept += len(self._runs[-1].alert)
        if self._kept > MOST_RUNS:
            raise LimitExceeded(
                f"the condition comes and goes more than {MOST_RUNS} times; shorten the range",
                limit="backtest runs",
            )
        self.times.append(times_ms)
        self._count += width

    def _find(self, numbers: Ints, present: NDArray[np.bool_], values: Floats) -> _Runs:
        rows, width = present.shape
        # A column before and one behind, so that every run begins and ends within its row.
        padded = np.zeros((rows, width + 2), dtype=np.int8)
        padded[:, 1:-1] = present
        edges = np.diff(padded, axis=1)
        row, first = np.nonzero(edges == 1)
        _, behind = np.nonzero(edges == -1)
        flat = np.append(np.where(present, values, np.nan).ravel(), np.nan)
        bounds = np.stack([row * width + first, row * width + behind], axis=1).ravel()
        most = np.fmax.reduceat(flat, bounds)[::2] if len(bounds) else np.zeros(0)
        least = np.fmin.reduceat(flat, bounds)[::2] if len(bounds) else np.zeros(0)
        return _Runs(numbers[row], first + self._count, behind - 1 + self._count, most, least)

    def runs(self) -> _Runs:
        """All runs by alert and time; those that blocks have cut in two are one again."""
        if not self._runs:
            none = np.zeros(0, dtype=np.int64)
            return _Runs(none, none, none, np.zeros(0), np.zeros(0))
        columns = [np.concatenate(parts) for parts in zip(*self._runs, strict=True)]
        order = np.lexsort((columns[1], columns[0]))
        alert, first, last, most, least = (column[order] for column in columns)
        begins = np.ones(len(alert), dtype=np.bool_)
        begins[1:] = (alert[1:] != alert[:-1]) | (first[1:] != last[:-1] + 1)
        starts = np.flatnonzero(begins)
        ends = np.append(starts[1:], len(alert)) - 1
        if not len(starts):
            return _Runs(alert, first, last, most, least)
        return _Runs(
            alert[starts],
            first[starts],
            last[ends],
            np.fmax.reduceat(most, starts),
            np.fmin.reduceat(least, starts),
        )

    def all_times(self) -> Ints:
        """int64[evaluation]: times of all evaluations that worked."""
        return np.concatenate(self.times) if self.times else np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class States:
    """What alerts have done.

    Attributes:
        pending_ms: int64[n]: how long each condition held that did not hold long enough.
    """

    episodes: list[Episode]
    pending_ms: Ints


def states_of(collector: RunCollector, hold_ms: int, keep_firing_ms: int) -> States:
    """Walk alerts through their states.

    Args:
        hold_ms, keep_firing_ms: `for` and `keep_firing_for`.
    """
    runs, times = collector.runs(), collector.all_times()
    count = len(times)
    if not len(runs.alert):
        return States([], np.zeros(0, dtype=np.int64))
    # The evaluation at which each run fires if it lasts, and at which it is over.
    fires_at = np.searchsorted(times, times[runs.first] + hold_ms)
    gap = runs.last + 1
    gap_ms = times[np.minimum(gap, count - 1)]
    over_at = np.where(gap < count, np.searchsorted(times, gap_ms + keep_firing_ms), count)
    joins = np.zeros(len(gap), dtype=np.bool_)
    joins[1:] = (runs.alert[1:] == runs.alert[:-1]) & (runs.first[1:] <= over_at[:-1])
    fires, begins = _firing(fires_at <= runs.last, joins)
    starts = np.flatnonzero(begins)
    members = np.flatnonzero(fires)
    bounds = np.searchsorted(members, starts)
    ends = members[np.append(bounds, len(members))[1:] - 1]
    most = np.fmax.reduceat(runs.most[members], bounds) if len(bounds) else np.zeros(0)
    least = np.fmin.reduceat(runs.least[members], bounds) if len(bounds) else np.zeros(0)
    names = list(collector.alerts)
    over = over_at[ends]
    ended_ms = np.where(over < count, times[np.minimum(over, count - 1)], 0)
    episodes = [
        Episode(names[alert], active, fired, ended, high, low)
        for alert, active, fired, ended, high, low in zip(
            runs.alert[starts].tolist(),
            times[runs.first[starts]].tolist(),
            times[fires_at[starts]].tolist(),
            ended_ms.tolist(),
            most.tolist(),
            least.tolist(),
            strict=True,
        )
    ]
    episodes.sort(key=lambda one: (one.fired_ms, one.labels))
    lasted = times[runs.last[~fires]] - times[runs.first[~fires]]
    return States(episodes, lasted)


def _firing(lasts: NDArray[np.bool_], joins: NDArray[np.bool_]) -> tuple[np.ndarray, np.ndarray]:
    """Which runs fire: that last, or join one that does; and which of them begin an episode.

    Args:
        lasts: Whether a run fires by itself.
        joins: Whether it begins before the one before it is over, if that fires.
    """
    number = np.cumsum(lasts)
    heads = np.flatnonzero(~joins)
    before = np.concatenate([[0], number])[heads]
    fires = number > np.repeat(before, np.diff(np.append(heads, len(lasts))))
    begins = fires.copy()
    begins[1:] &= ~(joins[1:] & fires[:-1])
    return fires, begins
