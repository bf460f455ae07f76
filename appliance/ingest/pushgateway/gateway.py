"""The gateway: groups in memory and in the store, checked against one another.

Pushed samples also go into the metric store at once, as a scrape with `honor_labels` would put
them; an implicit scrape job keeps them fresh (see `job.py`).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from appliance.base.errors import BadInput, LimitExceeded
from appliance.base.tasks import offload
from appliance.ingest.pushgateway.consistency import find_fault
from appliance.ingest.pushgateway.group import FAILURE_TIME, PUSH_TIME, Group
from appliance.ingest.pushgateway.samples import batch_of, metadata_of
from appliance.model.labels import Labels
from appliance.wire.messages.exposition_pb2 import MetricFamily
from appliance.wire.metric_family import labels_of, set_labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.base.clock import Clock
    from appliance.ingest.metrics import MetricDoor
    from appliance.store.pushes.store import PushStore

_LIMIT = "limits.pushed_bytes"


class PushGateway:
    """Used on the event loop only.

    Args:
        door: Where samples enter the metric store.
        tenant: The one whose samples they are.
        max_bytes: Encoded bytes of all groups together.
    """

    def __init__(
        self, store: PushStore, door: MetricDoor, clock: Clock, *, tenant: str, max_bytes: int
    ) -> None:
        self._store = store
        self._door = door
        self._clock = clock
        self._tenant = tenant
        self._max_bytes = max_bytes
        self._lock = asyncio.Lock()
        self._sizes: dict[tuple[tuple[str, str], ...], int] = {}
        self.groups: dict[tuple[tuple[str, str], ...], Group] = {}

    async def load(self) -> None:
        """Take over what the store has; before anything else."""
        for data in (await offload(self._store.load)).values():
            group = Group.decode(data)
            self.groups[group.key] = group
            self._sizes[group.key] = len(data)

    async def push(
        self, labels: Mapping[str, str], families: Sequence[MetricFamily], *, replaces: bool
    ) -> None:
        """Take over the metrics of a group.

        Args:
            labels: The grouping key.
            replaces: All metrics of the group go first (PUT), not only those of the same names.

        Raises:
            BadInput: They contradict one another or other groups; the failure is remembered.
            LimitExceeded: Too much is kept already.
        """
        async with self._lock:
            now_ns = self._clock.now_ns()
            before = self.groups.get(Group(labels).key, Group(labels))
            named = self._prepared(labels, families)
            kept = {} if replaces else dict(before.families)
            group = replace(
                before,
                families=kept | named,
                changed_ms={
                    **{name: before.changed_ms[name] for name in kept},
                    **dict.fromkeys(named, now_ns // 10**6),
                },
                pushed_ns=now_ns,
            )
            others = [other for key, other in self.groups.items() if key != group.key]
            fault = find_fault(named, others)
            if fault is not None:
                await self._keep(replace(before, failed_ns=now_ns))
                raise BadInput(
                    f"pushed metrics are invalid or inconsistent with existing metrics: {fault}"
                )
            await self._keep(group)
            shown = {**named, **{n: group.all_families()[n] for n in (PUSH_TIME, FAILURE_TIME)}}
            batch = batch_of(shown.values(), now_ns // 10**6)
            await self._door.accept(self._tenant, batch, metadata_of(shown.values()))

    async def delete(self, labels: Mapping[str, str]) -> None:
        """Remove a group, if it is there."""
        async with self._lock:
            await self._remove([Group(labels).key])

    async def wipe(self) -> None:
        """Remove all groups."""
        async with self._lock:
            await self._remove(list(self.groups))

    def families(self) -> list[MetricFamily]:
        """Metrics of all groups, one family per name, by name."""
        merged: dict[str, MetricFamily] = {}
        for key in sorted(self.groups):
            for name, family in self.groups[key].all_families().items():
                if name not in merged:
                    merged[name] = MetricFamily()
                    merged[name].CopyFrom(family)
                else:
                    merged[name].metric.extend(family.metric)
        return [merged[name] for name in sorted(merged)]

    def _prepared(
        self, labels: Mapping[str, str], families: Sequence[MetricFamily]
    ) -> dict[str, MetricFamily]:
        """Families with the group's labels, which win over their own."""
        named = {}
        for family in families:
            name = family.name.decode()
            if name in {PUSH_TIME, FAILURE_TIME}:
                continue
            for metric in family.metric:
                set_labels(metric, {"instance": "", **labels_of(metric), **labels})
            named[name] = family
        return named

    async def _keep(self, group: Group) -> None:
        data = group.encode()
        total = sum(self._sizes.values()) - self._sizes.get(group.key, 0) + len(data)
        if total > self._max_bytes:
            raise LimitExceeded(
                f"pushed groups would take {total} bytes, the limit is {self._max_bytes}"
                f" ({_LIMIT}); delete groups that are not needed any more",
                limit=_LIMIT,
            )
        await asyncio.wrap_future(self._store.put(_row_key(group.key), data))
        self.groups[group.key] = group
        self._sizes[group.key] = len(data)

    async def _remove(self, keys: list[tuple[tuple[str, str], ...]]) -> None:
        known = [key for key in keys if key in self.groups]
        await asyncio.wrap_future(self._store.delete([_row_key(key) for key in known]))
        for key in known:
            del self.groups[key], self._sizes[key]


def _row_key(key: tuple[tuple[str, str], ...]) -> bytes:
    return Labels(key).encode()
