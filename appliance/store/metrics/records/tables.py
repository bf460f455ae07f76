"""All records of the file together, as the writer of samples and upkeep need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from appliance.store.metrics.records.exemplars import ExemplarTable
from appliance.store.metrics.records.metadata import MetadataTable
from appliance.store.metrics.records.starts import StartTimes

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.exemplar import Exemplar
    from appliance.store.metrics.blocks.series_sets import SeriesSets
    from appliance.store.metrics.head.head import Head

_NEVER, _EVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


class Records:
    """See the module's docstring; a `Prelude`.

    Args:
        connection: A reader of the file.
        max_exemplars: Most exemplars of a tenant.
    """

    def __init__(
        self, connection: sqlite3.Connection, head: Head, sets: SeriesSets, *, max_exemplars: int
    ) -> None:
        self._head = head
        self._sets = sets
        self.starts = StartTimes(connection)
        self.exemplars = ExemplarTable(connection, max_exemplars)
        self.metadata = MetadataTable(connection)

    def loaded(self, tenants: Sequence[int]) -> None:
        """Learn what the head holds once it is filled."""
        self.starts.bound(
            lambda ids: np.max([self._newest(t, ids) for t in tenants] or [ids], axis=0)
        )

    def note_starts(
        self,
        connection: sqlite3.Connection,
        tenant: int,
        samples: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None],
    ) -> None:
        """Write the changes of start times: of ids, times, starts (int64[sample] each)."""
        self.starts.note(connection, samples, lambda ids: self._newest(tenant, ids))

    def write_exemplars(
        self, connection: sqlite3.Connection, tenant: int, items: Sequence[tuple[int, Exemplar]]
    ) -> None:
        """Write (series id, exemplar)."""
        self.exemplars.write(connection, tenant, items)

    def begin(self, connection: sqlite3.Connection) -> None:
        """Nothing to write."""

    def committed(self) -> None:
        """What was written is durable."""
        self.starts.committed()
        self.exemplars.committed()

    def rolled_back(self) -> None:
        """What was written is gone."""
        self.starts.rolled_back()
        self.exemplars.rolled_back()

    def forget(self, connection: sqlite3.Connection, tenant: int, ids: NDArray[np.int64]) -> None:
        """Delete what is known of series; call `drop` with the same after the commit."""
        self.starts.forget(connection, ids)
        self.exemplars.forget(connection, tenant, ids.tolist())

    def drop(self, ids: NDArray[np.int64]) -> None:
        """Take series out of memory."""
        self.starts.drop(ids)

    def _newest(self, tenant: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Times that no sample of these series (ascending ids) is newer than: int64[ids]."""
        newest = self._head.newest(tenant, ids)
        for part in self._sets.index(tenant).parts(ids, _NEVER, _EVER):
            max_ms = self._sets.index(tenant).sets[part.number].max_ms
            newest[part.positions] = np.maximum(newest[part.positions], max_ms)
        return newest
