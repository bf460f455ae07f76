"""LogSource of one tenant: head and chunks, in time order, read as late as possible.

Listing takes a snapshot of head and chunk table; blobs are read one by one afterwards, without a
transaction that would hold back the checkpoint. A chunk that retention has deleted meanwhile is
skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from appliance.store.logs.chunks.token_filter import needle_hashes
from appliance.store.logs.reading.lines import SharedGuard
from appliance.store.logs.reading.listing import list_pieces
from appliance.store.logs.reading.scan import Scan, labels_of
from appliance.store.logs.reading.volume import measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.model.labels import Labels
    from appliance.model.log import LogChunk, StreamVolume
    from appliance.model.matcher import Matcher
    from appliance.model.sources import Guard
    from appliance.store.label_index import LabelIndex
    from appliance.store.logs.reading.piece import Shelf

T = TypeVar("T")
_MIN_NS, _MAX_NS = -(1 << 63), (1 << 63) - 1


class TenantLogs:
    """Implements `model.sources.LogSource`; an unknown tenant has nothing."""

    def __init__(self, tenant: str, shelf: Shelf) -> None:
        self._tenant = tenant
        self._shelf = shelf

    def scan(
        self,
        matchers: tuple[Matcher, ...],
        start_ns: int,
        end_ns: int,
        guard: Guard,
        *,
        work: Callable[[LogChunk], T],
        needles: Sequence[bytes] = (),
        backward: bool = False,
    ) -> Iterator[T]:
        """See `LogSource.scan`; head and chunks are listed by this call, read by the iterator."""
        span = _span(start_ns, end_ns)
        tenant = self._shelf.tenants.find(self._tenant)
        if tenant is None or span is None:
            return iter(())
        index = self._shelf.registry.index(tenant)
        pieces = list_pieces(self._shelf, tenant, index.select(matchers), span)
        one = Scan(
            shelf=self._shelf,
            index=index,
            start_ns=span[0],
            last_ns=span[1],
            guard=SharedGuard(guard),
            backward=backward,
            tokens=needle_hashes(tuple(needles)),
            work=work,
        )
        return one.run(pieces)

    def volumes(
        self, matchers: tuple[Matcher, ...], start_ns: int, end_ns: int, guard: Guard
    ) -> list[StreamVolume]:
        """See `LogSource.volumes`."""
        return next(self.volume_steps(matchers, [(start_ns, end_ns)], guard))

    def volume_steps(
        self, matchers: tuple[Matcher, ...], steps: Sequence[tuple[int, int]], guard: Guard
    ) -> Iterator[list[StreamVolume]]:
        """See `LogSource.volume_steps`; head and chunks are listed once."""
        tenant = self._shelf.tenants.find(self._tenant)
        spans = [_span(*step) for step in steps]
        asked = [span for span in spans if span is not None]
        if tenant is None or not asked:
            yield from ([] for _ in steps)
            return
        index = self._shelf.registry.index(tenant)
        whole = asked[0][0], asked[-1][1]
        pieces = list_pieces(self._shelf, tenant, index.select(matchers), whole)
        measured = measure(pieces, index, asked, guard)
        for span in spans:
            yield [] if span is None else next(measured)

    def label_names(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_names`."""
        index, streams = self._live(matchers, start, end)
        return [] if index is None else index.names(streams)

    def label_values(
        self, name: str, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> list[str]:
        """See `LabelSource.label_values`."""
        index, streams = self._live(matchers, start, end)
        return [] if index is None else index.values(name, streams)

    def series(self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int) -> list[Labels]:
        """See `LabelSource.series`."""
        index, streams = self._live(matchers, start, end)
        if index is None:
            return []
        found = (labels_of(index, number) for number in streams.tolist())
        return sorted(labels for labels in found if labels is not None)

    def _live(
        self, matchers: Sequence[tuple[Matcher, ...]], start: int, end: int
    ) -> tuple[LabelIndex | None, NDArray[np.int64]]:
        """The index, and streams that satisfy an alternative and have data in [start, end]."""
        shelf, none = self._shelf, np.empty(0, dtype=np.int64)
        tenant = shelf.tenants.find(self._tenant)
        start, end = _clamp(start), _clamp(end)
        if tenant is None or start > end:
            return None, none
        index = shelf.registry.index(tenant)
        chosen = [index.select(one) for one in matchers] or [index.select(())]
        streams = chosen[0] if len(chosen) == 1 else np.unique(np.concatenate(chosen))
        if not len(streams):
            return index, none
        take = lambda: shelf.head.spans(streams, start, end)  # noqa: E731 - short
        with shelf.database.snapshot(take) as (connection, in_head):
            rows = connection.execute(
                "SELECT DISTINCT stream FROM chunk WHERE tenant=? AND max_ns>=? AND min_ns<=?",
                (tenant, start, end),
            )
            live = np.array([*in_head, *(row[0] for row in rows)], dtype=np.int64)
        return index, np.intersect1d(streams, live)


def _span(start_ns: int, end_ns: int) -> tuple[int, int] | None:
    """First and last time of [start_ns, end_ns) that an entry can have; None when there is none."""
    start, last = _clamp(start_ns), _clamp(end_ns - 1)
    return None if start > last or end_ns <= _MIN_NS else (start, last)


def _clamp(time_ns: int) -> int:
    return max(_MIN_NS, min(_MAX_NS, time_ns))
