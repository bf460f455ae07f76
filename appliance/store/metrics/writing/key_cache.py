"""Series ids by opaque keys, such as label bytes on the wire: one look-up per known series.

Two generations bound the memory: when the newer one is full it becomes the older one, and what is
used again moves over.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels

#: Bytes of keys of one generation; a key counts with what the dictionary needs beside it.
_MOST_BYTES = 192 << 20
_ENTRY_BYTES = 150


class _Tenant:
    def __init__(self) -> None:
        self.ids: dict[bytes, int] = {}
        self.older: dict[bytes, int] = {}
        self.size_bytes = 0


class KeyCache:
    """See the module's docstring; any thread may call.

    Args:
        resolve: Ids of label sets, by tenant.
        most_bytes: Memory of a generation of one tenant.
    """

    def __init__(
        self,
        resolve: Callable[[int, Sequence[Labels]], NDArray[np.int64]],
        *,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._resolve = resolve
        self._most_bytes = most_bytes
        self._tenants: dict[int, _Tenant] = {}
        self._lock = threading.Lock()

    def resolve(
        self, tenant: int, keys: Sequence[bytes], make_labels: Callable[[int], Labels | None]
    ) -> NDArray[np.int64]:
        """Ids of keys: int64[key]; 0 where `make_labels` knows none.

        Raises:
            LimitExceeded: The tenant has no room for the new ones.
        """
        cache = self._tenants.get(tenant) or self._tenants.setdefault(tenant, _Tenant())
        get = cache.ids.get
        ids = np.array([get(key, 0) for key in keys], dtype=np.int64)
        unknown = np.flatnonzero(ids == 0).tolist()
        if unknown:
            self._learn(tenant, cache, keys, (ids, unknown, make_labels))
        return ids

    def forget(self, tenant: int, ids: NDArray[np.int64]) -> None:
        """These ids are not in use any more."""
        gone = set(ids.tolist())
        cache = self._tenants.get(tenant)
        if cache is not None:
            with self._lock:
                cache.ids = {key: number for key, number in cache.ids.items() if number not in gone}
                cache.older = {}

    def _learn(
        self,
        tenant: int,
        cache: _Tenant,
        keys: Sequence[bytes],
        wanted: tuple[NDArray[np.int64], list[int], Callable[[int], Labels | None]],
    ) -> None:
        ids, unknown, make_labels = wanted
        older = cache.older
        rows, labels = [], []
        for row in unknown:
            known = older.get(keys[row])
            if known is not None:
                ids[row] = known
                continue
            made = make_labels(row)
            if made is not None:
                rows.append(row)
                labels.append(made)
        if labels:
            ids[rows] = self._resolve(tenant, labels)
        with self._lock:
            self._add(cache, [(keys[row], int(ids[row])) for row in unknown if ids[row]])

    def _add(self, cache: _Tenant, entries: list[tuple[bytes, int]]) -> None:
        for key, number in entries:
            cache.ids[key] = number
            cache.size_bytes += len(key) + _ENTRY_BYTES
        if cache.size_bytes > self._most_bytes:
            cache.older, cache.ids, cache.size_bytes = cache.ids, {}, 0
