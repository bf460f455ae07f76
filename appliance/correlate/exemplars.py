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
    from appliance.model.sources import Guard, SeriesSource
    from appliance.traces.window import Window

_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class TracedExemplar:
    """An exemplar with the trace it points to."""

    series: Labels
    exemplar: Exemplar
    reference: TraceReference


def traced_exemplars(
    source: SeriesSource, matchers: Sequence[tuple[Matcher, ...]], window: Window, *, guard: Guard
) -> Iterator[TracedExemplar]:
    """Exemplars with a trace's id, of series that match one of the alternatives.

    Raises:
        TimedOut: As the guard says.
    """
    for found in source.exemplars(matchers, window.start_ns // _MS, window.end_ns // _MS):
        guard.check()
        for exemplar in found.exemplars:
            for reference in find_references(labels=dict(exemplar.labels))[:1]:
                yield TracedExemplar(found.labels, exemplar, reference)
