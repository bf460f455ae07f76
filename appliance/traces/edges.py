"""Calls between services, from the parents and children of stored spans.

A call is a span whose parent belongs to another service and which starts in the window. Differs
from Jaeger: calls of a service to itself are left out, and a trace that begins before the window
is not left out as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import STATUS_ERROR
from appliance.traces.gather import Gathered
from appliance.traces.parents import parent_rows
from appliance.traces.quantiles import group_quantiles
from appliance.traces.window import EARLIEST_NS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traces.window import Window

QUANTILES = (0.5, 0.95, 0.99)
#: Parents are looked for so long before the window.
_EARLIER_NS = 900 * 10**9


@dataclass(frozen=True, slots=True)
class Edge:
    """Calls of one service by another one.

    Attributes:
        errors: Calls whose span in the called service has an error status.
        p50_ns, p95_ns, p99_ns, max_ns: Of the called service's spans.
    """

    parent: str
    child: str
    calls: int
    errors: int
    p50_ns: float
    p95_ns: float
    p99_ns: float
    max_ns: int


def dependencies(source: SpanSource, window: Window, guard: Guard) -> list[tuple[str, str, int]]:
    """(parent, child, number of calls), sorted.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found: dict[tuple[str, str], int] = {}
    with _blocks(source, window, guard) as blocks:
        for columns in blocks:
            guard.check()
            _, codes = _calls(columns, window)
            name = _namer(columns)
            for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
                pair = name(int(code))
                found[pair] = found.get(pair, 0) + int(count)
    return sorted((parent, child, count) for (parent, child), count in found.items())


def service_edges(source: SpanSource, window: Window, guard: Guard) -> list[Edge]:
    """Edges of the service map, sorted by names; raises as `dependencies`."""
    calls: Gathered[tuple[str, str]] = Gathered()
    with _blocks(source, window, guard) as blocks:
        for columns in blocks:
            guard.check()
            rows, codes = _calls(columns, window)
            durations = columns.numbers("duration_ns")[rows]
            errors = columns.numbers("status")[rows] == STATUS_ERROR
            calls.add(codes, _namer(columns), durations, errors.astype(np.int64))
    if not calls.keys:
        return []
    groups, durations, errors = calls.groups, calls.column(0), calls.column(1)
    count = len(calls.keys)
    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, groups, durations)
    figures = zip(
        calls.keys,
        np.bincount(groups).tolist(),
        np.bincount(groups, weights=errors).astype(np.int64).tolist(),
        group_quantiles(groups, durations, QUANTILES).tolist(),
        longest.tolist(),
        strict=True,
    )
    edges = [
        Edge(*pair, calls=number, errors=failed, p50_ns=p50, p95_ns=p95, p99_ns=p99, max_ns=most)
        for pair, number, failed, (p50, p95, p99), most in figures
    ]
    return sorted(edges, key=lambda edge: (edge.parent, edge.child))


def _blocks(
    source: SpanSource, window: Window, guard: Guard
) -> AbstractContextManager[Sequence[SpanColumns]]:
    start_ns = max(window.start_ns - _EARLIER_NS, EARLIEST_NS)
    return source.whole_traces(start_ns, window.end_ns, guard)


def _calls(columns: SpanColumns, window: Window) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of called spans, and a code for each that tells both services: int64[call] each."""
    parents, services = parent_rows(columns), columns.services().ids
    rows = np.flatnonzero((parents >= 0) & window.rows(columns))
    callers, called = services[parents[rows]], services[rows]
    is_call = (callers != called) & (callers >= 0) & (called >= 0)
    codes = (callers[is_call].astype(np.int64) << 32) | called[is_call]
    return rows[is_call], codes


def _namer(columns: SpanColumns) -> Callable[[int], tuple[str, str]]:
    """Gives the services of a code of `_calls`."""
    names = [str(name) for name in columns.services().values]
    return lambda code: (names[code >> 32], names[code & 0xFFFFFFFF])
