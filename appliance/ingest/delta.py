"""Deltas added up to cumulative values, per series, as OpenTelemetry's deltatocumulative does it.

The sums are in memory: after a restart a series begins anew, which queries see as a counter reset.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.base.clock import Clock
    from appliance.model.histogram import Histogram

Key = tuple[object, ...]
#: A series without a delta for so long is forgotten.
_STALE_MS = 300_000


@dataclass(frozen=True, slots=True)
class _Sum:
    """What a series has so far; `seen_ms` is the time of the clock."""

    start_ms: int
    time_ms: int
    total: float | Histogram
    seen_ms: int


class DeltaSums:
    """The sums of all series of all tenants; any thread may call.

    Args:
        limit: Series at most; a new one beyond it is refused.
    """

    def __init__(self, clock: Clock, *, limit: int = 200_000) -> None:
        self._clock = clock
        self._limit = limit
        self._sums: dict[Key, _Sum] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sums)

    @contextmanager
    def request(self, tenant: str) -> Iterator[DeltaRequest]:
        """The sums while one request is taken in; an exception undoes what it added."""
        request = DeltaRequest(self, tenant)
        try:
            yield request
        except BaseException:
            self._undo(request.before, request.after)
            raise

    def _undo(self, before: dict[Key, _Sum | None], after: dict[Key, _Sum]) -> None:
        with self._lock:
            for key, old in before.items():
                if self._sums.get(key) is not after[key]:
                    continue  # somebody has gone on from there
                if old is None:
                    del self._sums[key]
                else:
                    self._sums[key] = old

    def change(
        self, key: Key, start_ms: int, time_ms: int, delta: float | Histogram
    ) -> tuple[_Sum | None, _Sum] | str:
        """Add a delta; the sums before and after, or why not."""
        with self._lock:
            now = self._clock.now_ms()
            old = self._sums.get(key)
            if old is not None and now - old.seen_ms > _STALE_MS:
                old = None
            if old is None:
                self._make_room(now)
                if len(self._sums) >= self._limit and key not in self._sums:
                    return f"more than {self._limit} series with delta temporality"
                new = _Sum(start_ms or time_ms, time_ms, delta, now)
            elif time_ms <= old.time_ms:
                return f"delta at {time_ms} ms is out of order, {old.time_ms} ms was added already"
            else:
                new = _Sum(old.start_ms, time_ms, _added(old.total, delta), now)
            self._sums[key] = new
            return old, new

    def _make_room(self, now: int) -> None:
        if len(self._sums) >= self._limit:
            fresh = {k: s for k, s in self._sums.items() if now - s.seen_ms <= _STALE_MS}
            self._sums = fresh


class DeltaRequest:
    """A `wire.otlp.metrics.Accumulator` that remembers how to undo its work.

    Attributes:
        before, after: Per series: its sum before this request, and the one it left.
    """

    def __init__(self, sums: DeltaSums, tenant: str) -> None:
        self._sums = sums
        self._tenant = tenant
        self.before: dict[Key, _Sum | None] = {}
        self.after: dict[Key, _Sum] = {}

    def add(
        self, series: Key, start_ms: int, time_ms: int, value: float | Histogram
    ) -> tuple[int, float | Histogram] | str:
        """See `Accumulator.add`."""
        key = (self._tenant, *series)
        changed = self._sums.change(key, start_ms, time_ms, value)
        if isinstance(changed, str):
            return changed
        old, new = changed
        self.before.setdefault(key, old)
        self.after[key] = new
        return new.start_ms, new.total


def _added(total: float | Histogram, delta: float | Histogram) -> float | Histogram:
    """The sum; what changes its kind begins anew."""
    if isinstance(total, float) and isinstance(delta, float):
        return total + delta
    if isinstance(total, float) or isinstance(delta, float):
        return delta
    from appliance.promql.histograms import (  # noqa: PLC0415 - few send native histograms
        IncompatibleSchemas,
        add,
    )

    try:
        return add(total, delta).histogram
    except IncompatibleSchemas:
        return delta
