"""What follows from several samples of one text: start times, histograms with custom bounds.

The places are found once for a layout (`make_plan`); afterwards a scrape is a few array operations
for each histogram.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from appliance.base.errors import BadInput
from appliance.model.labels import Labels
from appliance.model.sample import box_histograms
from appliance.wire.exposition.custom_buckets import custom_histogram
from appliance.wire.numbers import parse_float

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.model.histogram import Histogram
    from appliance.model.sample import MetricMetadata
    from appliance.wire.exposition.result import ParseOptions, SeriesRows

_CREATED = "_created"
_PARTS = ("_bucket", "_count", "_sum")
_STARTED = {"counter", "histogram", "summary"}
_MAX_SECONDS = 1e12


@dataclass(slots=True)
class _Classic:
    """Where the parts of one classic histogram are."""

    row: int
    buckets: list[tuple[float, int]] = field(default_factory=list)
    count_at: int | None = None
    sum_at: int | None = None


@dataclass(frozen=True, slots=True)
class _Conversion:
    bounds: NDArray[np.float64]
    bucket_at: NDArray[np.int64]
    count_at: int | None
    sum_at: int | None

    def histogram(self, values: NDArray[np.float64]) -> Histogram | None:
        return custom_histogram(
            self.bounds,
            values[self.bucket_at],
            count=None if self.count_at is None else float(values[self.count_at]),
            total=0.0 if self.sum_at is None else float(values[self.sum_at]),
        )


@dataclass(frozen=True, slots=True)
class Derived:
    """A scrape after a plan: see `Scrape` for the fields."""

    rows: NDArray[np.int64]
    values: NDArray[np.float64]
    histograms: Sequence[Histogram]
    starts_ms: NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the samples of one layout.

    Attributes:
        rows: int64[output]: rows of kept samples, then those of histograms.
        keep: int64[kept], places of the samples that stay.
        created_at: int64[output], where the start time of each is; -1 for none.
        part_of: Row of a classic series that is not kept -> row of its histogram.
    """

    rows: NDArray[np.int64]
    keep: NDArray[np.int64]
    conversions: Sequence[_Conversion]
    created_at: NDArray[np.int64]
    part_of: Mapping[int, int]

    def apply(self, values: NDArray[np.float64]) -> Derived:
        """The samples of one scrape; histograms that contradict themselves are left out."""
        starts = self._starts(values)
        if not self.conversions:
            return Derived(self.rows, values[self.keep], (), starts)
        made = [conversion.histogram(values) for conversion in self.conversions]
        histograms = [one for one in made if one is not None]
        cells = box_histograms(np.arange(len(histograms), dtype=np.int64))
        found = np.concatenate([values[self.keep], cells])
        if len(histograms) == len(made):
            return Derived(self.rows, found, histograms, starts)
        kept = np.ones(len(self.rows), dtype=bool)
        kept[len(self.keep) :] = [one is not None for one in made]
        return Derived(self.rows[kept], found, histograms, None if starts is None else starts[kept])

    def _starts(self, values: NDArray[np.float64]) -> NDArray[np.int64] | None:
        has = self.created_at >= 0
        if not has.any():
            return None
        seconds = values[self.created_at[has]]
        starts = np.zeros(len(has), dtype=np.int64)
        sane = np.abs(seconds) < _MAX_SECONDS  # NaN is not
        starts[has] = np.where(sane, seconds * 1000, 0)
        return starts


def make_plan(
    series: SeriesRows,
    rows: NDArray[np.int64],
    families: Mapping[str, MetricMetadata],
    options: ParseOptions,
    *,
    openmetrics: bool,
) -> Plan | None:
    """The plan for samples of these rows; None when nothing follows from them.

    Args:
        series: Labels of rows; gets rows for histograms that are made.
        rows: int64[series], distinct.
        families: What the text says of its metric families.
        options: What is wanted.
        openmetrics: Whether `_created` means anything.
    """
    types = {name: item.type for name, item in families.items()}
    listed = rows.tolist()
    created = _created(series, listed, types) if openmetrics else {}
    classic = _classic(series, listed, types) if options.custom_buckets else {}
    taken = set(listed)
    classic = {key: one for key, one in classic.items() if one.row not in taken}
    if not created and not classic:
        return None
    parts: dict[int, int] = {}
    for one in classic.values():
        places = [at for _, at in one.buckets]
        places += [at for at in (one.count_at, one.sum_at) if at is not None]
        parts |= dict.fromkeys(places, one.row)
    gone = set() if options.keep_classic else set(parts)
    if options.skip_created:
        gone |= set(created.values())
    keep = [at for at in range(len(listed)) if at not in gone]
    keys = [_key(series.labels[listed[at]], types) for at in keep] + list(classic)
    return Plan(
        rows=np.array([listed[at] for at in keep] + [one.row for one in classic.values()]),
        keep=np.array(keep, dtype=np.int64),
        conversions=[_conversion(one) for one in classic.values()],
        created_at=np.array([created.get(key, -1) if key else -1 for key in keys], dtype=np.int64),
        part_of={listed[at]: parts[at] for at in gone if at in parts},
    )


_Key = tuple[str, Labels]


def _key(labels: Labels, types: Mapping[str, str]) -> _Key | None:
    """The metric a sample is part of: its family and labels; None when it has no start time."""
    name = labels.get("__name__")
    base, own = name, {"__name__"}
    for suffix, kinds, bound in _SUFFIXES:
        family = name.removesuffix(suffix)
        if name.endswith(suffix) and types.get(family) in kinds:
            base, own = family, own | {bound}
            break
    else:
        return None
    return base, labels.without(*own)


_SUFFIXES = (
    ("_total", {"counter"}, ""),
    ("_bucket", {"histogram"}, "le"),
    ("_count", {"histogram", "summary"}, ""),
    ("_sum", {"histogram", "summary"}, ""),
    ("", {"summary"}, "quantile"),
)


def _created(series: SeriesRows, rows: Sequence[int], types: Mapping[str, str]) -> dict[_Key, int]:
    """Where the creation times are, by what was created."""
    found: dict[_Key, int] = {}
    for at, row in enumerate(rows):
        labels = series.labels[row]
        name = labels.get("__name__")
        base = name.removesuffix(_CREATED)
        if name.endswith(_CREATED) and types.get(base) in _STARTED:
            found[base, labels.without("__name__")] = at
    return found


def _classic(
    series: SeriesRows, rows: Sequence[int], types: Mapping[str, str]
) -> dict[_Key, _Classic]:
    """The classic histograms, by family and labels."""
    found: dict[_Key, _Classic] = {}
    for at, row in enumerate(rows):
        labels = series.labels[row]
        name = labels.get("__name__")
        suffix = next((one for one in _PARTS if name.endswith(one)), "")
        base = name.removesuffix(suffix)
        if not suffix or types.get(base) != "histogram":
            continue
        bound = _bound(labels.get("le")) if suffix == "_bucket" else 0.0
        if bound is None:
            continue
        rest = labels.without("__name__", "le")
        one = found.get((base, rest))
        if one is None:
            own = series.row(rest.extended({"__name__": base}))
            one = found[base, rest] = _Classic(own)
        if suffix == "_bucket":
            one.buckets.append((bound, at))
        elif suffix == "_count":
            one.count_at = at
        else:
            one.sum_at = at
    return found


def _bound(text: str) -> float | None:
    try:
        value = parse_float(text.encode())
    except BadInput:
        return None
    return None if value != value else value  # noqa: PLR0124 - NaN bounds nothing


def _conversion(one: _Classic) -> _Conversion:
    buckets = sorted(one.buckets)
    return _Conversion(
        bounds=np.array([bound for bound, _ in buckets], dtype=np.float64),
        bucket_at=np.array([at for _, at in buckets], dtype=np.int64),
        count_at=one.count_at,
        sum_at=one.sum_at,
    )
