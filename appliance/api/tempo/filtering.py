"""Some spans of a trace: those that a TraceQL filter wants, and what is above or below them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.api.tempo.queries import elements_of
from appliance.base.errors import BadInput
from appliance.model.trace import TraceSpans
from appliance.traceql.ast import SpansetFilter
from appliance.traceql.block import Block
from appliance.traceql.expressions.evaluate import matching
from appliance.traceql.parser import parse_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from appliance.model.sources import Guard, SpanSource

_BOOLEANS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_ALL = -1


def make_filter(text: str, given: Mapping[str, str]) -> TraceFilter:
    """The filter of a request.

    Args:
        text: One spanset filter.
        given: `keep_hierarchy`, or `ancestor_depth` and `match_depth`.

    Raises:
        BadInput: Not one spanset filter, or not such parameters.
    """
    try:
        query = parse_query(text)
    except BadInput as error:
        raise BadInput(
            f"invalid q filter: failed to parse TraceQL spanset filter: {error}"
        ) from error
    elements = elements_of(query)
    wanted = elements[0] if len(elements) == 1 else None
    if not isinstance(wanted, SpansetFilter):
        raise BadInput("invalid q filter: only a single TraceQL spanset filter is supported")
    keep = given.get("keep_hierarchy", "") or "true"
    if keep not in _BOOLEANS:
        raise BadInput(
            f'invalid value for keep_hierarchy: strconv.ParseBool: parsing "{keep}": invalid syntax'
        )
    above = _depth(given, "ancestor_depth", _ALL) if _BOOLEANS[keep] else 0
    return TraceFilter(wanted, above, _depth(given, "match_depth", 0))


def _depth(given: Mapping[str, str], name: str, usual: int) -> int:
    text = given.get(name, "")
    try:
        found = int(text) if text else usual
    except ValueError:
        found = _ALL - 1
    if found < _ALL:
        raise BadInput(f"invalid value for {name}: {text!r} is neither -1 nor a number of levels")
    return found


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which spans of a trace are wanted.

    Attributes:
        above, below: Levels of ancestors and descendants that come along; -1: all of them.
    """

    filter: SpansetFilter
    above: int
    below: int

    def apply(
        self, source: SpanSource, trace_id: bytes, spans: TraceSpans, guard: Guard
    ) -> TraceSpans:
        """Those of a trace's spans, in their order.

        Raises:
            LimitExceeded, TimedOut: As the guard says.
        """
        from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: PLC0415 - protobuf

        heads = [Span.FromString(stored.span) for stored in spans]
        starts = [span.start_time_unix_nano for span in heads]
        matched = self._matched(source, trace_id, (min(starts), max(starts) + 1), guard)
        links = [(bytes(span.span_id), bytes(span.parent_span_id)) for span in heads]
        wanted = matched | _reached(matched, links, self.above)
        children = [(parent, span) for span, parent in links]
        wanted |= _reached(matched, children, self.below)
        found = TraceSpans(
            stored for stored, (span, _) in zip(spans, links, strict=True) if span in wanted
        )
        found.is_partial = spans.is_partial
        return found

    def _matched(
        self, source: SpanSource, trace_id: bytes, range_ns: tuple[int, int], guard: Guard
    ) -> set[bytes]:
        """Ids of the spans for which the filter holds."""
        found: set[bytes] = set()
        with source.whole_traces(*range_ns, guard) as blocks:
            for columns in blocks:
                ids = columns.traces().ids
                (numbers,) = np.nonzero((ids == np.frombuffer(trace_id, np.uint8)).all(axis=1))
                if not len(numbers):
                    continue
                block = Block(columns, guard)
                mask = matching(self.filter.expression, block) & (block.trace_of == numbers[0])
                span_ids = columns.numbers("span_id")[mask].tolist()
                found |= {int(one).to_bytes(8) for one in span_ids}
        return found


def _reached(first: set[bytes], edges: list[tuple[bytes, bytes]], levels: int) -> set[bytes]:
    """What edges lead to, so many levels far."""
    following: dict[bytes, list[bytes]] = {}
    for start, end in edges:
        following.setdefault(start, []).append(end)
    found: set[bytes] = set()
    layer = first
    while layer and levels:
        layer = {end for start in layer for end in following.get(start, ())} - found - first
        found |= layer
        levels -= 1
    return found
