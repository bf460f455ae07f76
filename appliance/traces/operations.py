"""Latency and errors per operation over a range of time; exact, from all spans that start in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import KINDS, STATUS_ERROR, equal
from appliance.traces.gather import Gathered
from appliance.traces.quantiles import group_quantiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traces.window import Window

_QUANTILES = (0.5, 0.95, 0.99)
_Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class OperationStats:
    """One operation of one service.

    Attributes:
        kind: As in `criteria.KINDS`.
        errors: Spans whose status is an error.
    """

    service: str
    name: str
    kind: str
    calls: int
    errors: int
    mean_ns: float
    p50_ns: float
    p95_ns: float
    p99_ns: float
    max_ns: int

    @property
    def error_ratio(self) -> float:
        """Errors per call."""
        return self.errors / self.calls


def operation_stats(
    source: SpanSource, window: Window, guard: Guard, *, service: str | None = None
) -> list[OperationStats]:
    """Figures of all operations, or those of one service, sorted by names and kind.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    spans: Gathered[_Key] = Gathered()
    for columns in source.scan(window.start_ns, window.end_ns, guard):
        guard.check()
        mask = window.rows(columns)
        if service is not None:
            mask &= equal(columns.services(), service)
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        codes = columns.services().ids[rows].astype(np.int64) + 1
        codes = (codes << 32) | (columns.names().ids[rows].astype(np.int64) + 1)
        codes = (codes << 3) | columns.numbers("kind")[rows]
        errors = (columns.numbers("status")[rows] == STATUS_ERROR).astype(np.int64)
        spans.add(codes, _namer(columns), columns.numbers("duration_ns")[rows], errors)
    return _figures(spans) if spans.keys else []


def _figures(spans: Gathered[_Key]) -> list[OperationStats]:
    groups, durations, errors = spans.groups, spans.column(0), spans.column(1)
    calls = np.bincount(groups)
    longest = np.zeros(len(calls), np.int64)
    np.maximum.at(longest, groups, durations)
    figures = zip(
        spans.keys,
        calls.tolist(),
        np.bincount(groups, weights=errors).astype(np.int64).tolist(),
        (np.bincount(groups, weights=durations) / calls).tolist(),
        group_quantiles(groups, durations, _QUANTILES).tolist(),
        longest.tolist(),
        strict=True,
    )
    found = [
        OperationStats(service, name, KINDS[kind], number, failed, mean, p50, p95, p99, most)
        for (service, name, kind), number, failed, mean, (p50, p95, p99), most in figures
    ]
    return sorted(found, key=lambda one: (one.service, one.name, one.kind))


def _namer(columns: SpanColumns) -> Callable[[int], _Key]:
    services = ["", *map(str, columns.services().values)]
    names = ["", *map(str, columns.names().values)]

    def name(code: int) -> _Key:
        return services[code >> 35], names[code >> 3 & 0xFFFFFFFF], code & 7

    return name
