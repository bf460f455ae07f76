"""Entries at a least distance from one another: the `interval` of a log query.

Loki walks through all entries in order and leaves out those that come too early after the last one
it kept (readStreams in pkg/logql/engine.go). Here entries arrive by chunk; what lies before all
that can still come is settled and let go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

T = TypeVar("T")


class Thinner(Generic[T]):
    """Keeps entries that are far enough apart.

    Attributes:
        chosen: What was kept, ascending by key.

    Args:
        interval: The least distance of keys.
        limit: How many are kept at most.
    """

    def __init__(self, interval: int, limit: int) -> None:
        self.chosen: list[T] = []
        self._interval = interval
        self._limit = limit
        self._next: int | None = None
        self._keys = np.empty(0, dtype=np.int64)
        self._entries: list[T] = []

    def add(self, keys: NDArray[np.int64], entries: Sequence[T]) -> None:
        """Take in entries with ascending keys, none less than what was settled last."""
        self._keys = np.concatenate([self._keys, keys])
        self._entries += entries

    def settle(self, bound: int | None) -> bool:
        """Choose among entries with keys less than `bound` (None: all); no such will come again.

        Returns:
            Whether there are enough.
        """
        order = np.argsort(self._keys, kind="stable")
        keys = self._keys[order]
        stop = len(keys) if bound is None else int(np.searchsorted(keys, bound, side="left"))
        at = 0
        while len(self.chosen) < self._limit:
            if self._next is not None:
                at = max(at, int(np.searchsorted(keys, self._next, side="left")))
            if at >= stop:
                break
            self.chosen.append(self._entries[order[at]])
            self._next = int(keys[at]) + self._interval
            at += 1
        self._entries = [self._entries[place] for place in order[stop:].tolist()]
        self._keys = keys[stop:]
        return len(self.chosen) >= self._limit
