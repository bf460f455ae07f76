"""A least-recently-used cache bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """Decoded blocks, least recently used out first.

    Args:
        max_bytes: Sum of the sizes given to `put`; a value larger than a quarter is not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._items: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value, now the most recently used; None when it is not here."""
        with self._lock:
            found = self._items.get(key)
            if found is None:
                return None
            self._items.move_to_end(key)
            return found[0]

    def put(self, key: K, value: V, size_bytes: int) -> None:
        """Keep a value, dropping the least recently used ones when needed."""
        if size_bytes * 4 > self._max_bytes:
            return
        with self._lock:
            self._discard(key)
            self._items[key] = (value, size_bytes)
            self._bytes += size_bytes
            while self._bytes > self._max_bytes:
                _, (_, size) = self._items.popitem(last=False)
                self._bytes -= size

    def discard(self, key: K) -> None:
        """Drop a value."""
        with self._lock:
            self._discard(key)

    def discard_where(self, is_meant: Callable[[K], bool]) -> None:
        """Drop all values whose key is meant; looks at every key."""
        with self._lock:
            for key in [key for key in self._items if is_meant(key)]:
                self._discard(key)

    def _discard(self, key: K) -> None:
        old = self._items.pop(key, None)
        if old is not None:
            self._bytes -= old[1]
