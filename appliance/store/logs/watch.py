"""Watches: readers that are told of entries as they are stored.

Invariant: `tell` runs in the writer thread only, so that every watch is told in commit order.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.model.matcher import matches_all
from appliance.store.logs.reading.scan import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk
    from appliance.model.matcher import Matcher
    from appliance.store.logs.entries import Entries
    from appliance.store.registry import Registry, Tenants

_log = logging.getLogger(__name__)
#: Streams whose verdict a watch remembers.
_REMEMBERED = 10_000


@dataclass(eq=False, slots=True)
class _Watch:
    tenant: str
    matchers: tuple[Matcher, ...]
    notice: Callable[[LogChunk], None]
    _verdicts: dict[int, bool] = field(default_factory=dict)

    def wants(self, stream: int, labels: Labels) -> bool:
        """Whether a stream matches; the answer is remembered, numbers are never used twice."""
        found = self._verdicts.get(stream)
        if found is None:
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            found = self._verdicts[stream] = matches_all(self.matchers, labels)
        return found


class Watches:
    """All watches of a store."""

    def __init__(self, tenants: Tenants, registry: Registry) -> None:
        self._tenants = tenants
        self._registry = registry
        self._lock = threading.Lock()
        self._watches: tuple[_Watch, ...] = ()

    def add(
        self, tenant: str, matchers: tuple[Matcher, ...], notice: Callable[[LogChunk], None]
    ) -> Callable[[], None]:
        """See `LogWatch.watch`."""
        watch = _Watch(tenant, matchers, notice)
        with self._lock:
            self._watches += (watch,)
        return lambda: self._end(watch)

    def _end(self, watch: _Watch) -> None:
        with self._lock:
            self._watches = tuple(one for one in self._watches if one is not watch)

    def tell(self, items: Iterable[tuple[int, int, Entries]]) -> None:
        """Tell of committed entries: stream, tenant and entries."""
        watches = self._watches
        if not watches:
            return
        for stream, tenant, entries in items:
            mine = [one for one in watches if self._tenants.find(one.tenant) == tenant]
            labels = labels_of(self._registry.index(tenant), stream) if mine else None
            if labels is None:
                continue
            mine = [one for one in mine if one.wants(stream, labels)]
            if mine:
                chunk = entries.chunk(labels)
                for watch in mine:
                    self._notice(watch, chunk)

    def _notice(self, watch: _Watch, chunk: LogChunk) -> None:
        try:
            watch.notice(chunk)
        except Exception:  # noqa: BLE001 - the writer must go on
            _log.exception("logs: a watch failed and is not told any more")
            self._end(watch)
