"""When series were last named, and which are not in use any more.

Invariant: a series is forgotten only when it has no data and nobody has named it for a while, so a
caller that keeps ids longer than that must be ready to resolve its labels again (`Conflict`).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import Conflict

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GONE = -1


class SeriesUsage:
    """Clock time each series was last resolved; 0: not since the start."""

    def __init__(self) -> None:
        self._named_ms = np.zeros(1024, dtype=np.int64)
        self._has_gone = False
        self._lock = threading.Lock()

    def name(self, ids: NDArray[np.int64], now_ms: int) -> bool:
        """Note that someone got these ids just now; False: one went meanwhile, resolve again."""
        with self._lock:
            self._reserve(ids)
            if self._has_gone and (self._named_ms[ids] == _GONE).any():
                return False
            self._named_ms[ids] = now_ms
            return True

    def gone(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the ids that are not in use any more."""
        with self._lock:
            self._reserve(ids)
            found: NDArray[np.int64] = ids[self._named_ms[ids] == _GONE]
            return found

    def unnamed_since(self, ids: NDArray[np.int64], time_ms: int) -> NDArray[np.bool_]:
        """Which ids nobody has got since then: bool[ids]."""
        named = np.zeros(len(ids), dtype=np.int64)
        known = ids < len(self._named_ms)
        named[known] = self._named_ms[ids[known]]
        quiet: NDArray[np.bool_] = named < time_ms
        return quiet

    def forget(self, ids: NDArray[np.int64]) -> None:
        """These ids are not in use any more, for good."""
        with self._lock:
            self._reserve(ids)
            self._named_ms[ids] = _GONE
            self._has_gone = self._has_gone or len(ids) > 0

    def check(self, ids: NDArray[np.int64]) -> None:
        """Refuse ids that are not in use any more.

        Raises:
            Conflict: One of them is not; resolve the labels again.
        """
        if not self._has_gone:
            return
        known = ids[ids < len(self._named_ms)]
        lost = known[self._named_ms[known] == _GONE]
        if len(lost):
            raise Conflict(
                f"series id {int(lost[0])} is not in use any more; resolve its labels again"
            )

    def _reserve(self, ids: NDArray[np.int64]) -> None:
        need = int(ids.max(initial=0)) + 1
        if need > len(self._named_ms):
            size = max(need, 2 * len(self._named_ms))
            self._named_ms = np.pad(self._named_ms, (0, size - len(self._named_ms)))
