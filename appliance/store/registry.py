"""Tenants and label sets with their numbers: the durable side of the label index.

A number is given at once and written with the next transaction, ahead of any row that uses it
(`Database.preludes`), so a committed sample never names a series that is not there.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import LimitExceeded
from appliance.store.label_index import LabelIndex

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels


class Tenants:
    """Tenant names and numbers of one file; table `tenant(id, name)`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        rows = connection.execute("SELECT name, id FROM tenant").fetchall()
        self._ids: dict[str, int] = dict(rows)
        self._pending: list[tuple[int, str]] = []
        self._lock = threading.Lock()

    def id_of(self, name: str) -> int:
        """The tenant's number; a new tenant gets one."""
        found = self._ids.get(name)
        if found is not None:
            return found
        with self._lock:
            if name not in self._ids:
                self._pending.append((len(self._ids) + 1, name))
                self._ids[name] = len(self._ids) + 1
            return self._ids[name]

    def find(self, name: str) -> int | None:
        """The tenant's number, None when it has sent nothing yet."""
        return self._ids.get(name)

    def names(self) -> dict[int, str]:
        """Names by number."""
        return {number: name for name, number in self._ids.copy().items()}

    def begin(self, connection: sqlite3.Connection) -> None:
        """Write new tenants."""
        self._writing = len(self._pending)
        for row in self._pending[: self._writing]:
            connection.execute("INSERT OR IGNORE INTO tenant(id, name) VALUES (?, ?)", row)

    def committed(self) -> None:
        """Forget what is durable now."""
        del self._pending[: self._writing]

    def rolled_back(self) -> None:
        """Keep it pending."""


#: New label sets that are added before another request has its turn.
_AT_ONCE = 1000
#: Label sets that are read from the file at once.
_LOADED_AT_ONCE = 50_000


class Registry:
    """Label sets of one file and their numbers, per tenant.

    Args:
        table: `series` or `stream`; columns (id, tenant, labels).
        limit: Most label sets a tenant may have.
        limit_name: The setting that holds it.

    Invariant: numbers ascend and are never used twice while the file lives in this process.
    """

    def __init__(
        self, connection: sqlite3.Connection, table: str, *, limit: int, limit_name: str
    ) -> None:
        self._table = table
        self._limit = limit
        self._limit_name = limit_name
        self._indexes: dict[int, LabelIndex] = {}
        self._pending: list[tuple[int, int, bytes]] = []
        self._writing = 0
        self._lock = threading.Lock()
        #: Room that requests at work have been promised, by tenant.
        self._reserved: dict[int, int] = {}
        self._next = 1
        rows = connection.execute(
            f"SELECT id, tenant, labels FROM {table} ORDER BY id"  # noqa: S608 - a constant
        )
        while loaded := rows.fetchmany(_LOADED_AT_ONCE):
            by_tenant: dict[int, list[tuple[int, bytes]]] = {}
            for number, tenant, key in loaded:
                by_tenant.setdefault(tenant, []).append((number, key))
            for tenant, entries in by_tenant.items():
                self.index(tenant).add_all(entries)
            self._next = loaded[-1][0] + 1

    def index(self, tenant: int) -> LabelIndex:
        """The tenant's label index."""
        found = self._indexes.get(tenant)
        if found is None:
            found = self._indexes.setdefault(tenant, LabelIndex())
        return found

    def tenants(self) -> list[int]:
        """Tenants that have label sets."""
        return list(self._indexes)

    def resolve(self, tenant: int, labels: Sequence[Labels]) -> NDArray[np.int64]:
        """Numbers of label sets: int64[series]; new ones are added.

        Many are added in steps, so that others need not wait for the lock; room for them is
        reserved before.

        Raises:
            LimitExceeded: The tenant has no room for the new ones; none of them is added.
        """
        index = self.index(tenant)
        keys = [item.encode() for item in labels]
        ids = [index.ids.get(key, 0) for key in keys]
        if 0 in ids:
            new = {key for key, number in zip(keys, ids, strict=True) if not number}
            with self._lock:
                self._check_limit(index, new, self._reserved.get(tenant, 0))
                self._reserved[tenant] = self._reserved.get(tenant, 0) + len(new)
            try:
                ids = self._add_all(tenant, index, keys)
            finally:
                with self._lock:
                    self._reserved[tenant] -= len(new)
        return np.array(ids, dtype=np.int64)

    def _add_all(self, tenant: int, index: LabelIndex, keys: list[bytes]) -> list[int]:
        ids = []
        for start in range(0, len(keys), _AT_ONCE):
            with self._lock:
                ids += [
                    index.ids.get(key) or self._add(tenant, index, key)
                    for key in keys[start : start + _AT_ONCE]
                ]
        return ids

    def forget(self, connection: sqlite3.Connection, ids: Iterable[int]) -> None:
        """Delete label sets from the table; call `drop` with the same after the commit."""
        sql = f"DELETE FROM {self._table} WHERE id=?"  # noqa: S608 - a constant
        connection.executemany(sql, ((int(number),) for number in ids))

    def drop(self, tenant: int, ids: Iterable[int]) -> None:
        """Take label sets out of the index."""
        with self._lock:
            self.index(tenant).remove(set(map(int, ids)))

    def begin(self, connection: sqlite3.Connection) -> None:
        """Write new label sets."""
        self._writing = len(self._pending)
        if self._writing:
            sql = f"INSERT INTO {self._table}(id, tenant, labels) VALUES (?, ?, ?)"  # noqa: S608
            connection.executemany(sql, self._pending[: self._writing])

    def committed(self) -> None:
        """Forget what is durable now."""
        if self._writing:
            with self._lock:
                del self._pending[: self._writing]
                self._writing = 0

    def rolled_back(self) -> None:
        """Keep it pending."""
        self._writing = 0

    def _check_limit(self, index: LabelIndex, new: set[bytes], reserved: int) -> None:
        if len(index) + reserved + len(new) > self._limit:
            new = {key for key in new if key not in index.ids}  # others may have added some
        if len(index) + reserved + len(new) > self._limit:
            kind = "series" if self._table == "series" else "streams"
            raise LimitExceeded(
                f"this tenant has {len(index)} {kind} and would get {len(new)} more;"
                f" the limit is {self._limit} (setting {self._limit_name})",
                limit=self._limit_name,
                retryable=True,
            )

    def _add(self, tenant: int, index: LabelIndex, key: bytes) -> int:
        number = self._next
        self._next += 1
        self._pending.append((number, tenant, key))
        index.add(number, key)
        return number
