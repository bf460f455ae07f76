"""Exemplars: single observations that point to a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.model.labels import Labels


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One observation.

    Attributes:
        labels: Its own labels, such as trace_id.
    """

    labels: Labels
    value: float
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class SeriesExemplars:
    """Exemplars of one series, ascending by time."""

    labels: Labels
    exemplars: Sequence[Exemplar]
