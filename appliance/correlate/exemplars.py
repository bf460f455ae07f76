"""Exemplars that point to traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.correlate.trace_ids import find_references

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.correlate.trace_ids import TraceReference
    from appliance.model.exemplar import Exemplar
    from appliance.model.labels import Labels
    from appliance.model.matcher import Matcher
    from appliance.model.sources import SeriesSource


@dataclass(frozen=True, slots=True)
class TracedExemplar:
    """An exemplar with the trace it points to."""

    series: Labels
    exemplar: Exemplar
    reference: TraceReference


def traced_exemplars(
    source: SeriesSource, matchers: Sequence[tuple[Matcher, ...]], start_ms: int, end_ms: int
) -> Iterator[TracedExemplar]:
    """Exemplars with a trace's id, of series that match one of the alternatives.

    start_ms, end_ms: Both included.
    """
    for found in source.exemplars(matchers, start_ms, end_ms):
        for exemplar in found.exemplars:
            for reference in find_references(labels=dict(exemplar.labels))[:1]:
                yield TracedExemplar(found.labels, exemplar, reference)
