"""`/storage`: how full the disk is, with what, for how long it will do, and what was removed.

Growth is an estimate: the bytes of what is in blocks, by the days of its own times, of the last
week. What has been received and is not in blocks yet is in the sizes and not in the growth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from appliance.syntax.quoting import quote as quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.store.retention import PrunePass
    from appliance.store.usage import Usage

#: Days that growth is estimated from, and the least that tells something.
_DAYS, _LEAST_MS = 7, 3_600_000
_DAY_MS = 86_400_000
#: Entries of each ranking.
MOST = 10
#: Signals with blocks, by which growth is known.
SIGNALS = ("metrics", "logs", "traces")
_LINKS = {"metrics": "/metrics", "logs": "/logs", "traces": "/traces", "alerts": "/notifications"}
_NAMES = {
    "alerts": "Alerts and what happened to them",
    "forward": "Waiting to be forwarded",
    "pushes": "Pushed groups",
    "archive": "Archived traces",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What was found at one time.

    Attributes:
        usages: By signal.
        ages_ms, bounds: Retention by signal: age, and bytes where there is a bound.
        special: (what, signal, age in ms) of rules for some tenants or streams.
        passes, effective: The last retention pass by signal, and the last that removed something.
        damaged: What was set aside at the start; `leftovers` are such files with their sizes.
        metric_series: Names of metrics with the most series.
        disk_bytes, disk_free_bytes: Of the file system.
    """

    at_ms: int
    directory: str
    is_ephemeral: bool
    usages: Mapping[str, Usage]
    ages_ms: Mapping[str, int]
    bounds: Mapping[str, int | None]
    total_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    special: Sequence[tuple[str, str, int]] = ()
    passes: Mapping[str, PrunePass] = field(default_factory=dict)
    effective: Mapping[str, PrunePass] = field(default_factory=dict)
    damaged: Sequence[str] = ()
    leftovers: Sequence[tuple[str, int]] = ()
    metric_series: Sequence[tuple[str, int]] = ()


class Storage(Protocol):
    """Who knows the files, and can prune."""

    def look(self) -> Look:
        """Look at the files; a plain call that may take seconds."""
        ...

    async def prune(self) -> Mapping[str, PrunePass]:
        """Remove now what retention does not cover; the passes by signal."""
        ...


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a signal grows.

    Attributes:
        bytes_per_day: None where nothing is known yet.
        hours: How much data the estimate is from.
        full_in_days: Until its bound is reached; None: never, as far as one can see.
        levels_off_bytes: What it comes to once retention removes as much as comes in.
    """

    bytes_per_day: int | None = None
    hours: float = 0.0
    full_in_days: float | None = None
    levels_off_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant's part of a signal, an estimate."""

    name: str
    bytes: int
    percent: float


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal's file.

    Attributes:
        percent: Of the bound that applies.
        state: `ok`, `filling` (less than a week left) or `full`.
        pass_ago_ms, pruned_ago_ms: Since the last pass, and since the last that removed something.
    """

    name: str
    title: str
    link: str
    bytes: int
    wal_bytes: int
    free_bytes: int
    inbox_bytes: int
    blocks: int
    items: int
    oldest_ms: int | None
    newest_ms: int | None
    age_ms: int | None
    bound_bytes: int | None
    percent: float | None
    forecast: Forecast
    state: str
    tenants: tuple[TenantRow, ...]
    is_complete: bool
    pass_ago_ms: int | None
    pass_seconds: float
    pass_failed: bool
    pruned_ago_ms: int | None
    pruned_blocks: int
    pruned_bytes: int


@dataclass(frozen=True, slots=True)
class TopRow:
    """An entry of a ranking."""

    name: str
    count: int
    bytes: int | None
    link: str


@dataclass(frozen=True, slots=True)
class StoragePage:
    """What the page shows.

    Attributes:
        budget_bytes: What all may take: the setting, or what the disk has if that is less.
        forecast: Of all signals together.
        days_left: Until the budget is used up; None: never, or not known.
    """

    look: Look
    signals: tuple[SignalRow, ...]
    others: tuple[SignalRow, ...]
    used_bytes: int
    budget_bytes: int
    is_disk_the_limit: bool
    percent: float
    forecast: Forecast
    streams: tuple[TopRow, ...]
    metrics: tuple[TopRow, ...]

    @property
    def days_left(self) -> float | None:
        """Until the budget is used up; None: never, or not known."""
        return self.forecast.full_in_days


def storage_page(look: Look, now_ms: int) -> StoragePage:
    """The page of a look."""
    used = sum(usage.disk_bytes for usage in look.usages.values())
    budget = min(look.total_bytes, used + look.disk_free_bytes)
    rows = {name: _row(look, name, now_ms) for name in look.usages}
    known = [rows[name] for name in SIGNALS if name in rows]
    return StoragePage(
        look=look,
        signals=tuple(known),
        others=tuple(row for name, row in rows.items() if name not in SIGNALS),
        used_bytes=used,
        budget_bytes=budget,
        is_disk_the_limit=budget < look.total_bytes,
        percent=_percent(used, budget),
        forecast=_together([row.forecast for row in known], used, budget),
        streams=_streams(look),
        metrics=tuple(
            TopRow(name, count, None, f"/metrics?g0.expr={quote(name)}")
            for name, count in look.metric_series[:MOST]
        ),
    )


def forecast(usage: Usage, now_ms: int, *, age_ms: int | None, room_bytes: int | None) -> Forecast:
    """How a file grows, by the blocks of the last week.

    Args:
        age_ms: How long its data are kept.
        room_bytes: How much more it may take; None: without a bound.
    """
    today = now_ms // _DAY_MS
    first_day = today - _DAYS
    recent = sum(size for day, size in usage.by_day.items() if day >= first_day)
    if usage.oldest_ms is None or usage.newest_ms is None or not recent:
        return Forecast()
    start_ms = max(usage.oldest_ms, first_day * _DAY_MS)
    covered_ms = min(usage.newest_ms, now_ms) - start_ms
    if covered_ms < _LEAST_MS:
        return Forecast()
    per_day = int(recent / covered_ms * _DAY_MS)
    level = None if age_ms is None else int(per_day * age_ms / _DAY_MS)
    full = None
    if room_bytes is not None and per_day > 0:
        never_full = level is not None and level <= room_bytes + usage.live_bytes
        full = None if never_full else room_bytes / per_day
    return Forecast(per_day, covered_ms / 3_600_000, full, level)


def _together(parts: Sequence[Forecast], used: int, budget: int) -> Forecast:
    known = [part for part in parts if part.bytes_per_day is not None]
    if not known:
        return Forecast()
    per_day = sum(part.bytes_per_day or 0 for part in known)
    level = sum(part.levels_off_bytes or 0 for part in known)
    full = max(0, budget - used) / per_day if per_day and level > budget else None
    return Forecast(per_day, max(part.hours for part in known), full, level)


def _row(look: Look, name: str, now_ms: int) -> SignalRow:
    usage, bound, age = look.usages[name], look.bounds.get(name), look.ages_ms.get(name)
    room = None if bound is None else max(0, bound - usage.live_bytes)
    growth = forecast(usage, now_ms, age_ms=age, room_bytes=room)
    last, effective = look.passes.get(name), look.effective.get(name)
    percent = None if bound is None else _percent(usage.live_bytes, bound)
    state = "ok"
    if percent is not None and percent >= 100:
        state = "full"
    elif growth.full_in_days is not None and growth.full_in_days < _DAYS:
        state = "filling"
    return SignalRow(
        name=name,
        title=_NAMES.get(name, name.capitalize()),
        link=_LINKS.get(name, ""),
        bytes=usage.disk_bytes,
        wal_bytes=usage.wal_bytes,
        free_bytes=usage.free_bytes,
        inbox_bytes=usage.inbox_bytes,
        blocks=usage.blocks,
        items=usage.items,
        oldest_ms=usage.oldest_ms,
        newest_ms=usage.newest_ms,
        age_ms=age,
        bound_bytes=bound,
        percent=percent,
        forecast=growth,
        state=state,
        tenants=_tenants(usage),
        is_complete=usage.is_complete,
        pass_ago_ms=None if last is None else max(0, now_ms - last.at_ms),
        pass_seconds=0.0 if last is None else last.seconds,
        pass_failed=last is not None and last.failed,
        pruned_ago_ms=None if effective is None else max(0, now_ms - effective.at_ms),
        pruned_blocks=0 if effective is None else effective.pruned.blocks,
        pruned_bytes=0 if effective is None else effective.pruned.bytes,
    )


def _tenants(usage: Usage) -> tuple[TenantRow, ...]:
    total = sum(usage.by_tenant.values())
    largest = sorted(usage.by_tenant.items(), key=lambda item: -item[1])[:MOST]
    return tuple(TenantRow(name, size, _percent(size, total)) for name, size in largest)


def _streams(look: Look) -> tuple[TopRow, ...]:
    rows = []
    for stream in look.usages["logs"].streams if "logs" in look.usages else ():
        selector = "{" + ", ".join(f"{n}={quoted(v)}" for n, v in stream.labels) + "}"
        link = f"/logs?q={quote(selector)}"
        rows.append(TopRow(selector, stream.entries, stream.text_bytes, link))
    return tuple(rows[:MOST])


def _percent(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0 else 0.0
