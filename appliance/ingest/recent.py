"""The newest sample of each series, to notice that a time comes again with another value.

Prometheus refuses such a sample; the store would keep the first one silently. The table has a fixed
size: of two series that share a place, the one seen last is remembered.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLACES = 1 << 17


class RecentSamples:
    """See the module's docstring; any thread may use it."""

    def __init__(self, places: int = _PLACES) -> None:
        self._ids = np.zeros(places, dtype=np.int64)
        self._times = np.zeros(places, dtype=np.int64)
        self._bits = np.zeros(places, dtype=np.uint64)
        self._lock = threading.Lock()

    def find_conflicts(
        self, ids: NDArray[np.int64], times: NDArray[np.int64], values: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Which samples contradict the newest of their series; the others are remembered.

        Args:
            ids: int64[sample], of series, not 0.
            times: int64[sample]. values: float64[sample].
        """
        place = ids % len(self._ids)
        bits = np.ascontiguousarray(values).view(np.uint64)
        with self._lock:
            is_known = self._ids[place] == ids
            known = self._times[place]
            conflicts: NDArray[np.bool_] = is_known & (known == times) & (self._bits[place] != bits)
            newer = np.flatnonzero(~is_known | (times > known))
            if (np.diff(times[newer]) < 0).any():  # of several of one series the newest is kept
                newer = newer[np.argsort(times[newer], kind="stable")]
            chosen = place[newer]
            self._ids[chosen] = ids[newer]
            self._times[chosen] = times[newer]
            self._bits[chosen] = bits[newer]
        return conflicts
