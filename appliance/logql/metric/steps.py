"""The times at which a metric query has points, and the windows that functions look at there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from appliance.logql.request import Request

_NS_PER_MS = 1_000_000
_MIN_NS, _MAX_NS = -(1 << 63), (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Steps:
    """Times of points.

    Attributes:
        times_ns: int64[step], ascending; at least one.
    """

    times_ns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times_ns)

    @property
    def times_ms(self) -> NDArray[np.int64]:
        """int64[step]."""
        found: NDArray[np.int64] = self.times_ns // _NS_PER_MS
        return found


def steps_of(request: Request) -> Steps:
    """The steps of a request.

    Those of a range query are multiples of the step: Loki's frontend moves the start back and the
    end forward (metricQuerySplitter in pkg/querier/queryrange). Where no step has a time of 64
    bits, the next one that has is taken.
    """
    if request.is_instant:
        return Steps(np.array([max(_MIN_NS, min(_MAX_NS, request.end_ns))], dtype=np.int64))
    step = request.step_ns
    least, most = -(-_MIN_NS // step) * step, (_MAX_NS - 1) // step * step
    start = max(least, min(most, request.start_ns // step * step))
    end = max(start, min(most, -(-request.end_ns // step) * step))
    return Steps(np.arange(start, end + 1, step, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Windows:
    """What a function over a range sees at each step, cut where any window begins or ends.

    Interval `i` is the time after edge `i - 1` up to and with edge `i`; what lies before the first
    or after the last edge has numbers of its own, so that numbers go from 0 to `len(edges)`. The
    window of a step is the intervals from `first` up to `stop`.

    Attributes:
        edges: int64[edge], ascending, distinct, nanoseconds.
        first, stop: int64[step]; `stop` is not included.
        covered: bool[interval], whether any window has it.
    """

    edges: NDArray[np.int64]
    first: NDArray[np.int64]
    stop: NDArray[np.int64]
    covered: NDArray[np.bool_]

    @property
    def width(self) -> int:
        """How many intervals there are."""
        return len(self.edges) + 1

    @property
    def start_ns(self) -> int:
        """The first nanosecond that any window has."""
        return int(self.edges[0]) + 1

    @property
    def end_ns(self) -> int:
        """The first nanosecond after all windows."""
        return int(self.edges[-1]) + 1

    @property
    def overlap(self) -> bool:
        """Whether windows share intervals."""
        return bool((self.first[1:] < self.stop[:-1]).any())

    def intervals(self, times_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """The interval of each time: int64[time]. Times ascend."""
        return np.repeat(np.arange(self.width), self.counts(times_ns))

    def counts(self, times_ns: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many times lie in each interval: int64[interval]. Times ascend."""
        bounds = np.searchsorted(times_ns, self.edges, side="right")
        return np.diff(bounds, prepend=0, append=len(times_ns))


def windows_of(steps: Steps, range_ns: int, offset_ns: int) -> Windows:
    """The windows (t - offset - range, t - offset] of all steps t."""
    ends = steps.times_ns - offset_ns
    starts = ends - range_ns
    edges = np.unique(np.concatenate([starts, ends]))
    first = np.searchsorted(edges, starts) + 1
    stop = np.searchsorted(edges, ends) + 1
    change = np.zeros(len(edges) + 2, dtype=np.int64)
    np.add.at(change, first, 1)
    np.add.at(change, stop, -1)
    return Windows(edges, first, stop, np.cumsum(change)[:-1] > 0)
