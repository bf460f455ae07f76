"""Periodic work on the stores: seal heads into blocks, prune by retention.

Runs in worker threads; the stores serialise their own passes. What fails for one signal does not
keep the others from their turn.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from appliance.base.tasks import attempt, every, offload, spawn
from appliance.store.retention import Pruned, PrunePass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.base.clock import Clock
    from appliance.store.retention import Retention

_log = logging.getLogger(__name__)


class MaintainedStore(Protocol):
    """What a signal's store lets maintenance do."""

    @property
    def seal_due(self) -> bool:
        """Whether a head is past its bound and should be sealed now."""
        ...

    def seal(self, *, force: bool = False) -> int:
        """Turn full or old heads into blocks; the result counts blocks."""
        ...

    def retain(self, retention: Retention) -> Pruned:
        """Delete what is too old or too much."""
        ...

    def disk_bytes(self) -> int:
        """Bytes of the database file, write-ahead log included."""
        ...


class Maintenance:
    """A component: one task that seals and one that prunes.

    Args:
        retention: Per signal; replaced by `apply` on reload.
        total_bytes: What all signals together may take; the largest one gives way first.
        seal_seconds: Pause between looks at the heads.
        seal_always: Seal whatever is there at every look.
        retain_seconds: Pause between retention passes.
    """

    name = "maintenance"

    def __init__(
        self,
        stores: Mapping[str, MaintainedStore],
        retention: Mapping[str, Retention],
        clock: Clock,
        *,
        total_bytes: int,
        seal_seconds: float = 5.0,
        seal_always: bool = False,
        retain_seconds: float = 60.0,
    ) -> None:
        self._stores = stores
        self._retention = retention
        self._clock = clock
        self._total_bytes = total_bytes
        self._seal_seconds = seal_seconds
        self._seal_always = seal_always
        self._retain_seconds = retain_seconds
        self._sealing_due_in = 0
        #: The last retention pass by signal, and the last one that removed something.
        self.passes: dict[str, PrunePass] = {}
        self.effective: dict[str, PrunePass] = {}

    @property
    def retention(self) -> Mapping[str, Retention]:
        """The rules in use, by signal."""
        return self._retention

    @property
    def total_bytes(self) -> int:
        """What all signals together may take."""
        return self._total_bytes

    def apply(self, retention: Mapping[str, Retention], total_bytes: int) -> None:
        """Use other retention rules from the next pass on."""
        self._retention = retention
        self._total_bytes = total_bytes

    async def start(self) -> None:
        """Nothing to prepare."""

    async def run(self) -> None:
        """Seal and prune until cancelled."""
        tasks = [
            spawn(every(self._clock, self._seal_seconds, self.seal), name="seal"),
            spawn(every(self._clock, self._retain_seconds, self.retain), name="retain"),
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def stop(self) -> None:
        """Heads stay in the inbox; the next start replays it."""

    async def seal(self) -> None:
        """One look at every head: at once when one is past its bound, else every sixth time."""
        self._sealing_due_in = (self._sealing_due_in - 1) % 6
        for signal, store in self._stores.items():
            if self._seal_always or store.seal_due or self._sealing_due_in == 0:
                seal = partial(store.seal, force=self._seal_always)
                await attempt(offload(seal), name=f"sealing {signal}")

    async def retain(self) -> None:
        """One retention pass over every signal, the largest first."""
        sizes = {signal: store.disk_bytes() for signal, store in self._stores.items()}
        for signal in sorted(sizes, key=lambda name: sizes[name], reverse=True):
            store, rules = self._stores[signal], self._retention[signal]
            room = max(0, self._total_bytes - sum(sizes.values()) + sizes[signal])
            bound = room if rules.max_bytes is None else min(room, rules.max_bytes)
            work = offload(store.retain, replace(rules, max_bytes=bound))
            began = self._clock.monotonic()
            pruned = await attempt(work, name=f"pruning {signal}")
            sizes[signal] = store.disk_bytes()
            self._note(signal, pruned, self._clock.monotonic() - began)
            if pruned is not None and pruned.blocks:
                _log.info("%s: pruned %s blocks, %s items", signal, pruned.blocks, pruned.items)

    def _note(self, signal: str, pruned: Pruned | None, seconds: float) -> None:
        done = PrunePass(self._clock.now_ms(), seconds, pruned or Pruned(), failed=pruned is None)
        self.passes[signal] = done
        if done.pruned.blocks:
            self.effective[signal] = done
