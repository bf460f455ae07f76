"""All unsealed samples: scrape groups and loose samples, and which series are where.

Invariants:
- Only the writer thread changes the head; sealed parts are dropped under the database's swap lock.
- Of equal (series, time) the first written holds. On arrival a cell of a column is left out when
  the loose samples or another group have it already. A loose sample that a group has already
  stays, but the group's cell goes before it on read and when sealed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from appliance.model.sample import ABSENT, is_absent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.store.metrics.head.group import Column, GroupHead, GroupView
    from appliance.store.metrics.head.loose import LooseBatch, LooseLog, LooseView


@dataclass(frozen=True, slots=True, eq=False)
class HeadPart:
    """What a group has of some selected series.

    Attributes:
        view: The group's columns.
        positions: int64[found], ascending, indices into the selected ids.
        rows: int64[found], rows of the view.
    """

    view: GroupView
    positions: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class HeadSnapshot:
    """What the head has of some series at one instant."""

    ids: NDArray[np.int64]
    groups: NDArray[np.int32]
    rows: NDArray[np.int32]
    views: dict[int, GroupView]
    loose: LooseView | None

    def parts(self) -> list[HeadPart]:
        """The groups that have some of the series."""
        order = np.argsort(self.groups, kind="stable")
        numbers = self.groups[order]
        starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
        found = []
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            view = self.views.get(int(numbers[start])) if len(order) else None
            if view is not None:
                positions = order[start:end]
                rows = self.rows[positions].astype(np.int64)
                seen = rows < len(view.ids)
                found.append(HeadPart(view, positions[seen], rows[seen]))
        found += [self._extra_part(view) for view in self.views.values() if len(view.extra_rows)]
        return [part for part in found if len(part.positions)]

    def covered(self, start_ms: int, end_ms: int) -> list[NDArray[np.int64]]:
        """Ids among which are all selected series that may have samples in a range.

        Args:
            start_ms, end_ms: Both included.
        """
        found = [
            view.ids
            for view in self.views.values()
            if len(view.times) and view.times[0] <= end_ms and view.times[-1] >= start_ms
        ]
        if self.loose is not None:
            times = self.loose.times
            found.append(self.loose.ids[(times >= start_ms) & (times <= end_ms)])
        return found

    def _extra_part(self, view: GroupView) -> HeadPart:
        extra = view.extra_rows[view.extra_rows < len(view.ids)]
        _, positions, at = np.intersect1d(
            self.ids, view.ids[extra], assume_unique=True, return_indices=True
        )
        return HeadPart(view, positions, extra[at])


class Head:
    """See the module's docstring."""

    def __init__(self) -> None:
        self.groups: dict[int, GroupHead] = {}
        self.loose: dict[int, LooseLog] = {}
        self._by_name: dict[tuple[int, str], GroupHead] = {}
        #: Per series id: the group that had it first (0: none), its row, and whether it is loose.
        self._group_of = np.zeros(1024, dtype=np.int32)
        self._row_of = np.zeros(1024, dtype=np.int32)
        self._is_loose = np.zeros(1024, dtype=np.bool_)
        #: Series that more than one group has had.
        self._contended = np.empty(0, dtype=np.int64)
        self.samples = 0
        #: Memory of all matrices and logs.
        self.size_bytes = 0

    # -- groups

    def find_group(self, tenant: int, name: str) -> GroupHead | None:
        """The group of that name."""
        return self._by_name.get((tenant, name))

    def add_group(self, group: GroupHead) -> None:
        """Register a group, maybe again."""
        if group.number not in self.groups:
            self.size_bytes += group.size_bytes
        self.groups[group.number] = group
        self._by_name.setdefault((group.tenant, group.name), group)

    def forget_group(self, group: GroupHead) -> None:
        """Remove a group that has no columns."""
        if self.groups.pop(group.number, None) is not None:
            self.size_bytes -= group.size_bytes
        if self._by_name.get((group.tenant, group.name)) is group:
            del self._by_name[group.tenant, group.name]

    # -- writing

    def append_column(self, group: GroupHead, column: Column) -> None:
        """Add a column that is newer than the group's last one."""
        self.add_group(group)
        before = group.size_bytes
        self._reserve(column.ids)
        taken = self._taken(group, column.timestamp_ms, column.ids)
        if taken is not None:
            column = replace(column, values=np.where(taken, ABSENT, column.values))
        new = group.unknown(column.ids)
        if len(new):
            self._add_rows(group, new)
        group.append(column)
        self.size_bytes += group.size_bytes - before
        self._count(group, int(len(column.values) - is_absent(column.values).sum()))

    def append_loose(self, log: LooseLog, seq: int, batch: LooseBatch) -> None:
        """Add samples with times of their own."""
        before = log.size_bytes if log.tenant in self.loose else 0
        self.loose[log.tenant] = log
        self._reserve(batch.ids)
        self._is_loose[batch.ids] = True
        log.append(seq, batch)
        self.size_bytes += log.size_bytes - before
        self.samples += len(batch.ids)

    def drop_columns(self, group: GroupHead, columns: int, samples: int) -> None:
        """Remove the oldest columns, which are in blocks now; call under the swap lock."""
        before = group.size_bytes
        gone = group.drop(columns)
        self.size_bytes += group.size_bytes - before
        ids, extra = group.view.ids, group.view.extra_rows
        mine = gone[self._group_of[gone] == group.number]
        self._group_of[mine] = 0
        rows = np.setdiff1d(np.arange(len(ids)), extra)
        self._row_of[ids[rows]] = rows
        self._count(group, -samples)

    def drop_loose(self, log: LooseLog, count: int) -> None:
        """Remove the oldest loose samples, which are in blocks now; call under the swap lock."""
        self._is_loose[log.view.ids[:count]] = False
        before = log.size_bytes
        log.drop(count)
        self.size_bytes += log.size_bytes - before
        self._is_loose[log.view.ids] = True
        self.samples -= count

    # -- reading

    def snapshot(self, tenant: int, ids: NDArray[np.int64]) -> HeadSnapshot:
        """What the head has of these series (ascending ids); short, for the swap lock."""
        log = self.loose.get(tenant)
        loose = log.view if log is not None and len(log.view.ids) else None
        group_of, row_of = self._group_of, self._row_of
        if len(ids) and ids[-1] >= min(len(group_of), len(row_of)):
            groups = np.zeros(len(ids), dtype=np.int32)
            rows = groups.copy()
            known = ids < min(len(group_of), len(row_of))
            groups[known], rows[known] = group_of[ids[known]], row_of[ids[known]]
        else:
            groups, rows = group_of[ids], row_of[ids]
        views = self._views(tenant, groups)
        return HeadSnapshot(ids, groups, rows, views, loose)

    def all_ids(self, tenant: int) -> list[NDArray[np.int64]]:
        """Ids of all series that have samples here, arrays that may overlap."""
        groups = [g.view.ids for g in list(self.groups.values()) if g.tenant == tenant]
        log = self.loose.get(tenant)
        return groups if log is None else [*groups, log.view.ids]

    def newest(self, tenant: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Times that no sample of these series (ascending ids) here is newer than: int64[ids].

        The least integer where there is none.
        """
        newest = np.full(len(ids), np.iinfo(np.int64).min, dtype=np.int64)
        snapshot = self.snapshot(tenant, ids)
        for part in snapshot.parts():
            if len(part.view.times):
                at = part.positions
                newest[at] = np.maximum(newest[at], part.view.times[-1])
        log = snapshot.loose
        known = ids[ids < len(self._is_loose)]
        if log is not None and self._is_loose[known].any():
            newest = np.maximum(newest, log.times.max())
        return newest

    def bounds(self, tenant: int | None = None) -> list[tuple[int, int]]:
        """Oldest and newest time of every group and log, of one tenant or of all."""
        groups = [group for group in list(self.groups.values()) if len(group.view.times)]
        logs = [log for log in list(self.loose.values()) if len(log.view.times)]
        mine = [g.view.times for g in groups if tenant in {None, g.tenant}]
        found = [(int(times[0]), int(times[-1])) for times in mine]
        loose = [log.view.times for log in logs if tenant in {None, log.tenant}]
        return found + [(int(times.min()), int(times.max())) for times in loose]

    # -- inside

    def _views(self, tenant: int, owners: NDArray[np.int32]) -> dict[int, GroupView]:
        """Views of the groups that series are in: of all groups where that is the shorter way."""
        if len(self._contended) or len(owners) > len(self.groups):
            return {g.number: g.view for g in list(self.groups.values()) if g.tenant == tenant}
        found = [self.groups.get(number) for number in set(owners.tolist())]
        return {g.number: g.view for g in found if g is not None and g.tenant == tenant}

    def _count(self, group: GroupHead, samples: int) -> None:
        group.samples += samples
        self.samples += samples

    def _add_rows(self, group: GroupHead, new: NDArray[np.int64]) -> None:
        extra = self._group_of[new] != 0
        rows = group.add_rows(new, extra=extra)
        own = ~extra
        self._row_of[new[own]] = rows[own]
        self._group_of[new[own]] = group.number
        if extra.any():
            self._contended = np.union1d(self._contended, new[extra])

    def _taken(
        self, group: GroupHead, timestamp_ms: int, ids: NDArray[np.int64]
    ) -> NDArray[np.bool_] | None:
        """Which series have a sample of that time already, outside the group; None: none."""
        taken = np.zeros(len(ids), dtype=np.bool_)
        log = self.loose.get(group.tenant)
        if log is not None and self._is_loose[ids].any():
            taken |= np.isin(ids, log.view.ids[log.view.times == timestamp_ms])
        owner = self._group_of[ids]
        shared = (owner != group.number) & (owner != 0)
        if len(self._contended):
            shared |= np.isin(ids, self._contended)
        if shared.any():
            candidates = np.flatnonzero(shared)
            candidates = candidates[np.argsort(ids[candidates])]
            for part in self.snapshot(group.tenant, ids[candidates]).parts():
                if part.view is not group.view:
                    taken[candidates[part.positions[_has_sample(part, timestamp_ms)]]] = True
        return taken if taken.any() else None

    def _reserve(self, ids: NDArray[np.int64]) -> None:
        need = int(ids.max(initial=0)) + 1
        if need > len(self._group_of):
            size = max(need, 2 * len(self._group_of))
            self._is_loose = np.pad(self._is_loose, (0, size - len(self._is_loose)))
            self._row_of = np.pad(self._row_of, (0, size - len(self._row_of)))
            self._group_of = np.pad(self._group_of, (0, size - len(self._group_of)))


def _has_sample(part: HeadPart, timestamp_ms: int) -> NDArray[np.bool_]:
    """bool[found]: whether a part's series have a sample at that time."""
    column = int(np.searchsorted(part.view.times, timestamp_ms))
    if column == len(part.view.times) or part.view.times[column] != timestamp_ms:
        return np.zeros(len(part.rows), dtype=np.bool_)
    present: NDArray[np.bool_] = ~is_absent(part.view.values[part.rows, column])
    return present


def drop_repeated(
    parts: Sequence[HeadPart],
    positions: NDArray[np.int64],
    times: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which loose samples no group has: bool[sample].

    Args:
        parts: Of the same selection as the positions.
        positions: int64[sample], the series of each sample as an index into the selected ids.
        times: int64[sample].
    """
    keep = np.ones(len(positions), dtype=np.bool_)
    for part in parts:
        view = part.view
        at = np.searchsorted(part.positions, positions)
        at[at == len(part.positions)] = 0
        column = np.searchsorted(view.times, times)
        column[column == len(view.times)] = 0
        if not len(view.times):
            continue
        hit = (part.positions[at] == positions) & (view.times[column] == times)
        rows = part.rows[at[hit]]
        keep[np.flatnonzero(hit)[~is_absent(view.values[rows, column[hit]])]] = False
    return keep
