"""Find the newest traces that have spansets which a query leaves (Grafana Tempo, "Search").

A trace lies in the time range when it starts before its end and ends after its start, both
included; its spans may then lie anywhere. Whole blocks are evaluated as arrays; of all but the
traces of the answer nothing else is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.traceql.block import Block
from appliance.traceql.counting import CountingGuard
from appliance.traceql.pipeline.conditions import conditions_of
from appliance.traceql.pipeline.run import run_pipeline
from appliance.traceql.results import SearchResult
from appliance.traceql.search.fields import shown_fields
from appliance.traceql.search.summaries import Summarizer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traceql import ast
    from appliance.traceql.results import FoundTrace
    from appliance.traceql.spansets import SpanSets

_FAR_NS = 2**63 - 1
#: How far around the time range blocks are looked for: other spans of traces that reach into it,
#: such as their roots, may lie outside.
_MARGIN_NS = 120 * 10**9
#: Blocks with hits that are kept until it is known which of these are shown.
_MOST_HITS = 16
#: About what a span takes in an answer.
_SHOWN_BYTES = 1000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What bounds a search.

    Attributes:
        start_ns, end_ns: Both included; both 0: no matter when.
        limit: Traces.
        spans_per_spanset: Shown of each spanset; all are counted.
    """

    start_ns: int = 0
    end_ns: int = 0
    limit: int = 20
    spans_per_spanset: int = 3


def search(
    source: SpanSource, query: ast.Query, request: SearchRequest, guard: Guard
) -> SearchResult:
    """The newest traces that a query finds, newest first.

    Raises:
        BadInput: It is a metrics query, or does what Tempo does not support.
        QueryFailed: It cannot be evaluated on the traces that there are.
        LimitExceeded, TimedOut: As the guard says.
    """
    finder = _Finder(query, request, guard)
    counting = CountingGuard(guard)
    with source.whole_traces(*_scan_range(request), counting) as blocks:
        for columns in blocks:
            guard.check()
            finder.add(columns)
        return finder.result(counting.bytes)


def search_stream(
    source: SpanSource, query: ast.Query, request: SearchRequest, guard: Guard
) -> Iterator[SearchResult]:
    """The same, as it grows: what is known after each block that changes it, and in the end.

    Raises:
        As `search` does; nothing is yielded after that.
    """
    finder = _Finder(query, request, guard)
    counting = CountingGuard(guard)
    with source.whole_traces(*_scan_range(request), counting) as blocks:
        for columns in blocks:
            guard.check()
            if finder.add(columns):
                yield finder.result(counting.bytes)
        yield finder.result(counting.bytes)


def _scan_range(request: SearchRequest) -> tuple[int, int]:
    if not request.start_ns or not request.end_ns:
        return 0, _FAR_NS
    return max(request.start_ns - _MARGIN_NS, 0), min(request.end_ns + _MARGIN_NS, _FAR_NS)


class _Finder:
    """The newest traces so far."""

    def __init__(self, query: ast.Query, request: SearchRequest, guard: Guard) -> None:
        if query.pipeline is None:
            raise BadInput("metrics queries cannot be searched for: ask /api/metrics/query_range")
        self._pipeline = query.pipeline
        self._request = request
        self._guard = guard
        fields = shown_fields(conditions_of(query.pipeline))
        self._summarizer = Summarizer(fields, request.spans_per_spanset)
        self._hits: list[tuple[Block, SpanSets]] = []
        self._found: list[FoundTrace] = []
        self._newest = np.empty(0, dtype=np.int64)
        self._traces = self._spans = 0

    def add(self, columns: SpanColumns) -> bool:
        """Look at one more block; whether that changes the answer."""
        block = Block(columns, self._guard)
        wanted = self._wanted(block)
        self._traces += len(wanted)
        self._spans += block.count
        if not wanted.any():
            return False
        sets = run_pipeline(self._pipeline, block)
        sets = sets.chosen(np.flatnonzero(wanted[sets.traces]))
        sets = sets.chosen(np.flatnonzero(self._newest_of(block, sets)))
        if not len(sets):
            return False
        self._hits.append((block, sets))
        starts = block.trace_starts_ns[np.unique(sets.traces)]
        self._newest = np.sort(np.concatenate((self._newest, starts)))[-self._request.limit :]
        if len(self._hits) >= _MOST_HITS:
            self._settle()
        return True

    def _wanted(self, block: Block) -> NDArray[np.bool_]:
        """Which traces lie in the time range and are new enough: bool[trace]."""
        starts, request = block.trace_starts_ns, self._request
        if request.start_ns and request.end_ns:
            wanted = (starts <= request.end_ns) & (block.trace_ends_ns >= request.start_ns)
        else:
            wanted = np.ones(len(starts), dtype=bool)
        if len(self._newest) >= request.limit:
            wanted &= starts > self._newest[0]
        return wanted

    def _newest_of(self, block: Block, sets: SpanSets) -> NDArray[np.bool_]:
        """Which sets belong to one of the newest traces that the answer has room for."""
        starts = block.trace_starts_ns[sets.traces]
        of_traces = block.trace_starts_ns[np.unique(sets.traces)]
        if len(of_traces) <= self._request.limit:
            return np.ones(len(sets), dtype=bool)
        oldest = np.partition(of_traces, -self._request.limit)[-self._request.limit]
        is_new: NDArray[np.bool_] = starts >= oldest
        return is_new

    def result(self, inspected_bytes: int) -> SearchResult:
        """The newest traces of all hits."""
        self._settle()
        self._found.sort(key=lambda trace: trace.start_ns, reverse=True)
        found = self._found[: self._request.limit]
        return SearchResult(found, self._traces, self._spans, inspected_bytes)

    def _settle(self) -> None:
        """Make what is shown of hits that are still new enough, and let go of their blocks."""
        oldest = self._newest[0] if len(self._newest) else 0
        self._found = [trace for trace in self._found if trace.start_ns >= oldest]
        for block, sets in self._hits:
            starts = block.trace_starts_ns[sets.traces]
            chosen = sets.chosen(np.flatnonzero(starts >= oldest))
            shown = np.minimum(chosen.counts, self._request.spans_per_spanset).sum()
            self._guard.add_bytes(_SHOWN_BYTES * int(shown))
            self._found += self._summarizer.traces(block, chosen)
        self._hits = []
