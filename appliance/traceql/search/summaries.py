"""Found traces and their spansets: the only objects that a search makes, and only in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traceql.expressions.values import statics_of
from appliance.traceql.results import FoundSpan, FoundSpanset, FoundTrace
from appliance.traceql.search.fields import split_name
from appliance.traceql.spansets import starts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.trace import Dictionary
    from appliance.traceql.block import Block
    from appliance.traceql.search.fields import ShownField
    from appliance.traceql.spansets import SpanSets
    from appliance.traceql.static import Static

_STATUS_ERROR = 2


@dataclass(frozen=True, slots=True)
class Summarizer:
    """Makes what answers show of spansets.

    Attributes:
        fields: What is shown of spans.
        spans_per_spanset: How many spans are shown of each.
    """

    fields: Sequence[ShownField]
    spans_per_spanset: int

    def traces(self, block: Block, sets: SpanSets) -> list[FoundTrace]:
        """The traces that have some of the sets, in their order."""
        if not len(sets):
            return []
        spansets = self._spansets(block, sets)
        starts = starts_of(sets.traces)
        ends = [*starts[1:].tolist(), len(sets)]
        traces = sets.traces[starts].tolist()
        return [
            _trace(block, trace, spansets[start:end])
            for trace, start, end in zip(traces, starts.tolist(), ends, strict=True)
        ]

    def _spansets(self, block: Block, sets: SpanSets) -> list[FoundSpanset]:
        places = np.arange(len(sets.rows)) - sets.offsets[sets.owners]
        spans = self._spans(block, sets.rows[places < self.spans_per_spanset])
        sizes = np.minimum(sets.counts, self.spans_per_spanset)
        ends = np.cumsum(sizes)
        every = np.arange(len(sets))
        said = [(text, statics_of(column, every)) for text, column in sets.attributes]
        return [
            FoundSpanset(
                spans[end - size : end], matched, [(text, values[at]) for text, values in said]
            )
            for at, (end, size, matched) in enumerate(
                zip(ends.tolist(), sizes.tolist(), sets.counts.tolist(), strict=True)
            )
        ]

    def _spans(self, block: Block, rows: NDArray[np.int64]) -> list[FoundSpan]:
        columns = block.columns
        name, fields = split_name(self.fields)
        names = name.values(block, rows) if name is not None else [None] * len(rows)
        attributes: list[list[tuple[str, Static]]] = [[] for _ in range(len(rows))]
        for field in fields:
            for shown, value in zip(attributes, field.values(block, rows), strict=True):
                if value is not None:
                    shown.append((field.key, value))
        ids = columns.numbers("span_id")[rows].tolist()
        starts = columns.numbers("start_ns")[rows].tolist()
        durations = columns.numbers("duration_ns")[rows].tolist()
        return [
            FoundSpan(span, "" if shown is None else str(shown.value), start, duration, said)
            for span, shown, start, duration, said in zip(
                ids, names, starts, durations, attributes, strict=True
            )
        ]


def _trace(block: Block, trace: int, spansets: list[FoundSpanset]) -> FoundTrace:
    traces, columns = block.traces, block.columns
    start = int(block.trace_starts_ns[trace])
    services, root = columns.services(), int(block.roots[trace])
    return FoundTrace(
        traces.ids[trace].tobytes(),
        _text(services, root) if root >= 0 else "",
        _text(columns.names(), root) if root >= 0 else "",
        start,
        int(block.trace_ends_ns[trace]) - start,
        spansets,
        _service_stats(block, services, trace),
    )


def _service_stats(block: Block, services: Dictionary, trace: int) -> dict[str, tuple[int, int]]:
    """(spans, errors) of each service in a trace, sorted."""
    begin, end = block.traces.offsets[trace : trace + 2].tolist()
    rows = np.arange(begin, end)
    if block.columns.live is not None:
        rows = rows[block.columns.live[begin:end]]
    is_error = block.columns.numbers("status")[rows] == _STATUS_ERROR
    ids, numbers = np.unique(services.ids[rows], return_inverse=True)
    spans, errors = np.bincount(numbers), np.bincount(numbers, weights=is_error)
    found: dict[str, tuple[int, int]] = {}
    for number, of_spans, of_errors in zip(ids.tolist(), spans, errors, strict=True):
        name = str(services.values[number]) if number >= 0 else ""
        before = found.get(name, (0, 0))
        found[name] = (before[0] + int(of_spans), before[1] + int(of_errors))
    return dict(sorted(found.items()))


def _text(dictionary: Dictionary, row: int) -> str:
    number = int(dictionary.ids[row])
    return str(dictionary.values[number]) if number >= 0 else ""
