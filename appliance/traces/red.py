"""Rate, errors and duration of services over a range of time; exact, from all spans in it.

Requests of a service are the spans with which something from outside came in: those of kind server
or consumer, and those without a parent. Of a service that has none of them every span counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.traces.criteria import STATUS_ERROR, equal
from appliance.traces.gather import Gathered, distinct_codes
from appliance.traces.quantiles import group_quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from appliance.model.sources import Guard, SpanSource
    from appliance.model.trace import SpanColumns
    from appliance.traces.window import Window

_QUANTILES = (0.5, 0.95, 0.99)
_SERVER, _CONSUMER = 2, 5


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """One service in a window.

    Attributes:
        requests, errors: Spans that count, and those of them with an error status.
        is_every_span: No span came from outside, so all of them count.
        p50_ns, p95_ns, p99_ns, max_ns: Of the requests.
        calls_over_time, errors_over_time: By bucket.
        last_ns: Start of the newest span.
        versions: (`service.version`, start of its first span in the window), oldest first.
    """

    service: str
    spans: int
    requests: int
    errors: int
    is_every_span: bool
    p50_ns: float
    p95_ns: float
    p99_ns: float
    max_ns: int
    calls_over_time: Sequence[int]
    errors_over_time: Sequence[int]
    last_ns: int
    versions: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True, slots=True)
class LatencyOverTime:
    """Quantiles by bucket: None where nothing was asked of the service."""

    p50_ns: Sequence[float | None] = ()
    p95_ns: Sequence[float | None] = ()
    p99_ns: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class _Spans:
    """What has been gathered: a row per span, `keys` by group number."""

    rows: Gathered[str]
    versions: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Red:
    """Figures of services over equal buckets of a window, and how one of them got on."""

    services: Sequence[ServiceFigures]
    latency: LatencyOverTime


def red(
    source: SpanSource, window: Window, guard: Guard, *, buckets: int, service: str | None = None
) -> Red:
    """Figures of all services that have spans in a window, sorted by name, or of one.

    Args:
        service: Only this one; then the answer has its latency over time too.

    Raises:
        LimitExceeded, TimedOut: As the guard says.
    """
    found = _Spans(Gathered())
    for columns in source.scan(window.start_ns, window.end_ns, guard):
        guard.check()
        mask = window.rows(columns)
        if service is not None:
            mask &= equal(columns.services(), service)
        rows = np.flatnonzero(mask)
        if len(rows):
            _add(found, columns, rows)
    if not found.rows.keys:
        return Red([], LatencyOverTime())
    return _figures(found, window, buckets, wants_latency=service is not None)


def _add(found: _Spans, columns: SpanColumns, rows: NDArray[np.int64]) -> None:
    services = columns.services()
    names = ["", *map(str, services.values)]
    codes = services.ids[rows].astype(np.int64) + 1
    starts = columns.numbers("start_ns")[rows]
    kinds = columns.numbers("kind")[rows]
    is_entry = (kinds == _SERVER) | (kinds == _CONSUMER)
    is_entry |= columns.numbers("parent_id")[rows] == 0
    errors = columns.numbers("status")[rows] == STATUS_ERROR
    found.rows.add(
        codes,
        names.__getitem__,
        starts,
        columns.numbers("duration_ns")[rows],
        errors.astype(np.int64),
        is_entry.astype(np.int64),
    )
    versions = columns.attribute("resource", "service.version")
    if versions is None:
        return
    of_versions = versions.ids[rows].astype(np.int64)
    has_one = of_versions >= 0
    count = len(versions.values)
    pairs, places = distinct_codes((codes * count + of_versions)[has_one])
    firsts = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(firsts, places, starts[has_one])
    for pair, first in zip(pairs.tolist(), firsts.tolist(), strict=True):
        known = found.versions.setdefault(names[pair // count], {})
        version = str(versions.values[pair % count])
        known[version] = min(known.get(version, first), first)


def _figures(found: _Spans, window: Window, buckets: int, *, wants_latency: bool) -> Red:
    groups, starts = found.rows.groups, found.rows.column(0)
    durations, errors = found.rows.column(1), found.rows.column(2)
    count = len(found.rows.keys)
    entries = np.bincount(groups, weights=found.rows.column(3), minlength=count)
    counts_all = entries == 0
    is_request = (found.rows.column(3) == 1) | counts_all[groups]
    spans, newest = np.bincount(groups, minlength=count), np.zeros(count, np.int64)
    np.maximum.at(newest, groups, starts)
    groups, starts = groups[is_request], starts[is_request]
    durations, errors = durations[is_request], errors[is_request]
    length = max(1, window.end_ns - window.start_ns)
    at = ((starts - window.start_ns).astype(np.float64) * (buckets / length)).astype(np.int64)
    at = np.clip(at, 0, buckets - 1)
    cells = groups * buckets + at
    calls_at = np.bincount(cells, minlength=count * buckets).reshape(count, buckets)
    errors_at = np.bincount(cells, weights=errors, minlength=count * buckets)
    errors_at = errors_at.astype(np.int64).reshape(count, buckets)
    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, groups, durations)
    quantiles = group_quantiles(groups, durations, _QUANTILES).tolist()
    services = [
        ServiceFigures(
            service=name,
            spans=int(spans[number]),
            requests=int(calls_at[number].sum()),
            errors=int(errors_at[number].sum()),
            is_every_span=bool(counts_all[number]),
            p50_ns=quantiles[number][0],
            p95_ns=quantiles[number][1],
            p99_ns=quantiles[number][2],
            max_ns=int(longest[number]),
            calls_over_time=calls_at[number].tolist(),
            errors_over_time=errors_at[number].tolist(),
            last_ns=int(newest[number]),
            versions=_sorted(found.versions.get(name, {})),
        )
        for name, number in sorted(found.rows.keys.items())
    ]
    return Red(services, _latency(at, durations, buckets) if wants_latency else LatencyOverTime())


def _sorted(versions: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(versions.items(), key=lambda item: item[1])


def _latency(at: NDArray[np.int64], durations: NDArray[np.int64], buckets: int) -> LatencyOverTime:
    """Quantiles of every bucket that has spans."""
    filled, numbers = np.unique(at, return_inverse=True)
    found = group_quantiles(numbers.reshape(-1), durations, _QUANTILES)
    lines: list[list[float | None]] = [[None] * buckets for _ in _QUANTILES]
    for place, values in zip(filled.tolist(), found.tolist(), strict=True):
        for line, value in zip(lines, values, strict=True):
            line[place] = value
    return LatencyOverTime(*lines)
